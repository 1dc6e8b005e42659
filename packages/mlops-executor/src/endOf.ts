/* How the end of an attempt reads as the end of a pod, in Argo's phases. */
import type { PodObservation } from '@backstage-mlops/argo-engine';
import type { StepObservation } from './types';

const endedFromOutside: Partial<
  Record<NonNullable<StepObservation['reason']>, string>
> = {
  deadline: 'Pod was active on the node longer than the specified deadline',
  stopped: 'the step was stopped',
  shutdown: 'portal was shut down',
  orphaned: 'no portal was found for too long, so the step was ended',
  abandoned: 'the step was given up before it began',
};

/** Phase, exit code and message of a step that is over, as Argo decides them. */
export function endOf(
  { reason, exitCode = 1, message }: StepObservation,
  fault?: string,
): Pick<
  PodObservation,
  'phase' | 'exitCode' | 'message' | 'podMessage' | 'executorFault'
> {
  const ended =
    reason === 'over-limit' ? message : reason && endedFromOutside[reason];
  if (ended) return { phase: 'Failed', exitCode, podMessage: ended };
  if (reason === 'start-failed') return { phase: 'Error', exitCode, message };
  if (exitCode !== 0) return { phase: 'Failed', exitCode, message };
  if (fault)
    return {
      phase: 'Error',
      exitCode,
      executorFault: { container: 'wait', exitCode: 64, message: fault },
    };
  return { phase: 'Succeeded', exitCode };
}

/** What is said of a step whose executor is gone without a word. */
export function lost(nodeId: string, step: StepObservation): PodObservation {
  return {
    nodeId,
    phase: 'Error',
    message: step.rebooted
      ? 'portal was shut down: the machine was restarted'
      : 'the process of the step is gone and left no exit record',
    startedAt: step.startedAt,
    finishedAt: new Date().toISOString(),
  };
}
