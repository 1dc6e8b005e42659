/* What the portal knows of a proposed change beside its host: project, kind, promotion, trial run, checks, who spoke for whom. */
import {
  ConflictError,
  type ChangeKind,
  type ChangeRequest,
  type PromotionRequest,
  type PullRequestCheck,
} from '@backstage-mlops/mlops-core';
import type { Knex } from 'knex';
import { databaseNow } from '../runs/Leases';

/** The promotion that a change is about. */
export type ChangePromotion = PromotionRequest & { model?: string };

/** What is kept of one change. */
export interface ChangeFacts {
  key: string;
  number?: number;
  project: string;
  kind: ChangeKind;
  promotion?: ChangePromotion;
  trial?: NonNullable<ChangeRequest['trialRun']>;
  createdBy: string;
  createdAt: string;
}

/** A check of one commit as the portal works on it. */
export interface CheckRow extends PullRequestCheck {
  number: number;
  /** 1 for the first; one more each time it is run again. */
  attempt: number;
}

export class ChangeStore {
  constructor(private readonly knex: Knex) {}

  async add(facts: ChangeFacts): Promise<void> {
    await this.knex('mlops_changes')
      .insert({
        key: facts.key,
        number: facts.number ?? null,
        project: facts.project,
        kind: facts.kind,
        promotion: facts.promotion ? JSON.stringify(facts.promotion) : null,
        trial: facts.trial ? JSON.stringify(facts.trial) : null,
        created_by: facts.createdBy,
        created_at: facts.createdAt,
      })
      .onConflict('key')
      .ignore();
  }

  /** The host gave the change its number. */
  async opened(key: string, number: number): Promise<void> {
    await this.knex('mlops_changes').where({ key }).update({ number });
  }

  async forget(key: string): Promise<void> {
    await this.knex('mlops_changes')
      .where({ key })
      .whereNull('number')
      .delete();
  }

  async findByNumber(number: number): Promise<ChangeFacts | undefined> {
    const row = await this.knex('mlops_changes').where({ number }).first();
    return row && toFacts(row);
  }

  /** Facts of changes by their numbers. */
  async findAll(numbers: number[]): Promise<Map<number, ChangeFacts>> {
    const rows = await this.knex('mlops_changes').whereIn('number', numbers);
    return new Map(rows.map(row => [Number(row.number), toFacts(row)]));
  }

  /** Changes that were asked for and whose host has not answered. */
  async unanswered(): Promise<ChangeFacts[]> {
    return (await this.knex('mlops_changes').whereNull('number')).map(toFacts);
  }

  async setTrial(
    number: number,
    trial: NonNullable<ChangeRequest['trialRun']>,
  ): Promise<void> {
    await this.knex('mlops_changes')
      .where({ number })
      .update({ trial: JSON.stringify(trial) });
  }

  /** The key of the change that an Idempotency-Key stands for. ConflictError when it stands for another request. */
  async keyFor(
    asked: { caller: string; key: string; bodyHash: string },
    fresh: string,
  ): Promise<string> {
    const { caller, key, bodyHash } = asked;
    await this.knex('mlops_change_keys')
      .insert({ caller, key, body_hash: bodyHash, change_key: fresh })
      .onConflict(['caller', 'key'])
      .ignore();
    const row = await this.knex('mlops_change_keys')
      .where({ caller, key })
      .first();
    if (row.body_hash !== bodyHash)
      throw new ConflictError(
        `The Idempotency-Key '${key}' was used for another change.`,
        'idempotency-conflict',
      );
    return row.change_key;
  }

  async checks(number: number, commit: string): Promise<CheckRow[]> {
    const rows = await this.knex('mlops_change_checks')
      .where({ number, commit })
      .orderBy('name');
    return rows.map(toCheck);
  }

  /** States of the checks of several heads. */
  async checkStates(
    numbers: number[],
  ): Promise<{ number: number; commit: string; state: CheckRow['state'] }[]> {
    return this.knex('mlops_change_checks')
      .whereIn('number', numbers)
      .select('number', 'commit', 'state');
  }

  /** Writes a check down as pending, unless it is there. True when it was not. */
  async addCheck(number: number, name: string, commit: string) {
    const taken = await this.knex('mlops_change_checks')
      .insert({
        number,
        name,
        commit,
        state: 'pending',
        message: 'Waits for its turn.',
        updated_at: new Date().toISOString(),
      })
      .onConflict(['number', 'name', 'commit'])
      .ignore()
      .returning('number');
    return taken.length > 0;
  }

