/* Locks that runs hold against each other. */
import type { Knex } from 'knex';

/** Another run took a lock between the look at it and the write. */
export class LockTakenError extends Error {}

export class LockStore {
  constructor(private readonly knex: Knex) {}

  /** Names of locks that other runs hold. */
  async heldByOthers(runId: string): Promise<Set<string>> {
    const rows = await this.knex('mlops_locks')
      .whereNot({ run_id: runId })
      .select('name');
    return new Set(rows.map(row => row.name));
  }

  /** Makes the locks of a run exactly these. LockTakenError when another run was quicker. */
  async hold(
    trx: Knex.Transaction,
    runId: string,
    names: string[],
  ): Promise<void> {
    await trx('mlops_locks')
      .where({ run_id: runId })
      .whereNotIn('name', names)
      .delete();
    for (const name of names) {
      await trx('mlops_locks')
        .insert({ name, run_id: runId, created_at: new Date().toISOString() })
        .onConflict('name')
        .ignore();
      const row = await trx('mlops_locks').where({ name }).first('run_id');
      if (row?.run_id !== runId)
        throw new LockTakenError(`another run took the lock '${name}'`);
    }
  }
}
