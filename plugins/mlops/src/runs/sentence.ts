import type { RunSummary } from '@backstage-mlops/mlops-core';
import { duration } from '../ui/text';

/** One sentence on how a run stands. The step at the root of a failure is told apart, so that it can be a link. */
export function sentenceOf(
  run: RunSummary,
  now = Date.now(),
): { before: string; node?: string; after: string } {
  const time = run.startedAt
    ? duration(run.startedAt, run.finishedAt, now)
    : '';
  switch (run.phase) {
    case 'Pending':
      return { before: 'Waits to begin.', after: '' };
    case 'Running':
      return { before: `Running for ${time}.`, after: '' };
    case 'Succeeded':
      return { before: `Succeeded after ${time}.`, after: '' };
    default:
      if (run.message?.startsWith('Stopped'))
        return { before: `Stopped after ${time}.`, after: '' };
      return run.cause
        ? {
            before: `Failed after ${time} in `,
            node: run.cause.node,
            after: `: ${run.cause.message}`,
          }
        : {
            before: `Failed after ${time}: ${
              run.message ?? 'no reason was given'
            }`,
            after: '',
          };
  }
}
