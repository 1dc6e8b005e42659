/** One metric of two versions. `better` is undefined when nothing changed. */
export interface MetricDifference {
  name: string;
  before: number;
  now: number;
  difference: number;
  better?: boolean;
}

const lowerIsBetter = /loss|error|mse|mae|rmse|latency|bias/i;

/** Metrics that both versions have, with what became better or worse. Losses and errors are better when lower. */
export function compareMetrics(
  now: Record<string, number>,
  before: Record<string, number>,
): MetricDifference[] {
  return Object.keys(now)
    .filter(name => name in before)
    .sort()
    .map(name => {
      const difference = now[name] - before[name];
      const small = Math.abs(difference) < 1e-9;
      return {
        name,
        before: before[name],
        now: now[name],
        difference,
        ...(small
          ? {}
          : { better: difference > 0 !== lowerIsBetter.test(name) }),
      };
    });
}
