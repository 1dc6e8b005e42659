import type { Cost, Run, RunCosts } from '@backstage-mlops/mlops-core';
import type { StepAttemptRow } from './RunStore';

/** What the attempts of a run cost, each and together; those that never ran cost nothing. */
export function costsOf(run: Run, attempts: StepAttemptRow[]): RunCosts {
  const items = attempts.flatMap(({ nodeId, attempt, usage }) =>
    usage
      ? [
          {
            node: nodeId,
            displayName: run.nodes[nodeId]?.displayName ?? nodeId,
            attempt,
            ...usage,
          },
        ]
      : [],
  );
  return { items, total: items.reduce(plus, { wallSeconds: 0 }) };
}

function plus(sum: Cost, item: Cost): Cost {
  const added = (key: 'cpuSeconds' | 'writtenBytes') =>
    item[key] === undefined ? sum[key] : (sum[key] ?? 0) + item[key];
  const total: Cost = {
    wallSeconds: sum.wallSeconds + item.wallSeconds,
    cpuSeconds: added('cpuSeconds'),
    peakMemoryBytes:
      item.peakMemoryBytes === undefined
        ? sum.peakMemoryBytes
        : Math.max(sum.peakMemoryBytes ?? 0, item.peakMemoryBytes),
    writtenBytes: added('writtenBytes'),
  };
  return Object.fromEntries(
    Object.entries(total).filter(([, value]) => value !== undefined),
  ) as unknown as Cost;
}
