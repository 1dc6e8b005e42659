/**
 * The command `mlops`: lint and run.
 *
 * @packageDocumentation
 */
export { main } from './main';