  /** The check is to be run again. False when it is at it now, or was never there. */
  async again(number: number, name: string, commit: string): Promise<boolean> {
    const changed = await this.knex('mlops_change_checks')
      .where({ number, name, commit })
      .whereNot({ state: 'pending' })
      .update({
        state: 'pending',
        message: 'Waits for its turn.',
        log_url: null,
        lease_until: null,
        attempt: this.knex.raw('attempt + 1'),
        updated_at: new Date().toISOString(),
      });
    return changed > 0;
  }

  async pending(): Promise<CheckRow[]> {
    const rows = await this.knex('mlops_change_checks')
      .where({ state: 'pending' })
      .where(query => this.free(query))
      .orderBy('number')
      .limit(200);
    return rows.map(toCheck);
  }

  /** Takes the right to look at a check for a time; false when another portal has it. */
  async take(row: CheckRow, forMs: number): Promise<boolean> {
    const changed = await this.knex('mlops_change_checks')
      .where(placeOf(row))
      .where({ state: 'pending', attempt: row.attempt })
      .where(query => this.free(query))
      .update({
        lease_until: this.knex.raw(`${databaseNow(this.knex)} + ${forMs}`),
      });
    return changed > 0;
  }

  /** Whether nobody asked for the check anew, or dropped it, since it was read. */
  async isPresent(row: CheckRow): Promise<boolean> {
    const found = await this.knex('mlops_change_checks')
      .where(placeOf(row))
      .where({ attempt: row.attempt })
      .first('attempt');
    return found !== undefined;
  }

  /** What came out of a look. */
  async tell(
    row: CheckRow,
    result: Pick<PullRequestCheck, 'state' | 'message' | 'logUrl'>,
  ): Promise<boolean> {
    const changed = await this.knex('mlops_change_checks')
      .where(placeOf(row))
      .where({ attempt: row.attempt })
      .update({
        state: result.state,
        message: result.message,
        log_url: result.logUrl ?? null,
        lease_until: null,
        updated_at: new Date().toISOString(),
      });
    return changed > 0;
  }

  /** Forgets checks of a change that are not over, but for those of one commit; gives them. */
  async dropPending(number: number, except?: string): Promise<CheckRow[]> {
    const pending = () => {
      const query = this.knex('mlops_change_checks').where({
        number,
        state: 'pending',
      });
      return except === undefined ? query : query.whereNot({ commit: except });
    };
    const rows = await pending();
    await pending().delete();
    return rows.map(toCheck);
  }

  /** Somebody wrote a commit of the change. */
  async addWriter(number: number, by: string): Promise<void> {
    await this.knex('mlops_change_writers')
      .insert({ number, by })
      .onConflict(['number', 'by'])
      .ignore();
  }

  async writers(number: number): Promise<string[]> {
    const rows = await this.knex('mlops_change_writers')
      .where({ number })
      .orderBy('by');
    return rows.map(row => row.by);
  }

  /** Whom a person spoke for when they reviewed. */
  async setGroups(number: number, by: string, groups: string[]): Promise<void> {
    await this.knex('mlops_change_reviews')
      .insert({ number, by, groups: JSON.stringify(groups) })
      .onConflict(['number', 'by'])
      .merge();
  }

  async groups(number: number): Promise<Map<string, string[]>> {
    const rows = await this.knex('mlops_change_reviews').where({ number });
    return new Map(rows.map(row => [row.by, JSON.parse(row.groups)]));
  }

  private free(query: Knex.QueryBuilder): void {
    query
      .whereNull('lease_until')
      .orWhere('lease_until', '<', this.knex.raw(databaseNow(this.knex)));
  }
}

const placeOf = ({ number, name, commit }: CheckRow) => ({
  number,
  name,
  commit,
});

function toFacts(row: any): ChangeFacts {
  return {
    key: row.key,
    ...(row.number === null ? {} : { number: Number(row.number) }),
    project: row.project,
    kind: row.kind,
    ...(row.promotion ? { promotion: JSON.parse(row.promotion) } : {}),
    ...(row.trial ? { trial: JSON.parse(row.trial) } : {}),
    createdBy: row.created_by,
    createdAt: row.created_at,
  };
}

function toCheck(row: any): CheckRow {
  return {
    number: Number(row.number),
    name: row.name,
    commit: row.commit,
    attempt: Number(row.attempt),
    state: row.state,
    message: row.message,
    ...(row.log_url ? { logUrl: row.log_url } : {}),
    updatedAt: row.updated_at,
  };
}
