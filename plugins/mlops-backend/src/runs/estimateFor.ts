import type { RunEstimate } from '@backstage-mlops/mlops-core';
import { costsOf } from './costsOf';
import { estimateOf } from './estimateOf';
import type { Prices } from './prices';
import type { RunStore } from './RunStore';

const earlierRuns = 20;

/** What a run of a pipeline will probably take, by the last ones that succeeded; undefined when none has. */
export async function estimateFor(
  runs: RunStore,
  of: { project: string; pipeline: string },
  prices?: Prices,
): Promise<RunEstimate | undefined> {
  const last = await runs.succeeded(of.project, of.pipeline, earlierRuns);
  const earlier = await Promise.all(
    last.map(async run => ({
      seconds:
        (Date.parse(run.finishedAt ?? '') - Date.parse(run.startedAt ?? '')) /
        1000,
      cost: costsOf(
        { ...run, nodes: {} },
        await runs.attempts.list(run.id),
        prices,
      ).total,
    })),
  );
  return estimateOf(earlier, prices?.currency);
}
