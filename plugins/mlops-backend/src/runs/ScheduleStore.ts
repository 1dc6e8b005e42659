import type { Knex } from 'knex';

/** What the portal remembers of a schedule. */
export interface ScheduleRow {
  project: string;
  name: string;
  /** ISO 8601: times up to here were run, skipped or missed. */
  lastScheduledAt: string;
  /** ISO 8601: the last time that led to a run. */
  lastRunAt?: string;
  lastRunId?: string;
  succeeded: number;
  failed: number;
  /** ISO 8601: it ended for good by its stopStrategy. */
  stoppedAt?: string;
  /** The last time that led to no run, and why. */
  passed?: { at: string; why: string };
  /** How many runs that are gone succeeded and failed. */
  gone: { succeeded: number; failed: number };
}

/** Schedules in the database: where each stands. When and what they run is in git. */
export class ScheduleStore {
  constructor(private readonly knex: Knex) {}

  async list(): Promise<ScheduleRow[]> {
    return (await this.knex('mlops_schedules')).map(toRow);
  }

  /** A schedule that is seen for the first time begins now: no time before counts. */
  async see(project: string, name: string, now: string): Promise<ScheduleRow> {
    await this.knex('mlops_schedules')
      .insert({
        project,
        name,
        first_seen_at: now,
        last_scheduled_at: now,
      })
      .onConflict(['project', 'name'])
      .ignore();
    return toRow(
      await this.knex('mlops_schedules').where({ project, name }).first(),
    );
  }

  /** Writes down that the times up to a moment are done with. False when another portal was quicker. */
  async advance(
    { project, name, lastScheduledAt }: ScheduleRow,
    to: string,
    outcome: { run: { id: string; at: string } } | { why: string },
  ): Promise<boolean> {
    const changed = await this.knex('mlops_schedules')
      .where({ project, name, last_scheduled_at: lastScheduledAt })
      .update({
        last_scheduled_at: to,
        ...('run' in outcome
          ? { last_run_id: outcome.run.id, last_run_at: outcome.run.at }
          : { passed_at: to, passed_why: outcome.why }),
      });
    return changed > 0;
  }

  /** Keeps how the runs of a schedule ended. */
  async count(
    { project, name }: ScheduleRow,
    counts: { succeeded: number; failed: number },
  ): Promise<void> {
    await this.knex('mlops_schedules').where({ project, name }).update(counts);
  }

  /** Ends a schedule for good, or lets it go on again. */
  async stop(
    { project, name }: Pick<ScheduleRow, 'project' | 'name'>,
    at: string | null,
  ): Promise<void> {
    await this.knex('mlops_schedules')
      .where({ project, name })
      .update({ stopped_at: at });
  }

  /** A run of a schedule is removed; how it ended still counts. */
  static async forget(
    trx: Knex,
    { project, name }: Pick<ScheduleRow, 'project' | 'name'>,
    phase: string,
  ): Promise<void> {
    await trx('mlops_schedules')
      .where({ project, name })
      .increment(phase === 'Succeeded' ? 'gone_succeeded' : 'gone_failed', 1);
  }

  /** Runs of a schedule by phase, and those that are not over. */
  async runsOf(
    project: string,
    name: string,
  ): Promise<{ id: string; phase: string }[]> {
    return this.knex('mlops_runs')
      .where({ project, trigger_kind: 'schedule', trigger_by: name })
      .orderBy('sequence', 'desc')
      .limit(1000)
      .select('id', 'phase');
  }
}

function toRow(row: any): ScheduleRow {
  return {
    project: row.project,
    name: row.name,
    lastScheduledAt: row.last_scheduled_at,
    ...(row.last_run_at ? { lastRunAt: row.last_run_at } : {}),
    ...(row.last_run_id ? { lastRunId: row.last_run_id } : {}),
    succeeded: Number(row.succeeded),
    failed: Number(row.failed),
    gone: {
      succeeded: Number(row.gone_succeeded),
      failed: Number(row.gone_failed),
    },
    ...(row.passed_at
      ? { passed: { at: row.passed_at, why: row.passed_why } }
      : {}),
    ...(row.stopped_at ? { stoppedAt: row.stopped_at } : {}),
  };
}
