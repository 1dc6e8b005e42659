/**
 * Experiment tracking, artifact bytes and the model registry: stores, a service, and the MLflow REST protocol.
 *
 * @packageDocumentation
 */
export { applyTrackingMigrations } from './migrate';
export { FileArtifactStore } from './artifacts/FileArtifactStore';
export { TrackingService, type NewTrackingRun } from './TrackingService';
export {
  createTrackingRouter,
  type TrackingRouterOptions,
} from './createTrackingRouter';
export type { TrackingPrincipal } from './protocol/Guard';
export { MlflowError, type MlflowErrorCode } from './protocol/errors';
export {
  RegistryStore,
  type ModelManifest,
  type ModelRow,
  type VersionRow,
} from './models/RegistryStore';
export {
  ExperimentStore,
  type ExperimentRow,
} from './experiments/ExperimentStore';
export {
  RunStore,
  type Input,
  type Point,
  type RunRow,
} from './experiments/RunStore';
