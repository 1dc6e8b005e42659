/* Attempts of steps in the database: each is written down before its process starts, and with how it ended. */
import { bootId, type StepUsage } from '@backstage-mlops/mlops-executor';
import type { Knex } from 'knex';
import os from 'node:os';
import path from 'node:path';
import { activePhases, databaseNow, fenced, type Lease } from './Leases';

/** A try to run one node. */
export interface StepAttemptRow {
  nodeId: string;
  /** 0 for the first. */
  attempt: number;
  directory: string;
  state: 'open' | 'ended' | 'abandoned';
  /** Name of the machine whose disk holds the directory. */
  host?: string;
  /** Boot of that machine in which it began. */
  boot?: string;
  /** ISO 8601. */
  createdAt: string;
  usage?: StepUsage;
}

/** An attempt that begins on this machine. The first has a folder of the node's name, a later one its number behind it. */
export function newAttempt(
  folder: string,
  runId: string,
  nodeId: string,
  attempt: number,
): StepAttemptRow {
  const name = nodeId.replace(/[^A-Za-z0-9._-]/g, '_');
  return {
    nodeId,
    attempt,
    directory: path.join(
      folder,
      runId,
      attempt === 0 ? name : `${name}.${attempt}`,
    ),
    state: 'open',
    host: os.hostname(),
    boot: bootId(),
    createdAt: new Date().toISOString(),
  };
}

/** Whether the machine of an attempt, which is this one, was started again since. */
export const isOfEarlierBoot = ({ boot }: StepAttemptRow): boolean =>
  boot !== undefined && boot !== bootId();

/** The end of an attempt, told together with the state that it led to. */
export interface AttemptEnd {
  nodeId: string;
  attempt: number;
  state: 'ended' | 'abandoned';
  usage?: StepUsage;
}

/** Attempts in the database; every write carries the lease of its run. */
export class AttemptStore {
  constructor(private readonly knex: Knex) {}

  /** Runs that are over while a step of them was still ending when its portal went, wherever it is. */
  async listUnsettled(): Promise<string[]> {
    const rows = await this.knex('mlops_step_attempts')
      .join('mlops_runs', 'mlops_runs.id', 'mlops_step_attempts.run_id')
      .where('mlops_step_attempts.state', 'open')
      .where('mlops_runs.engine', 'local')
      .whereNotIn('mlops_runs.phase', activePhases)
      .distinct('mlops_runs.id as id');
    return rows.map(row => row.id);
  }

  /**
   * How an attempt on another machine stands: `waited-for`, `given-up` by its machine, or `gone`, when that has not answered for so
   * long. LeaseLostError as `savePass`.
   */
  async lookAtUnseen(
    lease: Lease,
    { nodeId, attempt }: StepAttemptRow,
    patienceSeconds: number,
  ): Promise<'waited-for' | 'given-up' | 'gone'> {
    const now = this.knex.raw(databaseNow(this.knex));
    return this.knex.transaction(async trx => {
      await fenced(trx, lease, { lease_token: lease.token });
      const key = { run_id: lease.runId, node_id: nodeId, attempt };
      await trx('mlops_step_attempts')
        .where(key)
        .whereNull('unseen_since')
        .update({ unseen_since: now });
      const row = await trx('mlops_step_attempts')
        .where(key)
        .first('state', 'unseen_since', trx.raw('? as now', [now]));
      if (row.state !== 'open') return 'given-up';
      const ms = Number(row.now) - Number(row.unseen_since);
      return ms >= patienceSeconds * 1000 ? 'gone' : 'waited-for';
    });
  }

  /** Its machine has an attempt again. LeaseLostError as `savePass`. */
  async see(lease: Lease, { nodeId, attempt }: StepAttemptRow): Promise<void> {
    await this.knex.transaction(async trx => {
      await fenced(trx, lease, { lease_token: lease.token });
      await trx('mlops_step_attempts')
        .where({ run_id: lease.runId, node_id: nodeId, attempt })
        .update({ unseen_since: null });
    });
  }

  /** Runs that go on elsewhere and wait for a step of this machine, and the token under which they do. */
  async listMissed(host: string): Promise<{ runId: string; token: number }[]> {
    const rows = await this.knex('mlops_step_attempts')
      .join('mlops_runs', 'mlops_runs.id', 'mlops_step_attempts.run_id')
      .where('mlops_step_attempts.state', 'open')
      .where('mlops_step_attempts.host', host)
      .whereNotNull('mlops_step_attempts.unseen_since')
      .whereIn('mlops_runs.phase', activePhases)
      .distinct('mlops_runs.id as id', 'mlops_runs.lease_token as token');
    return rows.map(row => ({ runId: row.id, token: Number(row.token) }));
  }

  /** The machine of an attempt has ended it; whoever waits for it learns so. */
  async giveUp(
    runId: string,
    { nodeId, attempt }: StepAttemptRow,
  ): Promise<void> {
    await this.knex('mlops_step_attempts')
      .where({ run_id: runId, node_id: nodeId, attempt, state: 'open' })
      .whereNotNull('unseen_since')
      .update({ state: 'abandoned', ended_at: new Date().toISOString() });
  }

  /** Writes down how attempts of a run ended that was over before them. LeaseLostError as `savePass`. */
  async settle(lease: Lease, ended: AttemptEnd[]): Promise<void> {
    await this.knex.transaction(async trx => {
      await fenced(trx, lease, { lease_token: lease.token });
      await endAttempts(trx, lease.runId, ended);
    });
  }

  /** All attempts of a run, oldest first. */
  async list(runId: string): Promise<StepAttemptRow[]> {
    const rows = await this.knex('mlops_step_attempts')
      .where({ run_id: runId })
      .orderBy([{ column: 'created_at' }, { column: 'attempt' }]);
    return rows.map(row => ({
      nodeId: row.node_id,
      attempt: row.attempt,
      directory: row.directory,
      state: row.state,
      host: row.host ?? undefined,
      boot: row.boot ?? undefined,
      createdAt: row.created_at,
      usage: row.usage ? JSON.parse(row.usage) : undefined,
    }));
  }
}

/** Rows of one statement: SQLite takes so many values, and no more. */
const rowsAtOnce = 100;

/** Writes attempts down that begin. */
export async function beginAttempts(
  trx: Knex.Transaction,
  runId: string,
  begun: StepAttemptRow[],
): Promise<void> {
  const rows = begun.map(row => ({
    run_id: runId,
    node_id: row.nodeId,
    attempt: row.attempt,
    directory: row.directory,
    state: row.state,
    host: row.host,
    boot: row.boot,
    created_at: row.createdAt,
  }));
  for (let at = 0; at < rows.length; at += rowsAtOnce)
    await trx('mlops_step_attempts').insert(rows.slice(at, at + rowsAtOnce));
}

/** Writes ends of attempts down. */
export async function endAttempts(
  trx: Knex.Transaction,
  runId: string,
  ended: AttemptEnd[],
): Promise<void> {
  for (const { nodeId, attempt, state, usage } of ended)
    await trx('mlops_step_attempts')
      .where({ run_id: runId, node_id: nodeId, attempt })
      .update({
        state,
        ended_at: new Date().toISOString(),
        usage: usage ? JSON.stringify(usage) : null,
      });
}
