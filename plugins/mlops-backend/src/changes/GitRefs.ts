/*
 * Refs are moved only from the value that was seen (compare-and-swap): who was second is told so and begins again. Where the
 * repository is a mirror of another, the other is moved first and with the same condition.
 */
import type { LoggerService } from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage-mlops/mlops-core';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { simpleGit } from 'simple-git';
import { GitConversation } from '../gitops/GitConversation';
import type { GitRepository } from '../gitops/GitRepository';
import { GitError, gitLine, runGit } from '../gitops/runGit';

/** The ref has another value than the caller saw. */
export class RefMovedError extends Error {
  constructor(readonly ref: string) {
    super(`${ref} has moved`);
  }
}

/** What a ref that is not there has as its old value. */
export const noCommit = '0'.repeat(40);

/** To another commit, or away; only from the commit that is named. */
interface RefUpdate {
  ref: string;
  to?: string;
  from?: string;
}

const staleLockMs = 60_000;

export class GitRefs {
  private readonly directory: string;
  private readonly updates: GitConversation;

  constructor(
    private readonly options: {
      repository: GitRepository;
      /** Address of the repository that this one mirrors. */
      remote?: string;
      logger: LoggerService;
    },
  ) {
    this.directory = options.repository.gitDirectory;
    this.updates = new GitConversation(this.directory, [
      'update-ref',
      '--create-reflog',
      '-m',
      'portal',
      '-z',
      '--stdin',
    ]);
  }

  /** All branches. */
  async heads(): Promise<Map<string, string>> {
    const out = await gitLine(this.directory, [
      'for-each-ref',
      '--format=%(objectname) %(refname)',
      'refs/heads',
    ]);
    return new Map(
      out
        .split('\n')
        .filter(Boolean)
        .map(line => [
          line.slice(41 + 'refs/heads/'.length),
          line.slice(0, 40),
        ]),
    );
  }

  /** Branches with commits that another one does not have. */
  async unmerged(commit: string): Promise<string[]> {
    const out = await gitLine(this.directory, [
      'for-each-ref',
      `--no-merged=${commit}`,
      '--format=%(refname)',
      'refs/heads',
    ]);
    return out
      .split('\n')
      .filter(Boolean)
      .map(name => name.slice('refs/heads/'.length));
  }

  /** These branches with their commits, as far as they are there. */
  async pick(branches: string[]): Promise<Map<string, string>> {
    const names = [...new Set(branches)];
    const found = await Promise.all(
      names.map(name => this.find(`refs/heads/${name}`)),
    );
    return new Map(
      names.flatMap((name, place) => {
        const commit = found[place];
        return commit === undefined ? [] : [[name, commit] as const];
      }),
    );
  }

  /** The commit of a full ref name. */
  async find(ref: string): Promise<string | undefined> {
    return this.options.repository.commitOf(ref);
  }

  /** The commit of a branch. ConflictError when it is not there. */
  async branchHead(branch: string): Promise<string> {
    const commit = await this.find(`refs/heads/${branch}`);
    if (!commit)
      throw new ConflictError(
        `The branch '${branch}' is not there.`,
        'conflict',
      );
    return commit;
  }

  /** Moves a ref from one commit to another. RefMovedError when it is not at the first any more. */
  async move(ref: string, to: string, from: string): Promise<void> {
    const { remote } = this.options;
    if (remote && ref.startsWith('refs/heads/')) {
      await this.push(remote, ref, { to, from });
      // The mirror may have fetched the same in between.
      if ((await this.find(ref)) !== to)
        await this.set(ref, to).catch(() => {});
      return;
    }
    await this.update({ ref, to, from });
  }

  /** Takes a branch away. RefMovedError when it has moved. */
  async remove(ref: string, from: string): Promise<void> {
    const { remote } = this.options;
    if (remote && ref.startsWith('refs/heads/'))
      await this.push(remote, ref, { to: '', from });
    if ((await this.find(ref)) === undefined) return;
    await this.update({ ref, from });
  }

  /** Holds a commit, whatever becomes of its branch. */
  async set(ref: string, commit: string): Promise<void> {
    await this.update({ ref, to: commit });
  }

  close(): void {
    this.updates.close();
  }

  // One transaction of the process that lives long. Whatever it does not do, a process of its own does, or says why not: all of it
  // has the same condition, so it happens once.
  private async update(wish: RefUpdate): Promise<void> {
    const { ref, to, from = '' } = wish;
    const command =
      to === undefined
        ? `delete ${ref}\0${from}\0`
        : `update ${ref}\0${to}\0${from}\0`;
    try {
      await this.updates.ask(`start\0${command}prepare\0commit\0`, 3);
    } catch {
      if (from === '' || (await this.find(ref)) !== to)
        await this.updateRef(
          ref,
          to === undefined
            ? ['-d', ref, from]
            : [ref, to, from].filter(Boolean),
        );
    }
  }

  private async push(
    remote: string,
    ref: string,
    { to, from }: { to: string; from: string },
  ): Promise<void> {
    try {
      await simpleGit(this.directory, {
        timeout: { block: 60_000 },
      }).raw([
        'push',
        '--porcelain',
        `--force-with-lease=${ref}:${from === noCommit ? '' : from}`,
        '--',
        remote,
        `${to}:${ref}`,
      ]);
    } catch (error) {
      if (/stale info|rejected|fetch first|non-fast-forward/.test(`${error}`))
        throw new RefMovedError(ref);
      // The address may hold a password.
      throw new GitError('push', `${error}`.replaceAll(remote, 'the remote'));
    }
  }

  private async updateRef(
    ref: string,
    args: string[],
    isRetry = false,
  ): Promise<void> {
    try {
      await runGit(this.directory, [
        'update-ref',
        ...(args[0] === '-d' ? [] : ['--create-reflog', '-m', 'portal']),
        ...args,
      ]);
    } catch (error) {
      const lock = /Unable to create '([^']+\.lock)'/.exec(`${error}`)?.[1];
      if (lock && !isRetry && (await this.freeLock(lock)))
        return this.updateRef(ref, args, true);
      const current = await this.find(ref);
      const old = args[0] === '-d' ? args[2] : args[2] ?? current;
      if (lock || (current ?? noCommit) !== (old ?? noCommit))
        throw new RefMovedError(ref);
      throw error;
    }
    return undefined;
  }

  // Git holds a ref for an instant. A lock that is old was left by a process that was killed.
  private async freeLock(lock: string): Promise<boolean> {
    const { directory } = this;
    const { logger } = this.options;
    const file = path.resolve(lock);
    if (!file.startsWith(path.resolve(directory) + path.sep)) return false;
    for (let turn = 0; turn < 10; turn++) {
      const found = await stat(file).catch(() => undefined);
      if (!found) return true;
      if (Date.now() - found.mtimeMs > staleLockMs) {
        logger.warn(`gitops: ${path.basename(file)} was left behind; removed`);
        await rm(file, { force: true });
        return true;
      }
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    return false;
  }
}
