/* What is read of the requests that the portal keeps itself: their rows, and what git says of their branches now. */
import {
  InputError,
  type PullRequest,
  type PullRequestDetail,
} from '@backstage-mlops/mlops-core';
import type { GitComparison } from './GitComparison';
import type { GitRefs } from './GitRefs';
import type { PullRequestStore, StoredPullRequest } from './PullRequestStore';

export class LocalRequests {
  private readonly store: PullRequestStore;
  private readonly refs: GitRefs;
  private readonly comparison: GitComparison;

  constructor(
    private readonly options: {
      store: PullRequestStore;
      refs: GitRefs;
      comparison: GitComparison;
      /** The branch that changes go to. */
      branch: string;
      now(): Date;
    },
  ) {
    ({
      store: this.store,
      refs: this.refs,
      comparison: this.comparison,
    } = options);
  }

  /** Newest first. */
  async list(query: {
    state?: PullRequest['state'];
    limit: number;
    cursor?: string;
  }): Promise<{ items: PullRequest[]; nextCursor?: string }> {
    const before =
      query.cursor === undefined ? undefined : Number(query.cursor);
    if (before !== undefined && !Number.isSafeInteger(before))
      throw new InputError(
        `cursor must be one that a list gave, not '${query.cursor!.slice(
          0,
          50,
        )}'.`,
        'invalid-field',
      );
    const rows = await this.store.list({
      states: query.state ? [query.state] : ['open', 'merged', 'closed'],
      limit: query.limit + 1,
      before,
    });
    const heads = await this.headsOf(rows);
    const seen = await Promise.all(
      rows.slice(0, query.limit).map(row => this.observe(row, heads)),
    );
    const items = await Promise.all(
      seen
        .filter(row => !query.state || row.state === query.state)
        .map(row => this.toPullRequest(row, heads)),
    );
    return rows.length > query.limit
      ? { items, nextCursor: String(rows[query.limit - 1].number) }
      : { items };
  }

  /** A request with all that belongs to it. */
  async detail(found: StoredPullRequest): Promise<PullRequestDetail> {
    const { number } = found;
    const heads = await this.headsOf([found]);
    const row = await this.observe(found, heads);
    const request = await this.toPullRequest(row, heads);
    const target = heads.get(row.target);
    const [files, commits, checks, notes, merge] = await Promise.all([
      this.comparison.files(request.base, request.head),
      this.comparison.commits(request.base, request.head),
      this.store.checks(number),
      this.store.notes(number),
      row.state === 'open' && target
        ? this.comparison.merge(target, request.head)
        : undefined,
    ]);
    return {
      ...request,
      ...(merge ? { mergeable: merge.conflicts.length === 0 } : {}),
      files,
      commits,
      checks,
      ...notes,
      ...(merge && merge.conflicts.length > 0
        ? { conflicts: await this.comparison.conflicts(target!, request.head) }
        : {}),
    };
  }

  /** Branches that were pushed and have no open request. */
  async looseBranches(): Promise<{ branch: string; head: string }[]> {
    const { branch: target } = this.options;
    const heads = await this.refs.heads();
    const main = heads.get(target);
    if (!main) return [];
    const taken = new Set(
      (
        await this.store.list({
          states: ['opening', 'open'],
          limit: 10_000,
        })
      ).map(row => row.branch),
    );
    const over = new Set(
      (
        await this.store.list({
          states: ['merged', 'closed'],
          limit: 1000,
        })
      ).map(row => `${row.branch} ${row.head}`),
    );
    return (await this.refs.unmerged(main))
      .map(branch => ({ branch, head: heads.get(branch)! }))
      .filter(
        ({ branch, head }) =>
          head !== undefined &&
          branch !== target &&
          !taken.has(branch) &&
          !over.has(`${branch} ${head}`),
      );
  }

  /** A row with what git did beside the portal: new commits on the branch, or the branch merged by hand. */
  async observe(
    row: StoredPullRequest,
    known?: Map<string, string>,
  ): Promise<StoredPullRequest> {
    if (row.state !== 'open' || row.operation) return row;
    const heads = known ?? (await this.headsOf([row]));
    const head = heads.get(row.branch) ?? row.head;
    const target = heads.get(row.target);
    const updatedAt = this.options.now().toISOString();
    if (
      target &&
      head !== target &&
      (await this.comparison.isAncestor(head, target))
    ) {
      const then = {
        state: 'merged' as const,
        head,
        mergeCommit: head,
        mergedAt: updatedAt,
        updatedAt,
      };
      await this.store.set(row.number, then);
      return { ...row, ...then };
    }
    if (head === row.head) return row;
    await this.refs
      .set(`refs/mlops/changes/${row.number}`, head)
      .catch(() => undefined);
    await this.store.set(row.number, { head, updatedAt });
    return { ...row, head, updatedAt };
  }

  /** A row as every host tells it. */
  async toPullRequest(
    row: StoredPullRequest,
    known?: Map<string, string>,
  ): Promise<PullRequest> {
    const { operation: _, state, ...rest } = row;
    const heads = known ?? (await this.headsOf([row]));
    const target = heads.get(row.target);
    const base =
      state === 'open' && target
        ? (await this.comparison.mergeBase(target, row.head)) ?? row.base
        : row.base;
    return { ...rest, state: state === 'opening' ? 'open' : state, base };
  }

  private headsOf(rows: StoredPullRequest[]): Promise<Map<string, string>> {
    return this.refs.pick(rows.flatMap(row => [row.branch, row.target]));
  }
}
