/* The trial run of a change beside the last good run of the main branch. */
import type {
  ChangeComparison,
  ComparedRun,
  EvaluationReport,
  ReadProject,
  Run,
} from '@backstage-mlops/mlops-core';
import type { TrackingService } from '@backstage-mlops/mlops-tracking';
import { costsOf } from '../runs/costsOf';
import type { Prices } from '../runs/prices';
import type { RunStore } from '../runs/RunStore';

/** A metric as a run left it. */
export interface MeasuredMetric {
  value: number;
  interval?: { lower: number; upper: number };
}

/** What is compared of a run. */
export interface RunSide {
  run: ComparedRun;
  metrics: Map<string, MeasuredMetric>;
  parameters: Map<string, string>;
}

export interface RunSidesOptions {
  runs: RunStore;
  tracking: TrackingService;
  prices?: Prices;
}

/** The last run of a pipeline that succeeded on a branch; undefined when there is none. */
export async function lastGoodRun(
  runs: RunStore,
  wanted: { project: string; pipeline: string; branch: string },
): Promise<string | undefined> {
  const { items } = await runs.list({
    project: wanted.project,
    pipeline: wanted.pipeline,
    ref: wanted.branch,
    phases: ['Succeeded'],
    whole: true,
    withoutChecks: true,
    sort: 'newest',
    limit: 1,
  });
  return items[0]?.id;
}

/** Reads what is compared of a run. */
export async function readSide(
  id: string,
  project: ReadProject | undefined,
  { runs, tracking, prices }: RunSidesOptions,
): Promise<RunSide> {
  const run = await runs.getRun(id);
  const [attempts, series, reports] = await Promise.all([
    runs.attempts.list(id),
    tracking.listMetricSeries(run.trackingRunId),
    Promise.all(
      (project?.models ?? []).map(model =>
        tracking
          .readJson<EvaluationReport>(
            run.trackingRunId,
            `models/${model.name}/evaluation.json`,
          )
          .catch(() => undefined),
      ),
    ),
  ]);
  const metrics = new Map<string, MeasuredMetric>();
  for (const { key, trackingRunId, points } of series)
    if (trackingRunId === run.trackingRunId && points.length > 0)
      metrics.set(key, { value: points[points.length - 1].value });
  for (const report of reports)
    for (const { name, value, interval } of report?.metrics ?? [])
      metrics.set(name, { value, ...(interval ? { interval } : {}) });
  const { total, currency } = costsOf(run, attempts, prices);
  return {
    run: comparedRun(run, total.price, currency),
    metrics,
    parameters: new Map(run.parameters.map(({ name, value }) => [name, value])),
  };
}

function comparedRun(run: Run, price?: number, currency?: string): ComparedRun {
  const { startedAt, finishedAt } = run;
  return {
    id: run.id,
    pipeline: run.pipeline,
    phase: run.phase,
    ...(run.message ? { message: run.message } : {}),
    commit: run.commit,
    ref: run.ref,
    ...(startedAt && finishedAt
      ? { seconds: (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000 }
      : {}),
    ...(price === undefined ? {} : { price, currency }),
    createdAt: run.createdAt,
    ...(finishedAt ? { finishedAt } : {}),
  };
}

/** Both sides, metric by metric. */
export function compareSides(
  trial: RunSide | undefined,
  main: RunSide | undefined,
  directions: Map<string, 'higher' | 'lower'>,
): ChangeComparison {
  const names = (of: 'metrics' | 'parameters') =>
    [
      ...new Set([...(trial?.[of].keys() ?? []), ...(main?.[of].keys() ?? [])]),
    ].sort();
  return {
    ...(trial ? { trial: trial.run } : {}),
    ...(main ? { main: main.run } : {}),
    metrics: names('metrics').map(name =>
      compareMetric(name, {
        trial: trial?.metrics.get(name),
        main: main?.metrics.get(name),
        direction: directions.get(name),
      }),
    ),
    parameters: names('parameters').map(name => {
      const mine = trial?.parameters.get(name);
      const theirs = main?.parameters.get(name);
      return {
        name,
        ...(mine === undefined ? {} : { trial: mine }),
        ...(theirs === undefined ? {} : { main: theirs }),
      };
    }),
  };
}

function compareMetric(
  name: string,
  sides: {
    trial?: MeasuredMetric;
    main?: MeasuredMetric;
    direction?: 'higher' | 'lower';
  },
): ChangeComparison['metrics'][number] {
  const { trial, main, direction } = sides;
  return {
    name,
    ...(trial ? { trial: trial.value } : {}),
    ...(main ? { main: main.value } : {}),
    ...(trial && main ? { difference: trial.value - main.value } : {}),
    ...(trial?.interval ? { trialInterval: trial.interval } : {}),
    ...(main?.interval ? { mainInterval: main.interval } : {}),
    ...(direction ? { direction } : {}),
    verdict: verdictOf(trial, main, direction),
  };
}

/** Better or worse only where the project says which way that is, and the intervals leave no doubt. */
export function verdictOf(
  trial: MeasuredMetric | undefined,
  main: MeasuredMetric | undefined,
  direction: 'higher' | 'lower' | undefined,
): ChangeComparison['metrics'][number]['verdict'] {
  if (!trial || !main) return 'unknown';
  if (trial.value === main.value) return 'same';
  if (!direction) return 'unknown';
  if (
    trial.interval &&
    main.interval &&
    trial.interval.lower <= main.interval.upper &&
    main.interval.lower <= trial.interval.upper
  )
    return 'within-noise';
  const isHigher = trial.value > main.value;
  return isHigher === (direction === 'higher') ? 'better' : 'worse';
}

/** Which way is better, by the models of a project. */
export function directionsOf(
  read: ReadProject | undefined,
): Map<string, 'higher' | 'lower'> {
  return new Map(
    (read?.models ?? []).flatMap(({ value }) => {
      const metric = value?.spec.primaryMetric;
      return metric ? [[metric.name, metric.direction] as const] : [];
    }),
  );
}
