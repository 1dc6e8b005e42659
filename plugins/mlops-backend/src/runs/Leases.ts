/*
 * Who runs what. A run belongs to one portal at a time, until a moment by the database's clock; each new owner gets a larger
 * token, and what an earlier one still writes is refused by it.
 */
import type { Knex } from 'knex';

/** The right to go on with a run. */
export interface Lease {
  runId: string;
  owner: string;
  token: number;
}

/** Another portal goes on with the run. */
export class LeaseLostError extends Error {
  constructor(runId: string) {
    super(`another portal goes on with run '${runId}'`);
  }
}

/** Phases in which somebody has to work on a run. */
export const activePhases = ['Pending', 'Running'];

/** Milliseconds since 1970 as the database tells them. */
export function databaseNow(knex: Knex): string {
  return knex.client.config.client === 'pg'
    ? '(extract(epoch from clock_timestamp()) * 1000)::bigint'
    : "cast((julianday('now') - 2440587.5) * 86400000 as integer)";
}

/** Takes, keeps and gives back leases of one portal. */
export class Leases {
  constructor(
    private readonly knex: Knex,
    readonly owner: string,
    /** How long a portal that says nothing still counts as living, in ms. */
    private readonly durationMs: number = 10_000,
  ) {}

  /** Column value: the end of a lease that begins now. */
  until(): Knex.Raw {
    return this.knex.raw(`${databaseNow(this.knex)} + ${this.durationMs}`);
  }

  /** Takes a run that nobody has; undefined when somebody was quicker. */
  async take(runId: string): Promise<Lease | undefined> {
    const changed = await this.knex('mlops_runs')
      .where({ id: runId })
      .where(query => this.free(query))
      .update({
        lease_owner: this.owner,
        lease_token: this.knex.raw('lease_token + 1'),
        lease_until: this.until(),
      });
    if (changed === 0) return undefined;
    const { lease_token: token } = await this.knex('mlops_runs')
      .where({ id: runId })
      .first('lease_token');
    return { runId, owner: this.owner, token: Number(token) };
  }

  /** Takes a run from the portal that has it under a token; undefined when it is no longer so. */
  async seize(runId: string, token: number): Promise<Lease | undefined> {
    const changed = await this.knex('mlops_runs')
      .where({ id: runId, lease_token: token })
      .update({
        lease_owner: this.owner,
        lease_token: token + 1,
        lease_until: this.until(),
      });
    return changed === 0
      ? undefined
      : { runId, owner: this.owner, token: token + 1 };
  }

  /** Runs that are not over and that nobody goes on with, oldest first. */
  async listFree(limit = 50): Promise<string[]> {
    const rows = await this.knex('mlops_runs')
      .whereIn('phase', activePhases)
      .where(query => this.free(query))
      .orderBy('sequence')
      .limit(limit)
      .select('id');
    return rows.map(row => row.id);
  }

  /** Keeps the leases of runs that this portal works on. A run that it began and let go is free when its time is over. */
  async renew(runIds: string[]): Promise<void> {
    for (let at = 0; at < runIds.length; at += 500)
      await this.knex('mlops_runs')
        .where({ lease_owner: this.owner })
        .whereIn('id', runIds.slice(at, at + 500))
        .update({ lease_until: this.until() });
  }

  /** Gives a lease back. */
  async release({ runId, owner, token }: Lease): Promise<void> {
    await this.knex('mlops_runs')
      .where({ id: runId, lease_owner: owner, lease_token: token })
      .update({ lease_owner: null, lease_until: null });
  }

  /** Ends all leases, for a database that only one portal can have open. */
  async releaseAll(): Promise<void> {
    await this.knex('mlops_runs')
      .whereNotNull('lease_owner')
      .update({ lease_owner: null, lease_until: null });
  }

  private free(query: Knex.QueryBuilder): void {
    query
      .whereNull('lease_owner')
      .orWhere('lease_until', '<', this.knex.raw(databaseNow(this.knex)));
  }
}

/** Writes values into a run, if the lease still counts. LeaseLostError when another portal goes on with the run. */
export async function fenced(
  trx: Knex.Transaction,
  { runId, owner, token }: Lease,
  values: Record<string, unknown>,
): Promise<void> {
  const changed = await trx('mlops_runs')
    .where({ id: runId, lease_owner: owner, lease_token: token })
    .update(values);
  if (changed === 0) throw new LeaseLostError(runId);
}
