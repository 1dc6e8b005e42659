/*
 * Pull requests that the portal keeps itself: branches and commits in the bare repository, words and states in the database.
 * What moves a ref is written down in the row first, then the ref moves by compare-and-swap, then the row says so. A portal
 * that ends in between leaves a note that the next one finishes or takes back, so that it happened wholly or not at all.
 */
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  ConflictError,
  InputError,
  type FileContent,
  type HostActor,
  type MergeMethod,
  type OpenPullRequest,
  type PullRequest,
  type PullRequestCheck,
  type PullRequestDetail,
  type PullRequestHost,
  type ReviewVerdict,
} from '@backstage-mlops/mlops-core';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import type { GitRepository } from '../gitops/GitRepository';
import { failpoint } from '../runs/failpoint';
import {
  checkBranch,
  checkLine,
  checkPath,
  checkText,
  slugOf,
} from './checkNames';
import { GitCommits } from './GitCommits';
import type { GitComparison } from './GitComparison';
import { GitRefs, noCommit, RefMovedError } from './GitRefs';
import { mergeMessage, replay } from './replay';
import {
  PullRequestStore,
  type RefOperation,
  type StoredPullRequest,
} from './PullRequestStore';
import { SerialByKey } from './SerialByKey';

export interface LocalHostOptions {
  knex: Knex;
  /** The bare repository, or the mirror of another one. */
  repository: GitRepository;
  /** What is known of its commits. */
  comparison: GitComparison;
  /** The branch that changes go to. */
  branch: string;
  /** Address of the repository that the directory mirrors. */
  remote?: string;
  logger: LoggerService;
  now?(): Date;
}

const textLimit = 65_536;
const turns = 5;
// Longer than any git process of an operation may take.
const staleOperationMs = 150_000;

export class LocalPullRequestHost implements PullRequestHost {
  private readonly store: PullRequestStore;
  private readonly refs: GitRefs;
  private readonly commits: GitCommits;
  private readonly comparison: GitComparison;
  private readonly serial = new SerialByKey();
  private readonly now: () => Date;

  constructor(private readonly options: LocalHostOptions) {
    this.store = new PullRequestStore(options.knex);
    this.refs = new GitRefs(options);
    this.commits = new GitCommits(options.repository);
    this.comparison = options.comparison;
    this.now = options.now ?? (() => new Date());
  }

  async open(request: OpenPullRequest): Promise<PullRequestDetail> {
    const words = {
      title: checkLine(request.title, 'title', 250),
      message: checkText(request.message, 'message', textLimit),
    };
    return this.serial.run(`open ${request.key ?? randomUUID()}`, async () => {
      const known = request.key && (await this.findOpened(request.key));
      if (known) return this.get(known.number);
      const row = {
        ...words,
        ...(request.key ? { key: request.key } : {}),
        draft: request.draft ?? false,
        reviewers: request.reviewers ?? [],
        author: request.by.ref,
        target: this.options.branch,
        createdAt: this.now().toISOString(),
        updatedAt: this.now().toISOString(),
      };
      return 'branch' in request
        ? this.openBranch(row, request.branch)
        : this.openFiles(row, request);
    });
  }

  async update(
    number: number,
    change: Parameters<PullRequestHost['update']>[1],
  ): Promise<PullRequestDetail> {
    const values: Partial<StoredPullRequest> = {
      ...(change.title === undefined
        ? {}
        : { title: checkLine(change.title, 'title', 250) }),
      ...(change.message === undefined
        ? {}
        : { message: checkText(change.message, 'message', textLimit) }),
      ...(change.draft === undefined ? {} : { draft: change.draft }),
      ...(change.reviewers ? { reviewers: change.reviewers } : {}),
    };
    await this.alone(number, async row => {
      const then = { ...values, updatedAt: this.now().toISOString() };
      if (!change.files) {
        if (change.head !== undefined) await this.checkHead(row, change.head);
        await this.store.set(number, then);
        return;
      }
      const files = change.files;
      checkFiles(files);
      await this.moving(number, `refs/heads/${row.branch}`, async head => {
        if (change.head !== undefined && change.head !== head)
          throw moved(row, head);
        const to = await this.commits.commitFiles(head, files, {
          author: change.by,
          message: checkLine(change.commitTitle, 'commitTitle', 250),
        });
        return { to, then: { ...then, head: to } };
      });
    });
    return this.get(number);
  }

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
    const heads = await this.refs.pick(
      rows.flatMap(row => [row.branch, row.target]),
    );
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

