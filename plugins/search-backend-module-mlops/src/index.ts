/**
 * Projects, models, versions and runs in the search of Backstage.
 *
 * @packageDocumentation
 */
export { searchModuleMlops as default } from './module';
