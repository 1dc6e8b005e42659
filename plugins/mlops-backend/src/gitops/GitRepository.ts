/*
 * Reads a git repository by its objects alone: one long-lived `git cat-file --batch`, and refs. No work tree, no hooks, no
 * configuration of the machine; text of users reaches git only as refs and paths that were checked before.
 */
import {
  InputError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage-mlops/mlops-core';
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ObjectReader, type GitObject } from './ObjectReader';
import { measureTree, type TreeLimits } from './measureTree';
import { parseTree, type TreeEntry } from './parseTree';

const run = promisify(execFile);

/** @public */
export interface CommitInfo {
  commit: string;
  message: string;
  author: string;
  date: string;
}

/** Environment of every git process. */
export const gitEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_COMMITTER_NAME: 'MLOps portal',
  GIT_COMMITTER_EMAIL: 'portal@localhost',
  LC_ALL: 'C',
  // What a commit says about its own files (`.gitattributes`) hides no line of them and leaves out no file; some releases of git read it
  // from the newest commit of a bare repository.
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'attr.tree',
  GIT_CONFIG_VALUE_0: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
};

// Letters of every language, and what teams put into names of branches; never an option, a range or a pattern.
const refPattern =
  /^(?!.*(?:\.\.|\/\/|@\{|\.lock(?:\/|$)))[\p{L}\p{N}_][\p{L}\p{M}\p{N}_./+#@=,&%!()-]{0,199}$/u;

const maxTreeBytes = 1 << 20;

/** @public */
export class GitRepository {
  private reader?: ObjectReader;

  constructor(readonly gitDirectory: string) {}

  private async git(
    args: string[],
    maxBuffer = 64 * 1024 * 1024,
  ): Promise<string> {
    // The repository may belong to another user of the machine, which git would refuse to read without being told.
    const { stdout } = await run(
      'git',
      [
        '-c',
        'safe.directory=*',
        '-c',
        'core.hooksPath=/dev/null',
        '--git-dir',
        this.gitDirectory,
        ...args,
      ],
      { env: gitEnvironment, maxBuffer, timeout: 60_000 },
    );
    return stdout;
  }

  /**
   * The commit of a branch, tag or (short) commit id. InputError for a ref that is none, which names the field that it stands in;
   * NotFoundError when it is not there, ServiceUnavailableError when the whole repository is not.
   */
  async resolve(ref: string, field = 'ref'): Promise<string> {
    if (!refPattern.test(ref) || ref.endsWith('/') || ref.endsWith('.'))
      throw new InputError(
        `${field} '${ref.slice(
          0,
          100,
        )}' is not the name of a branch, tag or commit.`,
        'invalid-field',
      );
    const found = await Promise.all(
      [
        `refs/heads/${ref}`,
        `refs/tags/${ref}`,
        ...(/^[0-9a-f]{7,40}$/.test(ref) ? [ref] : []),
      ].map(name => this.commitOf(name)),
    );
    const commit = found.find(oid => oid !== undefined);
    if (commit !== undefined) return commit;
    if (!existsSync(path.join(this.gitDirectory, 'HEAD')))
      throw new ServiceUnavailableError(
        'The GitOps repository cannot be read now. Try again later.',
        'unavailable',
      );
    throw new NotFoundError(
      `There is no branch, tag or commit '${ref}'.`,
      'not-found',
    );
  }

  /** The commit that a full name of a ref, or a (short) id, stands for now; undefined when there is none. */
  async commitOf(name: string): Promise<string | undefined> {
    return (await this.read(`${name}^{commit}`, 0))?.oid;
  }

  /**
   * What a folder holds, by the id of its tree or by `<commit>:<path>`; not what the folders in it hold, which a stranger can make as
   * deep and wide as he likes. `tooLarge` when it has more than about twenty thousand entries.
   */
  async readFolder(
    name: string,
  ): Promise<{ entries: TreeEntry[]; oid?: string; tooLarge?: boolean }> {
    const found = await this.read(name, maxTreeBytes);
    if (found?.type !== 'tree') return { entries: [] };
    return {
      oid: found.oid,
      entries: found.bytes ? parseTree(found.bytes) : [],
      ...(found.bytes ? {} : { tooLarge: true }),
    };
  }

  /** An object by its id, by `<commit>:<path>` or by `<commit>^{tree}`, without its bytes when they are more than the limit. */
  read(name: string, limitBytes: number): Promise<GitObject | undefined> {
    this.reader ??= new ObjectReader(
      ['-c', 'safe.directory=*', '--git-dir', this.gitDirectory],
      gitEnvironment,
      () => (this.reader = undefined),
    );
    return this.reader.read(name, limitBytes);
  }

  /** Branches with their commits. */
  async branches(): Promise<{ name: string; commit: string }[]> {
    const out = await this.git([
      'for-each-ref',
      '--count=200',
      '--format=%(refname:short) %(objectname)',
      'refs/heads',
    ]);
    return out
      .split('\n')
      .filter(Boolean)
      .map(line => ({
        name: line.slice(0, line.lastIndexOf(' ')),
        commit: line.slice(line.lastIndexOf(' ') + 1),
      }));
  }

  /** Newest commits that touched a folder. */
  async log(
    commit: string,
    folder: string,
    limit: number,
  ): Promise<CommitInfo[]> {
    const out = await this.git([
      'log',
      `--max-count=${limit}`,
      '--format=%H%x1f%s%x1f%an%x1f%cI',
      commit,
      '--',
      ...(folder ? [folder] : []),
    ]);
    return out
      .split('\n')
      .filter(Boolean)
      .map(line => {
        const [id, message, author, date] = line.split('\x1f');
        return { commit: id, message: message.slice(0, 200), author, date };
      });
  }

  /** Holds a commit by a ref of the portal's own, so that git never takes it away. */
  async keep(ref: string, commit: string): Promise<void> {
    if (
      !/^refs\/mlops\/[a-z]+\/[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(ref) ||
      !/^[0-9a-f]{40}$/.test(commit)
    )
      throw new Error(`'${ref}' is no ref of the portal`);
    await this.git(['update-ref', ref, commit]);
  }

  /** Names below a place of the portal, as `runs`, that hold a commit. */
  async heldBy(place: 'runs'): Promise<string[]> {
    const prefix = `refs/mlops/${place}/`;
    const refs = await this.git([
      'for-each-ref',
      '--format=%(refname)',
      prefix,
    ]);
    return refs
      .toString()
      .split('\n')
      .filter(Boolean)
      .map(ref => ref.slice(prefix.length));
  }

  /** Lets a commit go that was held. */
  async letGo(ref: string): Promise<void> {
    if (!/^refs\/mlops\/[a-z]+\/[A-Za-z0-9_-]+$/.test(ref)) return;
    await this.git(['update-ref', '-d', ref]);
  }

  /**
   * Writes the files of a commit into a folder, links and all, for a step that sees nothing else of the machine. A commit that passes
   * a limit is refused before anything is written.
   */
  async checkout(
    commit: string,
    target: string,
    limits: TreeLimits = { bytes: 2 * 1024 ** 3, entries: 100_000 },
  ): Promise<void> {
    const args = ['-c', 'safe.directory=*', '--git-dir', this.gitDirectory];
    const env = gitEnvironment;
    await measureTree({ args, env }, commit, limits);
    await mkdir(target, { recursive: true });
    const archive = spawn(
      'git',
      // Every file as it was committed: attributes of a work tree are read, which a bare repository has not, instead of the commit's.
      [
        ...args,
        '--bare',
        'archive',
        '--worktree-attributes',
        '--format=tar',
        commit,
      ],
      { env, stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const unpack = spawn(
      'tar',
      ['--extract', '--no-same-owner', '--directory', target],
      { stdio: ['pipe', 'ignore', 'ignore'] },
    );
    // A tar that ended early breaks the pipe; its exit code tells.
    unpack.stdin.on('error', () => {});
    archive.stdout.pipe(unpack.stdin);
    const end = (child: {
      once(event: string, listener: (code: number) => void): unknown;
    }) =>
      new Promise<number>((resolve, reject) => {
        child.once('close', resolve);
        child.once('error', reject as never);
      });
    const codes = await Promise.all([end(archive), end(unpack)]);
    if (codes.some(code => code !== 0))
      throw new Error(`the files of commit ${commit} cannot be written`);
  }

  close(): void {
    this.reader?.close();
  }
}
