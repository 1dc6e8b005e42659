/**
 * Machine-learning projects in Backstage: HTTP, database, GitOps repository and the engine of this machine.
 *
 * @packageDocumentation
 */
export { peopleOnly } from './http/peopleOnly';
export { mlopsPlugin as default } from './plugin';
