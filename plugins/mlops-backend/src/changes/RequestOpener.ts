/* Opens pull requests: from files, for which it makes the commit and the branch, or from a branch that somebody pushed. */
import {
  branchSlug,
  ConflictError,
  InputError,
  type FileContent,
  type HostActor,
  type OpenPullRequest,
} from '@backstage-mlops/mlops-core';
import { failpoint } from '../runs/failpoint';
import {
  checkBranch,
  checkFiles,
  checkLine,
  checkText,
  textLimit,
} from './checkNames';
import type { GitCommits } from './GitCommits';
import type { GitComparison } from './GitComparison';
import { noCommit, RefMovedError, type GitRefs } from './GitRefs';
import type { PullRequestStore, StoredPullRequest } from './PullRequestStore';
import type { RefJournal } from './RefJournal';

/** What the words of a request give; its commits and its branch come with the opening. */
type NewRow = Omit<
  StoredPullRequest,
  'number' | 'branch' | 'state' | 'base' | 'head'
>;

interface Parts {
  store: PullRequestStore;
  refs: GitRefs;
  commits: GitCommits;
  comparison: GitComparison;
  journal: RefJournal;
  /** The branch that changes go to. */
  branch: string;
  now(): Date;
}

export class RequestOpener {
  constructor(private readonly parts: Parts) {}

  /** Number of the request; one that the same key opened before is given again. InputError, ConflictError. */
  async open(request: OpenPullRequest): Promise<number> {
    const words = {
      title: checkLine(request.title, 'title', 250),
      message: checkText(request.message, 'message', textLimit),
    };
    const known = request.key && (await this.findOpened(request.key));
    if (known) return known.number;
    const now = this.parts.now().toISOString();
    const row = {
      ...words,
      ...(request.key ? { key: request.key } : {}),
      draft: request.draft ?? false,
      reviewers: request.reviewers ?? [],
      author: request.by.ref,
      target: this.parts.branch,
      createdAt: now,
      updatedAt: now,
    };
    return 'branch' in request
      ? this.openBranch(row, request.branch)
      : this.openFiles(row, request);
  }

  private async openFiles(
    row: NewRow,
    { files, base, by }: { files: FileContent[]; base: string; by: HostActor },
  ): Promise<number> {
    const { commits, journal, refs, store } = this.parts;
    checkFiles(files);
    const target = await refs.branchHead(row.target);
    await this.refuseChanged(row.target, { files, base, target });
    const head = await commits.commitFiles(target, files, {
      author: by,
      message: withWhy(row.title, row.message),
    });
    const stored = await store.add(
      { ...row, state: 'opening', base: target, head },
      number => `mlops/${number}-${branchSlug(row.title)}`,
      branch =>
        journal.note(`refs/heads/${branch}`, {
          from: noCommit,
          to: head,
          then: { state: 'open' },
        }),
    );
    failpoint('change-stored');
    try {
      await refs.move(`refs/heads/${stored.branch}`, head, noCommit);
    } catch (error) {
      await store.remove(stored.number);
      if (error instanceof RefMovedError)
        throw new ConflictError(
          `There is a branch '${stored.branch}' already.`,
          'conflict',
        );
      throw error;
    }
    failpoint('change-ref-moved');
    await store.finish(stored.number, stored.operation!);
    return stored.number;
  }

  // Who wrote a file anew has seen what it was.
  private async refuseChanged(
    branch: string,
    {
      files,
      base,
      target,
    }: { files: FileContent[]; base: string; target: string },
  ): Promise<void> {
    const since = await this.parts.commits
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
        `The file '${since[0]}' changed on ${branch} since ${base.slice(
          0,
          12,
        )}; look at it again.`,
        'conflict',
      );
  }

  private async openBranch(row: NewRow, wanted: string): Promise<number> {
    const { comparison, refs, store } = this.parts;
    const branch = checkBranch(wanted);
    const target = await refs.branchHead(row.target);
    const head = await refs.find(`refs/heads/${branch}`);
    if (!head || branch === row.target)
      throw new InputError(
        head
          ? `branch must be another one than ${row.target}.`
          : `branch must be one that was pushed; there is no '${branch}'.`,
        'invalid-field',
      );
    if (await comparison.isAncestor(head, target))
      throw new InputError(
        `branch '${branch}' has nothing that ${row.target} does not have.`,
        'invalid-field',
      );
    const { number } = await store.add(
      {
        ...row,
        state: 'open',
        base: (await comparison.mergeBase(target, head)) ?? target,
        head,
      },
      () => branch,
      () => undefined,
    );
    failpoint('change-stored');
    return number;
  }

  // The answer to a call that was made before, perhaps by a portal that ended in the middle of it.
  private async findOpened(
    key: string,
  ): Promise<StoredPullRequest | undefined> {
    const row = await this.parts.store.findByKey(key);
    if (row?.state !== 'opening') return row;
    await this.parts.journal.end(row.number, 0);
    return this.parts.store.findByKey(key);
  }
}

const withWhy = (title: string, message: string) =>
  message ? `${title}\n\n${message}\n` : `${title}\n`;
