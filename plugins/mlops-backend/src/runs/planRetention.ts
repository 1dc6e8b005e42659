/* What a retention policy takes away of a project's runs. Pure: what is there and what protects it are given. */
import type {
  ProjectStorage,
  RetentionPlan,
} from '@backstage-mlops/mlops-core';

/** A run that is over. */
export interface OldRun {
  id: string;
  pipeline: string;
  /** ISO 8601. */
  finishedAt: string;
  stepBytes: number;
  artifactBytes: number;
  removed: ('logs' | 'artifacts')[];
  succeeded: boolean;
  /** Name of the schedule that started it. */
  schedule?: string;
}

/** How many runs of a schedule its file keeps: `successfulJobsHistoryLimit` and `failedJobsHistoryLimit`. */
export interface HistoryLimits {
  succeeded?: number;
  failed?: number;
}

/** What decides beside the runs. */
export interface RetentionRules {
  policy?: ProjectStorage['retention'];
  /** By name of the schedule. */
  schedules?: Map<string, HistoryLimits>;
}

const dayMs = 24 * 60 * 60 * 1000;

/** Plans for runs given newest first. `protectedBy` says why a run stays whatever the policy says. */
export function planRetention(
  { policy = {}, schedules = new Map() }: RetentionRules,
  runs: OldRun[],
  protectedBy: Map<string, string>,
  now: Date,
): RetentionPlan {
  const plan: RetentionPlan = { items: [], kept: [], bytes: 0 };
  const seen = new Map<string, number>();
  const placeIn = (group: string) => {
    seen.set(group, (seen.get(group) ?? 0) + 1);
    return seen.get(group)!;
  };
  for (const run of runs) {
    const place = placeIn(`pipeline ${run.pipeline}`);
    const age = (now.getTime() - Date.parse(run.finishedAt)) / dayMs;
    const item =
      itemOfSchedule(schedules, run, placeIn) ??
      itemOf(policy, run, place, age);
    if (!item) continue;
    const reason = protectedBy.get(run.id);
    if (reason) plan.kept.push({ run: run.id, why: reason });
    else {
      plan.items.push(item);
      plan.bytes += item.bytes;
    }
  }
  return plan;
}

const wholeRun = (
  run: OldRun,
  why: string,
): RetentionPlan['items'][number] => ({
  run: run.id,
  removes: ['run'],
  bytes: run.stepBytes + run.artifactBytes,
  why,
});

function itemOfSchedule(
  schedules: Map<string, HistoryLimits>,
  run: OldRun,
  placeIn: (group: string) => number,
): RetentionPlan['items'][number] | undefined {
  const limits = schedules.get(run.schedule ?? '');
  if (!limits) return undefined;
  const place = placeIn(`schedule ${run.schedule} ${run.succeeded}`);
  const limit = run.succeeded ? limits.succeeded : limits.failed;
  if (limit === undefined || place <= limit) return undefined;
  return wholeRun(
    run,
    `schedule '${run.schedule}' keeps ${limit} of its runs that ${
      run.succeeded ? 'succeeded' : 'failed'
    }`,
  );
}

function itemOf(
  { runs, logs, artifacts }: NonNullable<ProjectStorage['retention']>,
  run: OldRun,
  place: number,
  age: number,
): RetentionPlan['items'][number] | undefined {
  const older = (days: number) => `it ended more than ${days} days ago`;
  const isLate = runs?.days === undefined || age > runs.days;
  const isBeyond = runs?.last === undefined || place > runs.last;
  if (
    (runs?.days !== undefined || runs?.last !== undefined) &&
    isLate &&
    isBeyond
  )
    return wholeRun(
      run,
      [
        ...(runs.last === undefined
          ? []
          : [`it is not among the newest ${runs.last} of '${run.pipeline}'`]),
        ...(runs.days === undefined ? [] : [older(runs.days)]),
      ].join(', and '),
    );
  const takes = (part: 'logs' | 'artifacts', days: number | undefined) =>
    days !== undefined && age > days && !run.removed.includes(part);
  const removes = [
    ...(takes('logs', logs?.days) ? (['logs'] as const) : []),
    ...(takes('artifacts', artifacts?.days) ? (['artifacts'] as const) : []),
  ];
  if (removes.length === 0) return undefined;
  const days = removes.map(part =>
    part === 'logs' ? logs!.days! : artifacts!.days!,
  );
  return {
    run: run.id,
    removes,
    bytes:
      (removes.includes('logs') ? run.stepBytes : 0) +
      (removes.includes('artifacts') ? run.artifactBytes : 0),
    why: older(Math.min(...days)),
  };
}
