/* The engine and the executor as they are, read by the same transform that the portal reads them with. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const { initialState, isTerminal, lastTime, operate, podName } =
  require('@backstage-mlops/argo-engine') as typeof import('@backstage-mlops/argo-engine');
export const { followLog, LocalStepRunner, readLog, waitForEnd } =
  require('@backstage-mlops/mlops-executor') as typeof import('@backstage-mlops/mlops-executor');
export const { generate } =
  require('selfsigned') as typeof import('selfsigned');
