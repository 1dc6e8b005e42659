/**
 * Runs one pipeline step as an isolated process that outlives its caller.
 *
 * @packageDocumentation
 */
export * from './types';
export { readResult, readStep, startStep, stopStep, waitForEnd } from './step';
export { probeIsolation } from './isolation';
export { findInside, insidePath } from './insidePath';
export { followLog, readLog } from './readLog';
export { LocalStepRunner, type ArtifactBytes, type LocalStepRunnerOptions, type StepAttempt, type StepEnvironment } from './LocalStepRunner';
