/* Rows of the pull requests that the portal keeps itself. */
import {
  ConflictError,
  NotFoundError,
  type PullRequestCheck,
  type PullRequestComment,
  type PullRequestReview,
  type ReviewVerdict,
} from '@backstage-mlops/mlops-core';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';

/** What is being done to a ref, written down before it is done. */
export interface RefOperation {
  id: string;
  ref: string;
  from: string;
  to: string;
  /** What the row becomes when the ref has moved. */
  then: Partial<StoredPullRequest>;
  /** Milliseconds since 1970. */
  begunAt: number;
}

/** A pull request as its row has it. */
export interface StoredPullRequest {
  number: number;
  key?: string;
  title: string;
  message: string;
  state: 'opening' | 'open' | 'merged' | 'closed';
  draft: boolean;
  branch: string;
  target: string;
  base: string;
  head: string;
  author: string;
  createdAt: string;
  updatedAt: string;
  mergeCommit?: string;
  mergedBy?: string;
  mergedAt?: string;
  reviewers: string[];
  operation?: RefOperation;
}

const table = 'mlops_pull_requests';

export class PullRequestStore {
  constructor(private readonly knex: Knex) {}

  async find(number: number): Promise<StoredPullRequest | undefined> {
    if (!Number.isSafeInteger(number) || number < 1 || number > 2_000_000_000)
      return undefined;
    const row = await this.knex(table).where({ number }).first();
    return row && toStored(row);
  }

  async get(number: number): Promise<StoredPullRequest> {
    const found = await this.find(number);
    if (!found)
      throw new NotFoundError(
        `There is no request ${String(number).slice(0, 40)}.`,
        'not-found',
      );
    return found;
  }

  async findByKey(key: string): Promise<StoredPullRequest | undefined> {
    const row = await this.knex(table).where({ open_key: key }).first();
    return row && toStored(row);
  }

  /** Writes a new row. ConflictError when the branch has an open request already. */
  async add(
    row: Omit<StoredPullRequest, 'number' | 'branch'>,
    branchOf: (number: number) => string,
    operationOf: (branch: string) => RefOperation | undefined,
  ): Promise<StoredPullRequest> {
    return this.knex.transaction(async trx => {
      const place = randomUUID();
      const [inserted] = await trx(table)
        .insert({
          ...toRow({ ...row, branch: place }),
          open_branch: place,
        })
        .returning('number')
        .catch(refuseSecond);
      const number = Number(inserted.number ?? inserted);
      const branch = branchOf(number);
      const operation = operationOf(branch);
      await trx(table)
        .where({ number })
        .update({
          branch,
          open_branch: branch,
          operation: operation ? JSON.stringify(operation) : null,
        })
        .catch(refuseSecond);
      return { ...row, number, branch, operation };
    });
  }

  /** Writes down what is about to be done; false when something else is being done. */
  async begin(number: number, operation: RefOperation): Promise<boolean> {
    const changed = await this.knex(table)
      .where({ number, state: 'open' })
      .whereNull('operation')
      .update({ operation: JSON.stringify(operation) });
    return changed > 0;
  }

  /** What was begun has happened. */
  async finish(number: number, operation: RefOperation): Promise<void> {
    await this.set(number, operation.then, true);
  }

  /** What was begun has not happened. */
  async abandon(number: number): Promise<void> {
    await this.knex(table).where({ number }).update({ operation: null });
  }

  async set(
    number: number,
    values: Partial<StoredPullRequest>,
    endsOperation = false,
  ): Promise<void> {
    const row = toRow(values);
    if (values.state === 'merged' || values.state === 'closed')
      row.open_branch = null;
    if (endsOperation) row.operation = null;
    if (Object.keys(row).length === 0) return;
    await this.knex(table).where({ number }).update(row);
  }

  async remove(number: number): Promise<void> {
    await this.knex(table).where({ number, state: 'opening' }).delete();
  }

