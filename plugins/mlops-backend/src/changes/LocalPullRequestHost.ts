/*
 * Pull requests that the portal keeps itself: branches and commits in the bare repository, words and states in the database.
 * Here is what is done to them; `LocalRequests` reads them, and `RefJournal` moves refs so that it happens wholly or not at all.
 */
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  branchSlug,
  ConflictError,
  InputError,
  type FileContent,
  type HostActor,
  type MergeMethod,
  type OpenPullRequest,
  type PullRequestCheck,
  type PullRequestDetail,
  type PullRequestHost,
  type ReviewVerdict,
} from '@backstage-mlops/mlops-core';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import type { GitRepository } from '../gitops/GitRepository';
import { failpoint } from '../runs/failpoint';
import { checkBranch, checkLine, checkPath, checkText } from './checkNames';
import { GitCommits } from './GitCommits';
import type { GitComparison } from './GitComparison';
import { GitRefs, noCommit, RefMovedError } from './GitRefs';
import { LocalRequests } from './LocalRequests';
import { mergedCommit } from './mergedCommit';
import { PullRequestStore, type StoredPullRequest } from './PullRequestStore';
import { RefJournal } from './RefJournal';
import { replay } from './replay';
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

export class LocalPullRequestHost implements PullRequestHost {
  private readonly store: PullRequestStore;
  private readonly refs: GitRefs;
  private readonly journal: RefJournal;
  private readonly requests: LocalRequests;
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
    const { store, refs, comparison, now } = this;
    const { branch, logger } = options;
    this.journal = new RefJournal({ store, refs, comparison, logger });
    this.requests = new LocalRequests({
      store,
      refs,
      comparison,
      branch,
      now,
    });
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
      await this.journal.move(
        number,
        `refs/heads/${row.branch}`,
        async head => {
          if (change.head !== undefined && change.head !== head)
            throw moved(row, head);
          const to = await this.commits.commitFiles(head, files, {
            author: change.by,
            message: checkLine(change.commitTitle, 'commitTitle', 250),
          });
          return { to, then: { ...then, head: to } };
        },
      );
    });
    return this.get(number);
  }

  list(
    query: Parameters<PullRequestHost['list']>[0],
  ): ReturnType<PullRequestHost['list']> {
    return this.requests.list(query);
  }

  async get(number: number): Promise<PullRequestDetail> {
    return this.requests.detail(await this.journal.settled(number));
  }

  async comment(
    number: number,
    { by, text }: { by: HostActor; text: string },
  ): Promise<PullRequestDetail> {
    await this.journal.settled(number);
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
    await this.journal.settled(number);
    await this.store.setCheck(number, {
      ...check,
      updatedAt: this.now().toISOString(),
    });
  }

  async merge(
    number: number,
    options: { by: HostActor; method: MergeMethod; head: string },
  ): Promise<PullRequestDetail> {
    const { commits, comparison } = this;
    const merged = await this.alone(number, async row => {
      await this.checkHead(row, options.head);
      const { head } = options;
      await this.refs.set(`refs/mlops/changes/${number}`, head);
      await this.journal.move(
        number,
        `refs/heads/${row.target}`,
        async target => {
          const to = await mergedCommit(row, target, options, {
            commits,
            comparison,
          });
          const at = this.now().toISOString();
          return {
            to,
            then: {
              state: 'merged',
              head,
              base: (await comparison.mergeBase(target, head)) ?? target,
              mergeCommit: to,
              mergedBy: options.by.ref,
              mergedAt: at,
              updatedAt: at,
            },
          };
        },
      );
      return row;
    });
    await this.journal.removeOwnBranch(merged, options.head);
    return this.get(number);
  }

  async close(number: number, _by: HostActor): Promise<PullRequestDetail> {
    await this.alone(number, async row => {
      const { head, base } = await this.requests.toPullRequest(row);
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
      await this.journal.move(
        number,
        `refs/heads/${row.branch}`,
        async head => {
          const target = await this.targetOf(row);
          const to = await replay(
            {
              head,
              target,
              title: row.title,
              directory: this.options.repository.gitDirectory,
            },
            this.commits,
            this.comparison,
          );
          await this.refs.set(`refs/mlops/changes/${number}`, to);
          return {
            to,
            then: { head: to, updatedAt: this.now().toISOString() },
          };
        },
      );
    });
    return this.get(number);
  }

  looseBranches(): Promise<{ branch: string; head: string }[]> {
    return this.requests.looseBranches();
  }

  /** Finishes or takes back what a portal that ended had begun. `all`: no other portal can be at work. */
  async repair(all: boolean): Promise<void> {
    for (const row of await this.store.unfinished())
      await this.serial.run(String(row.number), () =>
        this.journal.end(row.number, all ? 0 : undefined),
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
      number => `mlops/${number}-${branchSlug(row.title)}`,
      branch =>
        this.journal.note(`refs/heads/${branch}`, {
          from: noCommit,
          to: head,
          then: { state: 'open' },
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
    await this.journal.end(row.number, 0);
    return this.store.findByKey(key);
  }

  // A row that is open and on which nothing else is done at the same time.
  private alone<T>(
    number: number,
    work: (row: StoredPullRequest) => Promise<T>,
  ): Promise<T> {
    return this.serial.run(String(number), async () => {
      const row = await this.requests.observe(
        await this.journal.settled(number, true),
      );
      if (row.state !== 'open')
        throw new ConflictError(
          `Request ${number} is ${row.state}.`,
          'conflict',
        );
      return work(row);
    });
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
