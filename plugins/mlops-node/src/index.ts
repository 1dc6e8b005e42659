/**
 * What modules of the machine-learning backend plug into.
 *
 * @packageDocumentation
 */
export * from './changes/pullRequestHostExtensionPoint';
export * from './permissions/conditions';
export * from './permissions/resources';
export * from './permissions/rules';
export * from './runs/workflowEnginesExtensionPoint';
