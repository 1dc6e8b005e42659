/**
 * Machine learning in plain TypeScript: nouns, decisions, ports.
 *
 * @packageDocumentation
 */
export * from './errors';
export * from './permissions';
export * from './projects/Project';
export * from './projects/MLProject';
export * from './pipelines/Pipeline';
export * from './runs/Run';
export * from './models/ModelVersion';
export * from './datasets/Dataset';
export * from './artifacts/ArtifactStore';
