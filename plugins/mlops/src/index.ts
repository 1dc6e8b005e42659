/**
 * Pages for machine-learning projects.
 *
 * @packageDocumentation
 */
export { mlopsPlugin as default } from './plugin';
export { mlopsTranslationRef } from './translation';
