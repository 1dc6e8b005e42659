import type { RunSummary } from '@backstage-mlops/mlops-core';
import { elapsedMs } from '../ui/time';

/** What the one sentence on a run says. */
export type RunSentence =
  | { says: 'waits' }
  | { says: 'runs' | 'succeeded' | 'stopped'; ms: number }
  | { says: 'failed'; ms: number; cause?: string }
  | { says: 'failedIn'; ms: number; cause: string; node: string };

/** State and root cause of a run. A stop by a person is no failure, although Argo calls it one. */
export function toRunSentence(
  run: Omit<RunSummary, 'id'>,
  now = Date.now(),
): RunSentence {
  const ms = elapsedMs(run.startedAt ?? run.createdAt, run.finishedAt, now);
  switch (run.phase) {
    case 'Pending':
      return { says: 'waits' };
    case 'Running':
      return { says: 'runs', ms };
    case 'Succeeded':
      return { says: 'succeeded', ms };
    case 'Failed':
    case 'Error':
      return toFailure(run, ms);
    default:
      return run.phase satisfies never;
  }
}

function toFailure(
  run: Pick<RunSummary, 'phase' | 'message' | 'cause'>,
  ms: number,
): RunSentence {
  const { message, cause } = run;
  if (isStopped(run)) return { says: 'stopped', ms };
  if (cause)
    return { says: 'failedIn', ms, node: cause.node, cause: cause.message };
  return { says: 'failed', ms, cause: message };
}

/** True when a person ended the run, although Argo calls it failed. */
export function isStopped(run: Pick<RunSummary, 'phase' | 'message'>): boolean {
  const { phase, message } = run;
  return (
    (phase === 'Failed' || phase === 'Error') &&
    Boolean(message?.startsWith('Stopped with strategy'))
  );
}

/** True when nothing of a run will change any more. */
export function isOver(run: Pick<RunSummary, 'phase'>): boolean {
  return run.phase !== 'Pending' && run.phase !== 'Running';
}
