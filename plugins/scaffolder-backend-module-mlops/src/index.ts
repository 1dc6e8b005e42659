/**
 * New machine-learning projects by template.
 *
 * @packageDocumentation
 */
export { scaffolderModuleMlops as default } from './module';
