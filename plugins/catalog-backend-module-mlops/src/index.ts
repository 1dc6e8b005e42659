/**
 * Projects, models, pipelines and datasets as catalog entities.
 *
 * @packageDocumentation
 */
export { catalogModuleMlops as default } from './module';
