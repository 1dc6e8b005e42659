/**
 * What modules of the machine-learning backend plug into.
 *
 * @packageDocumentation
 */
export * from './changes/pullRequestHostExtensionPoint';
