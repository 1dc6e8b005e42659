/*
 * Pull requests that the portal keeps itself: branches and commits in the bare repository, words and states in the database.
 * Here is what is done to them; `RequestOpener` makes them, `LocalRequests` reads them, and `RefJournal` moves refs so that it happens
 * wholly or not at all.
 */
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  ConflictError,
  InputError,
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
import { checkFiles, checkLine, checkText, textLimit } from './checkNames';
import { GitCommits } from './GitCommits';
import type { GitComparison } from './GitComparison';
import { GitRefs } from './GitRefs';
import { LocalRequests } from './LocalRequests';
import { mergedCommit } from './mergedCommit';
import { PullRequestStore, type StoredPullRequest } from './PullRequestStore';
import { RefJournal } from './RefJournal';
import { replay } from './replay';
import { RequestOpener } from './RequestOpener';
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

export class LocalPullRequestHost implements PullRequestHost {
  private readonly store: PullRequestStore;
  private readonly refs: GitRefs;
  private readonly journal: RefJournal;
  private readonly requests: LocalRequests;
  private readonly opener: RequestOpener;
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
    this.opener = new RequestOpener({
      store,
      refs,
      commits: this.commits,
      comparison,
      journal: this.journal,
      branch,
      now,
    });
  }

  async open(request: OpenPullRequest): Promise<PullRequestDetail> {
    return this.serial.run(`open ${request.key ?? randomUUID()}`, async () =>
      this.get(await this.opener.open(request)),
    );
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
          const target = await this.refs.branchHead(row.target);
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
}

const moved = ({ number, branch }: StoredPullRequest, head: string) =>
  new ConflictError(
    `Request ${number} has new commits: '${branch}' is at ${head.slice(
      0,
      12,
    )}.`,
    'conflict',
  );