  async get(number: number): Promise<PullRequestDetail> {
    const found = await this.settled(number);
    const heads = await this.refs.pick([found.branch, found.target]);
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

  async comment(
    number: number,
    { by, text }: { by: HostActor; text: string },
  ): Promise<PullRequestDetail> {
    await this.settled(number);
    const said = checkText(text, 'comment', textLimit);
    if (said.trim() === '')
      throw new InputError('comment must not be empty.', 'invalid-field');
    await this.store.addNote(number, {
      kind: 'comment',
      by: by.ref,
      text: said,
      at: this.now().toISOString(),
    });
    await this.store.set(number, { updatedAt: this.now().toISOString() });
    return this.get(number);
  }

  async review(
    number: number,
    review: { by: HostActor; verdict: ReviewVerdict; comment?: string },
  ): Promise<PullRequestDetail> {
    await this.alone(number, async row => {
      if (review.verdict === 'approved' && review.by.ref === row.author)
        throw new InputError(
          'The author of a request cannot approve it.',
          'invalid-field',
        );
      const comment = checkText(review.comment, 'comment', textLimit);
      await this.store.addNote(number, {
        kind: 'review',
        by: review.by.ref,
        verdict: review.verdict,
        ...(comment ? { comment } : {}),
        commit: await this.headOf(row),
        at: this.now().toISOString(),
      });
      await this.store.set(number, { updatedAt: this.now().toISOString() });
    });
    return this.get(number);
  }

  async setCheck(
    number: number,
    check: Omit<PullRequestCheck, 'updatedAt'>,
  ): Promise<void> {
    await this.settled(number);
    await this.store.setCheck(number, {
      ...check,
      updatedAt: this.now().toISOString(),
    });
  }

  async merge(
    number: number,
    options: { by: HostActor; method: MergeMethod; head: string },
  ): Promise<PullRequestDetail> {
    const merged = await this.alone(number, async row => {
      await this.checkHead(row, options.head);
      const { head } = options;
      await this.refs.set(`refs/mlops/changes/${number}`, head);
      await this.moving(number, `refs/heads/${row.target}`, async target => {
        const to = await this.mergeCommit(row, target, options);
        const at = this.now().toISOString();
        return {
          to,
          then: {
            state: 'merged',
            head,
            base: (await this.comparison.mergeBase(target, head)) ?? target,
            mergeCommit: to,
            mergedBy: options.by.ref,
            mergedAt: at,
            updatedAt: at,
          },
        };
      });
      return row;
    });
    await this.removeOwnBranch(merged, options.head);
    return this.get(number);
  }

  async close(number: number, _by: HostActor): Promise<PullRequestDetail> {
    await this.alone(number, async row => {
      const heads = await this.refs.pick([row.branch, row.target]);
      const { head, base } = await this.toPullRequest(row, heads);
      await this.refs.set(`refs/mlops/changes/${number}`, head);
      await this.store.set(number, {
        state: 'closed',
        head,
        base,
        updatedAt: this.now().toISOString(),
      });
    });
    return this.get(number);
  }

  async rebase(number: number, _by: HostActor): Promise<PullRequestDetail> {
    await this.alone(number, async row => {
      await this.moving(number, `refs/heads/${row.branch}`, async head => {
        const target = await this.targetOf(row);
        const to = await replay(
          { head, target, title: row.title, directory: this.options.repository.gitDirectory },
          this.commits,
          this.comparison,
        );
        await this.refs.set(`refs/mlops/changes/${number}`, to);
        return {
          to,
          then: { head: to, updatedAt: this.now().toISOString() },
        };
      });
    });
    return this.get(number);
  }

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

  /** Finishes or takes back what a portal that ended had begun. `all`: no other portal can be at work. */
  async repair(all: boolean): Promise<void> {
    for (const row of await this.store.unfinished())
      await this.serial.run(String(row.number), () =>
        this.endOperation(row.number, all ? 0 : staleOperationMs),
      );
  }

  /** Ends the processes that it keeps. */
  stop(): void {
    this.refs.close();
    this.commits.close();
  }

  private async openFiles(
    row: Omit<
      StoredPullRequest,
      'number' | 'branch' | 'state' | 'base' | 'head'
    >,
    { files, base, by }: { files: FileContent[]; base: string; by: HostActor },
  ): Promise<PullRequestDetail> {
    checkFiles(files);
    const target = await this.targetOf(row);
    const since = await this.commits
      .changedAmong(
        base,
        target,
        files.map(file => file.path),
      )
      .catch(() => {
        throw new InputError(
          `base must be a commit of the repository, not '${String(base).slice(
            0,
            60,
          )}'.`,
          'invalid-field',
        );
      });
    if (since.length > 0)
      throw new ConflictError(
        `The file '${since[0]}' changed on ${row.target} since ${base.slice(
          0,
          12,
        )}; look at it again.`,
        'conflict',
      );
    const head = await this.commits.commitFiles(target, files, {
      author: by,
      message: withWhy(row.title, row.message),
    });
    const stored = await this.store.add(
      { ...row, state: 'opening', base: target, head },
      number => `mlops/${number}-${slugOf(row.title)}`,
      branch =>
        this.operation(`refs/heads/${branch}`, noCommit, head, {
          state: 'open',
        }),
    );
    failpoint('change-stored');
    try {
      await this.refs.move(`refs/heads/${stored.branch}`, head, noCommit);
    } catch (error) {
      await this.store.remove(stored.number);
      if (error instanceof RefMovedError)
        throw new ConflictError(
          `There is a branch '${stored.branch}' already.`,
          'conflict',
        );
      throw error;
    }
    failpoint('change-ref-moved');
    await this.store.finish(stored.number, stored.operation!);
    return this.get(stored.number);
  }

  private async openBranch(
    row: Omit<
      StoredPullRequest,
      'number' | 'branch' | 'state' | 'base' | 'head'
    >,
    wanted: string,
  ): Promise<PullRequestDetail> {
    const branch = checkBranch(wanted);
    const target = await this.targetOf(row);
    const head = await this.refs.find(`refs/heads/${branch}`);
    if (!head || branch === row.target)
      throw new InputError(
        head
          ? `branch must be another one than ${row.target}.`
          : `branch must be one that was pushed; there is no '${branch}'.`,
        'invalid-field',
      );
    if (await this.comparison.isAncestor(head, target))
      throw new InputError(
        `branch '${branch}' has nothing that ${row.target} does not have.`,
        'invalid-field',
      );
    const { number } = await this.store.add(
      {
        ...row,
        state: 'open',
        base: (await this.comparison.mergeBase(target, head)) ?? target,
        head,
      },
      () => branch,
      () => undefined,
    );
    failpoint('change-stored');
    return this.get(number);
  }

  // The answer to a call that was made before, perhaps by a portal that ended in the middle of it.
  private async findOpened(
    key: string,
  ): Promise<StoredPullRequest | undefined> {
    const row = await this.store.findByKey(key);
    if (row?.state !== 'opening') return row;
    await this.endOperation(row.number, 0);
    return this.store.findByKey(key);
  }

  private async mergeCommit(
    row: StoredPullRequest,
    target: string,
    { by, method, head }: { by: HostActor; method: MergeMethod; head: string },
  ): Promise<string> {
    const { tree, conflicts } = await this.comparison.merge(target, head);
    if (conflicts.length > 0)
      throw new ConflictError(
        `The change does not fit ${row.target}: ${conflicts
          .slice(0, 3)
          .join(', ')}. Rebase it first.`,
        'conflict',
      );
    const base = (await this.comparison.mergeBase(target, head)) ?? target;
    const [first] = await this.comparison.commits(base, head);
    return this.commits.commitTree(
      tree,
      method === 'squash' ? [target] : [target, head],
      {
        author:
          (method === 'squash' &&
            first &&
            (await this.comparison.authorOf(first.commit))) ||
          by,
        message: mergeMessage(row, { method, by }),
      },
    );
  }

  /** Moves a ref to what `next` makes of its present commit, row and ref together or neither. */
  private async moving(
    number: number,
    ref: string,
    next: (
      from: string,
    ) => Promise<{ to: string; then: Partial<StoredPullRequest> }>,
  ): Promise<void> {
    for (let turn = 1; ; turn++) {
      const from = await this.refs.find(ref);
      if (!from)
        throw new ConflictError(
          `The branch '${ref.slice(
            'refs/heads/'.length,
          )}' is not there any more.`,
          'conflict',
        );
      const { to, then } = await next(from);
      const operation = this.operation(ref, from, to, then);
      await this.beginAlone(number, operation);
      failpoint('change-operation-stored');
      try {
        if (to !== from) await this.refs.move(ref, to, from);
        failpoint('change-ref-moved');
        await this.store.finish(number, operation);
        return;
      } catch (error) {
        // Where it is not known whether the ref has moved, the note stays and is looked at again.
        if (!(error instanceof RefMovedError)) throw error;
        await this.store.abandon(number);
        if (turn === turns)
          throw new ConflictError(
            `The branch '${ref.slice(
              'refs/heads/'.length,
            )}' moved again and again; try later.`,
            'conflict',
          );
      }
    }
  }

  // Another portal is at the same request for an instant at most.
  private async beginAlone(
    number: number,
    operation: RefOperation,
  ): Promise<void> {
    for (let turn = 0; !(await this.store.begin(number, operation)); turn++) {
      if (turn === 60)
        throw new ConflictError(
          `Request ${number} is being changed by somebody else now; ask again.`,
          'conflict',
        );
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }

  private operation(
    ref: string,
    from: string,
    to: string,
    then: Partial<StoredPullRequest>,
  ): RefOperation {
    return { id: randomUUID(), ref, from, to, then, begunAt: Date.now() };
  }

  // A row that is open and on which nothing else is done at the same time.
  private alone<T>(
    number: number,
    work: (row: StoredPullRequest) => Promise<T>,
  ): Promise<T> {
    return this.serial.run(String(number), async () => {
      const found = await this.settled(number, true);
      const row = await this.observe(
        found,
        await this.refs.pick([found.branch, found.target]),
      );
      if (row.state !== 'open')
        throw new ConflictError(
          `Request ${number} is ${row.state}.`,
          'conflict',
        );
      return work(row);
    });
  }

  // A row of which nothing is half done. Within `alone`, what this portal left half done is ended first.
  private async settled(
    number: number,
    isAlone = false,
  ): Promise<StoredPullRequest> {
    const row = await this.store.get(number);
    if (row.operation && isAlone)
      await this.endOperation(number, staleOperationMs);
    return row.operation ? this.store.get(number) : row;
  }

  private async endOperation(number: number, olderThanMs: number) {
    const row = await this.store.find(number);
    const operation = row?.operation;
    if (!row || !operation) return;
    if (Date.now() - operation.begunAt < olderThanMs) return;
    const present = await this.refs.find(operation.ref);
    const happened =
      present !== undefined &&
      (await this.comparison.isAncestor(operation.to, present));
    if (happened) {
      await this.store.finish(number, operation);
      if (operation.then.state === 'merged')
        await this.removeOwnBranch(row, row.head);
    } else if (row.state === 'opening') await this.store.remove(number);
    else await this.store.abandon(number);
  }

  // What git did beside the portal: new commits on the branch, or the branch merged by hand.
  private async observe(
    row: StoredPullRequest,
    heads: Map<string, string>,
  ): Promise<StoredPullRequest> {
    if (row.state !== 'open' || row.operation) return row;
    const head = heads.get(row.branch) ?? row.head;
    const target = heads.get(row.target);
    const updatedAt = this.now().toISOString();
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

  private async toPullRequest(
    row: StoredPullRequest,
    heads: Map<string, string>,
  ): Promise<PullRequest> {
    const { operation: _, state, ...rest } = row;
    const target = heads.get(row.target);
    const base =
      state === 'open' && target
        ? (await this.comparison.mergeBase(target, row.head)) ?? row.base
        : row.base;
    return { ...rest, state: state === 'opening' ? 'open' : state, base };
  }

  private async headOf(row: StoredPullRequest): Promise<string> {
    return (await this.refs.find(`refs/heads/${row.branch}`)) ?? row.head;
  }

  private async checkHead(row: StoredPullRequest, head: string): Promise<void> {
    const present = await this.headOf(row);
    if (present !== head) throw moved(row, present);
  }

  private async targetOf({ target }: { target: string }): Promise<string> {
    const commit = await this.refs.find(`refs/heads/${target}`);
    if (!commit)
      throw new ConflictError(
        `The branch '${target}' is not there.`,
        'conflict',
      );
    return commit;
  }

  // Branches that the portal made are its own to take away; pushed ones are their author's.
  private async removeOwnBranch(
    { number, branch }: StoredPullRequest,
    head: string,
  ): Promise<void> {
    if (!branch.startsWith(`mlops/${number}-`)) return;
    await this.refs
      .remove(`refs/heads/${branch}`, head)
      .catch(error =>
        this.options.logger.info(`changes: ${branch} stays: ${error.message}`),
      );
  }
}

const moved = ({ number, branch }: StoredPullRequest, head: string) =>
  new ConflictError(
    `Request ${number} has new commits: '${branch}' is at ${head.slice(
      0,
      12,
    )}.`,
    'conflict',
  );

const withWhy = (title: string, message: string) =>
  message ? `${title}\n\n${message}\n` : `${title}\n`;

function checkFiles(files: FileContent[]): void {
  if (files.length === 0)
    throw new InputError('files must hold at least one file.', 'invalid-field');
  const seen = new Set<string>();
  for (const { path, content } of files) {
    // What was pushed under an odd name can still be taken away.
    if (content !== null) checkPath(path);
    if (seen.has(path))
      throw new InputError(`path '${path}' is named twice.`, 'invalid-field');
    seen.add(path);
  }
}
