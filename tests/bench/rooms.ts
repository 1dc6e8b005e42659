/* The backend's rooms as they are, read by the same transform that the portal reads them with. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const { initialState, newWorkflow, parseWorkflows } =
  require('@backstage-mlops/argo-engine') as typeof import('@backstage-mlops/argo-engine');
export const { LocalStepRunner } =
  require('@backstage-mlops/mlops-executor') as typeof import('@backstage-mlops/mlops-executor');
export const { applyTrackingMigrations, FileArtifactStore, TrackingService } =
  require('@backstage-mlops/mlops-tracking') as typeof import('@backstage-mlops/mlops-tracking');

const backend = (file: string) =>
  require(`../../plugins/mlops-backend/src/${file}`);
export const { RunSupervisor } = backend('runs/RunSupervisor');
export const { ClusterRuns } = backend('runs/ClusterRuns');
export const { Leases } = backend('runs/Leases');
export const { RunQueue } = backend('runs/RunQueue');
export const { RunStore } = backend('runs/RunStore');
export const { RunTokens } = backend('runs/token');
export const { GitopsIndex } = backend('gitops/GitopsIndex');
export const { GitRepository } = backend('gitops/GitRepository');
export const Knex = createRequire(
  require.resolve('../../plugins/mlops-backend/package.json'),
)('knex');
export const { applyEdits, effectOf, readProject } =
  require('@backstage-mlops/mlops-core') as typeof import('@backstage-mlops/mlops-core');
