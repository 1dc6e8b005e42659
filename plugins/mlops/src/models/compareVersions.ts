import type { ModelVersion } from '@backstage-mlops/mlops-core';

/** One metric of two versions. */
export interface MetricDifference {
  name: string;
  before: number;
  now: number;
  difference: number;
  /** Undefined where it cannot be said, or nothing changed. */
  judged?: 'better' | 'worse';
}

/** Two versions beside each other. */
export interface VersionDifference {
  metrics: MetricDifference[];
  parameters: { name: string; before?: string; now?: string }[];
  sameData: boolean;
}

type Direction = 'higher' | 'lower';

// Names by which the field calls what should be small or large; of any other metric nothing is claimed.
const small =
  /(^|[_ -])(loss|error|mse|rmse|mae|mape|log_?loss|brier)([_ -]|$)/i;
const large =
  /(^|[_ -])(accuracy|precision|recall|f1|auc|roc_?auc|r2|balanced_accuracy)([_ -]|$)/i;

function directionOf(
  name: string,
  primary?: { name: string; direction: Direction },
): Direction | undefined {
  if (name === primary?.name) return primary.direction;
  if (small.test(name)) return 'lower';
  return large.test(name) ? 'higher' : undefined;
}

/** What became of each metric that both versions have, and what else is different between them. */
export function compareVersions(
  now: ModelVersion,
  before: ModelVersion,
  primary?: { name: string; direction: Direction },
): VersionDifference {
  const metrics = Object.keys(now.metrics)
    .filter(name => before.metrics[name] !== undefined)
    .sort()
    .map(name => {
      const difference = now.metrics[name] - before.metrics[name];
      const judged = judge(difference, directionOf(name, primary));
      return {
        name,
        before: before.metrics[name],
        now: now.metrics[name],
        difference,
        ...(judged ? { judged } : {}),
      };
    });
  const names = new Set([
    ...Object.keys(before.parameters),
    ...Object.keys(now.parameters),
  ]);
  const parameters = [...names]
    .sort()
    .filter(name => before.parameters[name] !== now.parameters[name])
    .map(name => ({
      name,
      before: before.parameters[name],
      now: now.parameters[name],
    }));
  const sameData = now.dataset?.digest === before.dataset?.digest;
  return { metrics, parameters, sameData };
}

function judge(
  difference: number,
  direction?: Direction,
): MetricDifference['judged'] {
  // Sums of floating-point numbers differ in their last digits from run to run.
  if (!direction || Math.abs(difference) < 1e-9) return undefined;
  return difference > 0 === (direction === 'higher') ? 'better' : 'worse';
}
