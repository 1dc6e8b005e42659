/**
 * Experiment tracking, artifact bytes and the model registry: stores, a service, and the MLflow REST protocol.
 *
 * @packageDocumentation
 */
export { applyTrackingMigrations } from './migrate';
export { FileArtifactStore } from './artifacts/FileArtifactStore';
export { TrackingService } from './TrackingService';
export {
  createTrackingRouter,
  type TrackingRouterOptions,
} from './createTrackingRouter';
export type { TrackingPrincipal } from './protocol/Guard';
export { MlflowError } from './protocol/errors';
export type { ModelManifest } from './models/RegistryStore';
