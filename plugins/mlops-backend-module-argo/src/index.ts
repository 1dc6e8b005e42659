/**
 * Runs of machine-learning pipelines on clusters with Argo Workflows.
 *
 * @packageDocumentation
 */
export { mlopsModuleArgo as default } from './module';
