/*
 * Locks that runs hold against each other: a mutex by one at a time, a semaphore by as many as its limit says. The row in
 * `mlops_locks` is what writers of one lock wait for, so that two of them never count at the same time.
 */
import type { Knex } from 'knex';

/** Another run took a lock between the look at it and the write. */
export class LockTakenError extends Error {}

/** How many times a run holds a lock, and how many may in all. */
export interface HeldLock {
  name: string;
  count: number;
  limit: number;
}

export class LockStore {
  constructor(private readonly knex: Knex) {}

  /** How often other runs hold each lock. */
  async heldByOthers(runId: string): Promise<Map<string, number>> {
    const rows = await this.knex('mlops_lock_holders')
      .whereNot({ run_id: runId })
      .groupBy('name')
      .select('name')
      .sum({ held: 'count' });
    return new Map(
      (rows as { name: string; held: unknown }[]).map(row => [
        row.name,
        Number(row.held),
      ]),
    );
  }

  /** Makes the locks of a run exactly these. LockTakenError when another run was quicker. */
  async hold(
    trx: Knex.Transaction,
    runId: string,
    locks: HeldLock[],
  ): Promise<void> {
    await trx('mlops_lock_holders')
      .where({ run_id: runId })
      .whereNotIn(
        'name',
        locks.map(lock => lock.name),
      )
      .delete();
    for (const { name, count, limit } of locks) {
      await this.waitFor(trx, name, runId);
      await trx('mlops_lock_holders')
        .insert({ name, run_id: runId, count })
        .onConflict(['name', 'run_id'])
        .merge({ count });
      const [{ held }] = await trx('mlops_lock_holders')
        .where({ name })
        .sum({ held: 'count' });
      if (Number(held) > limit)
        throw new LockTakenError(`another run took the lock '${name}'`);
    }
  }

  private async waitFor(
    trx: Knex.Transaction,
    name: string,
    runId: string,
  ): Promise<void> {
    await trx('mlops_locks')
      .insert({ name, run_id: runId, created_at: new Date().toISOString() })
      .onConflict('name')
      .ignore();
    await trx('mlops_locks').where({ name }).forUpdate().first('name');
  }
}
