/*
 * Which runs may begin: a project, a person and the whole portal have so many at a time; the others wait in the order of their
 * submission. A run that cannot begin because of its project does not hold up those of other projects.
 */
import type { RunSummary } from '@backstage-mlops/mlops-core';
import type { Knex } from 'knex';
import type { FreeSpace } from './FreeSpace';
import { activePhases } from './Leases';

/** How many runs may be active. */
export interface QueueLimits {
  activeRunsPerProject: number;
  activeRunsPerPerson: number;
  /** Runs that wait, in the whole portal. */
  queuedRuns: number;
}

/** A run that waits or is active. */
export interface QueuedRun {
  id: string;
  project: string;
  /** The person who started it or proposed the change that it checks; undefined when nobody did, as with a schedule. */
  by?: string;
  admitted: boolean;
}

/** Where a run stands that may not begin yet. */
export interface QueuePlace {
  /** 1 is the next. */
  position: number;
  /** What it waits for, as one sentence. */
  message: string;
}

/** Runs that may begin now, and the places of the others. Runs are given in the order of their submission. */
export function planQueue(
  runs: QueuedRun[],
  limits: Pick<QueueLimits, 'activeRunsPerProject' | 'activeRunsPerPerson'>,
  /** Why nobody may begin, as one sentence. */
  hold?: string,
): { admit: string[]; places: Map<string, QueuePlace> } {
  const active = new Map<string, number>();
  const count = (key: string) => active.get(key) ?? 0;
  const keysOf = ({ project, by }: QueuedRun) =>
    by === undefined
      ? [`project ${project}`]
      : [`project ${project}`, `person ${by}`];
  const add = (run: QueuedRun) => {
    for (const key of keysOf(run)) active.set(key, count(key) + 1);
  };
  runs.filter(run => run.admitted).forEach(add);
  const admit: string[] = [];
  const places = new Map<string, QueuePlace>();
  const waiting = new Map<string, number>();
  for (const run of runs) {
    if (run.admitted) continue;
    if (hold) {
      const position = places.size + 1;
      const message = `Waits as number ${position}: ${hold}`;
      places.set(run.id, { position, message });
      continue;
    }
    const ofProject = count(`project ${run.project}`);
    const ofPerson = run.by === undefined ? 0 : count(`person ${run.by}`);
    const projectIsFull = ofProject >= limits.activeRunsPerProject;
    if (!projectIsFull && ofPerson < limits.activeRunsPerPerson) {
      admit.push(run.id);
      add(run);
      continue;
    }
    const key = projectIsFull ? `project ${run.project}` : `person ${run.by}`;
    const position = (waiting.get(key) ?? 0) + 1;
    waiting.set(key, position);
    places.set(run.id, {
      position,
      message: projectIsFull
        ? `Waits as number ${position}: project '${run.project}' has ${ofProject} of ${limits.activeRunsPerProject} active runs.`
        : `Waits as number ${position}: ${run.by} has ${ofPerson} of ${limits.activeRunsPerPerson} active runs.`,
    });
  }
  return { admit, places };
}

// The name of a schedule is no person, and many projects may have one of that name.
const kindsOfPeople = new Set(['person', 'change']);

export class RunQueue {
  constructor(
    private readonly knex: Knex,
    readonly limits: QueueLimits,
    readonly space: Pick<FreeSpace, 'complaint'>,
  ) {}

  private async active(knex: Knex): Promise<QueuedRun[]> {
    const rows = await knex('mlops_runs')
      .whereIn('phase', activePhases)
      .orderBy('sequence')
      .select('id', 'project', 'trigger_kind', 'trigger_by', 'admitted_at');
    return rows.map(row => ({
      id: row.id,
      project: row.project,
      by: kindsOfPeople.has(row.trigger_kind) ? row.trigger_by : undefined,
      admitted: Boolean(row.admitted_at),
    }));
  }

  /** Of these runs, those that may begin now; they count as active from here on. */
  async admit(own: string[]): Promise<string[]> {
    const hold = await this.space.complaint();
    return this.knex.transaction(async trx => {
      await trx('mlops_locks')
        .insert({
          name: 'queue',
          run_id: '',
          created_at: new Date().toISOString(),
        })
        .onConflict('name')
        .ignore();
      await trx('mlops_locks').where({ name: 'queue' }).forUpdate().first();
      const runs = await this.active(trx);
      const { admit, places } = planQueue(runs, this.limits, hold);
      const begun = admit.filter(id => own.includes(id));
      for (let at = 0; at < begun.length; at += 200)
        await trx('mlops_runs')
          .whereIn('id', begun.slice(at, at + 200))
          .update({ admitted_at: new Date().toISOString() });
      // A run that is over, or was let in by another portal, waits no longer either.
      return own.filter(id => begun.includes(id) || !places.has(id));
    });
  }

  /** The runs, each of those that wait with where it stands. */
  async withPlaces<R extends Pick<RunSummary, 'id' | 'phase' | 'startedAt'>>(
    runs: R[],
  ): Promise<(R & { queue?: QueuePlace })[]> {
    if (!runs.some(run => run.phase === 'Pending' && !run.startedAt))
      return runs;
    const hold = await this.space.complaint();
    const active = await this.active(this.knex);
    const { places } = planQueue(active, this.limits, hold);
    return runs.map(run => {
      const place = places.get(run.id);
      return place ? { ...run, queue: place } : run;
    });
  }

  /** How many runs wait in the whole portal. */
  async waiting(): Promise<number> {
    const [{ count }] = await this.knex('mlops_runs')
      .whereIn('phase', activePhases)
      .whereNull('admitted_at')
      .count({ count: '*' });
    return Number(count);
  }
}
