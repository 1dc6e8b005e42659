/* What a run will probably take, by the last ones of its pipeline that succeeded. */
import type { Cost, RunEstimate, Spread } from '@backstage-mlops/mlops-core';

/** How long one earlier run took, and what its steps cost together. */
export interface EarlierRun {
  seconds: number;
  cost: Cost;
}

/** The middle and the range of the earlier runs; undefined without any. */
export function estimateOf(
  runs: EarlierRun[],
  currency?: string,
): RunEstimate | undefined {
  if (runs.length === 0) return undefined;
  const spread = (values: (number | undefined)[]): Spread | undefined => {
    const known = values.filter(value => value !== undefined);
    if (known.length === 0) return undefined;
    const sorted = known.sort((a, b) => a - b);
    const middle = (sorted.length - 1) / 2;
    return {
      low: sorted[0],
      median: (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2,
      high: sorted[sorted.length - 1],
    };
  };
  const cpuSeconds = spread(runs.map(run => run.cost.cpuSeconds));
  const price = spread(runs.map(run => run.cost.price));
  return {
    runs: runs.length,
    seconds: spread(runs.map(run => run.seconds))!,
    ...(cpuSeconds ? { cpuSeconds } : {}),
    ...(price && currency ? { price, currency } : {}),
  };
}
