/* What people asked of runs that go on, until their owner has done it. */
import { ConflictError, type ResumeRequest } from '@backstage-mlops/mlops-core';
import type { Knex } from 'knex';
import { activePhases } from './Leases';

/** What a person asked of a run that goes on. */
export type Control =
  | { kind: 'suspend' }
  | ({ kind: 'resume' } & ResumeRequest);

/** What people asked, in the database. */
export class ControlStore {
  constructor(private readonly knex: Knex) {}

  /** Records that a person wants the end of a run. ConflictError when it is over. */
  async requestShutdown(
    id: string,
    shutdown: 'Stop' | 'Terminate',
  ): Promise<void> {
    const changed = await this.knex('mlops_runs')
      .where({ id })
      .whereIn('phase', activePhases)
      .update({ shutdown });
    if (changed === 0) {
      const row = await this.knex('mlops_runs').where({ id }).first('phase');
      throw isOver(id, row?.phase);
    }
  }

  /** Writes down what a person asked of a run. ConflictError when it is over. */
  async add(id: string, control: Control): Promise<void> {
    await this.knex.transaction(async trx => {
      const row = await trx('mlops_runs')
        .where({ id })
        .forUpdate()
        .first('phase');
      if (!row || !activePhases.includes(row.phase))
        throw isOver(id, row?.phase);
      const controls = await readControls(trx, id);
      await writeControls(trx, id, [...controls, control]);
    });
  }

  /** What people asked of a run and its owner has not done yet, oldest first. */
  list(id: string): Promise<Control[]> {
    return readControls(this.knex, id);
  }

  /** Runs of an owner that a person asked something of. */
  async listAsked(owner: string): Promise<string[]> {
    const rows = await this.knex('mlops_runs')
      .where({ lease_owner: owner })
      .whereIn('phase', activePhases)
      .whereNotNull('controls')
      .select('id');
    return rows.map(row => row.id);
  }

  /** What people asked of the runs of an owner. */
  async listShutdowns(
    owner: string,
  ): Promise<{ id: string; shutdown: 'Stop' | 'Terminate' }[]> {
    return this.knex('mlops_runs')
      .where({ lease_owner: owner })
      .whereIn('phase', activePhases)
      .whereNotNull('shutdown')
      .select('id', 'shutdown');
  }

  /** Takes away those that are done, oldest first. */
  async finish(trx: Knex, id: string, count: number): Promise<void> {
    await writeControls(trx, id, (await readControls(trx, id)).slice(count));
  }
}

const isOver = (id: string, phase: string | undefined) =>
  new ConflictError(
    phase === undefined
      ? `There is no run '${id.slice(0, 128)}'.`
      : `Run '${id}' is over: it is ${phase}.`,
    'terminal-run',
  );

async function readControls(knex: Knex, id: string): Promise<Control[]> {
  const row = await knex('mlops_runs').where({ id }).first('controls');
  return row?.controls ? JSON.parse(row.controls) : [];
}

async function writeControls(
  trx: Knex,
  id: string,
  controls: Control[],
): Promise<void> {
  await trx('mlops_runs')
    .where({ id })
    .update({
      controls: controls.length > 0 ? JSON.stringify(controls) : null,
    });
}
