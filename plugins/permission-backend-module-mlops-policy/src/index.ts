/**
 * Example of a permission policy for machine-learning projects.
 *
 * @packageDocumentation
 */
export { mlopsPolicyModule as default } from './module';
export {
  decideMlops,
  readMlopsPolicy,
  type MlopsPolicyOptions,
} from './decideMlops';
