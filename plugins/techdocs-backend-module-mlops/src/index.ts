/**
 * The docs of machine-learning projects in TechDocs.
 *
 * @packageDocumentation
 */
export { techdocsModuleMlops as default } from './module';
