/**
 * Projects, models, pipelines and datasets of the GitOps repository as catalog entities.
 *
 * @packageDocumentation
 */
export { catalogModuleMlops as default } from './module';
export { mlopsModelLayer } from './kinds';
