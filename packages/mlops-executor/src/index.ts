/**
 * Runs one pipeline step as an isolated process that outlives its caller.
 *
 * @packageDocumentation
 */
export * from './types';
export {
  abandonStep,
  readResult,
  readStep,
  startStep,
  stopStep,
  waitForEnd,
  type StopOptions,
} from './step';
export { probeControlGroups, type ControlGroupsProbe } from './controlGroups';
export { probeIsolation } from './isolation';
export { findInside, insidePath } from './insidePath';
export { isFromStep, type Connection } from './isFromStep';
export { bootId } from './processes';
export { removeTree } from './removeTree';
export {
  followLog,
  readLog,
  type LogPart,
  type ReadLogOptions,
} from './readLog';
export { keepLog, type KeepLogOptions } from './keepLog';
export { LocalStepRunner } from './LocalStepRunner';
export * from './StepAttempt';