  async list(query: {
    states: StoredPullRequest['state'][];
    limit: number;
    before?: number;
  }): Promise<StoredPullRequest[]> {
    const select = this.knex(table)
      .whereIn('state', query.states)
      .orderBy('number', 'desc')
      .limit(query.limit);
    if (query.before !== undefined) select.where('number', '<', query.before);
    return (await select).map(toStored);
  }

  /** Requests with something begun and not ended. */
  async unfinished(): Promise<StoredPullRequest[]> {
    return (await this.knex(table).whereNotNull('operation')).map(toStored);
  }

  async checks(number: number): Promise<PullRequestCheck[]> {
    const rows = await this.knex('mlops_pull_request_checks')
      .where({ number })
      .orderBy('name');
    return rows.map(row => ({
      name: row.name,
      commit: row.commit,
      state: row.state,
      message: row.message,
      ...(row.log_url ? { logUrl: row.log_url } : {}),
      updatedAt: row.updated_at,
    }));
  }

  async setCheck(number: number, check: PullRequestCheck): Promise<void> {
    await this.knex('mlops_pull_request_checks')
      .insert({
        number,
        name: check.name,
        commit: check.commit,
        state: check.state,
        message: check.message,
        log_url: check.logUrl ?? null,
        updated_at: check.updatedAt,
      })
      .onConflict(['number', 'name'])
      .merge();
  }

  async addNote(
    number: number,
    note:
      | ({ kind: 'comment' } & PullRequestComment)
      | ({ kind: 'review' } & PullRequestReview),
  ): Promise<void> {
    const { kind, by, at } = note;
    await this.knex('mlops_pull_request_notes').insert({
      number,
      kind,
      by,
      at,
      ...(kind === 'comment'
        ? { text: note.text }
        : {
            verdict: note.verdict,
            text: note.comment ?? null,
            commit: note.commit,
          }),
    });
  }

  async notes(
    number: number,
  ): Promise<{ reviews: PullRequestReview[]; comments: PullRequestComment[] }> {
    const rows = await this.knex('mlops_pull_request_notes')
      .where({ number })
      .orderBy('id');
    return {
      comments: rows
        .filter(row => row.kind === 'comment')
        .map(({ by, text, at }) => ({ by, text, at })),
      reviews: rows
        .filter(row => row.kind === 'review')
        .map(row => ({
          by: row.by,
          verdict: row.verdict as ReviewVerdict,
          ...(row.text ? { comment: row.text } : {}),
          commit: row.commit,
          at: row.at,
        })),
    };
  }
}

function refuseSecond(error: any): never {
  if (/unique|duplicate/i.test(String(error?.message)))
    throw new ConflictError(
      'This branch has an open request already.',
      'conflict',
    );
  throw error;
}

const columns: Record<string, string> = {
  key: 'open_key',
  title: 'title',
  message: 'message',
  state: 'state',
  draft: 'draft',
  branch: 'branch',
  target: 'target',
  base: 'base',
  head: 'head',
  author: 'author',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  mergeCommit: 'merge_commit',
  mergedBy: 'merged_by',
  mergedAt: 'merged_at',
};

function toRow(values: Partial<StoredPullRequest>): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [name, column] of Object.entries(columns)) {
    const value = values[name as keyof StoredPullRequest];
    if (value !== undefined) row[column] = value;
  }
  if (values.reviewers) row.reviewers = JSON.stringify(values.reviewers);
  if (values.operation) row.operation = JSON.stringify(values.operation);
  return row;
}

function toStored(row: any): StoredPullRequest {
  const stored: any = { number: Number(row.number) };
  for (const [name, column] of Object.entries(columns))
    if (row[column] !== null && row[column] !== undefined)
      stored[name] = row[column];
  return {
    ...stored,
    draft: Boolean(row.draft),
    reviewers: JSON.parse(row.reviewers),
    ...(row.operation ? { operation: JSON.parse(row.operation) } : {}),
  };
}
