/**
 * Tracking for pipeline steps: params, metrics, tags, files, model versions, over MLflow's REST protocol.
 *
 * @packageDocumentation
 */
export { fromEnvironment, TrackingClient } from './TrackingClient.ts';
export type {
  ModelVersionReference,
  RegisterModelOptions,
  Transport,
} from './types.ts';
