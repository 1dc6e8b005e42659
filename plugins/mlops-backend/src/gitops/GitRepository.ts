/*
 * Reads a git repository by its objects alone: one long-lived `git cat-file --batch`, `ls-tree`, refs. No work tree, no hooks, no
 * configuration of the machine; text of users reaches git only as refs and paths that were checked before.
 */
import { InputError, NotFoundError } from '@backstage-mlops/mlops-core';
import {
  execFile,
  spawn,
  type ChildProcessWithoutNullStreams,
} from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One file of a tree. */
export interface TreeEntry {
  mode: string;
  oid: string;
  sizeBytes: number;
  path: string;
}

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
};

const refPattern =
  /^(?!.*(?:\.\.|\/\/|@\{|\.lock(?:\/|$)))[A-Za-z0-9_][A-Za-z0-9_./+-]{0,199}$/;

/** @public */
export class GitRepository {
  private batch?: BatchReader;

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

  /** The commit of a branch, tag or (short) commit id. InputError for a ref that is none, NotFoundError when it is not there. */
  async resolve(ref: string): Promise<string> {
    if (!refPattern.test(ref) || ref.endsWith('/') || ref.endsWith('.'))
      throw new InputError(
        `ref '${ref.slice(
          0,
          100,
        )}' is not the name of a branch, tag or commit.`,
        'invalid-field',
      );
    for (const name of [
      `refs/heads/${ref}`,
      `refs/tags/${ref}`,
      ...(/^[0-9a-f]{7,40}$/.test(ref) ? [ref] : []),
    ]) {
      const out = await this.git([
        'rev-parse',
        '--verify',
        '--quiet',
        '--end-of-options',
        `${name}^{commit}`,
      ]).catch(() => '');
      if (/^[0-9a-f]{40}$/.test(out.trim())) return out.trim();
    }
    throw new NotFoundError(
      `There is no branch, tag or commit '${ref}'.`,
      'not-found',
    );
  }

  /** All files below a folder at a commit. */
  async listTree(commit: string, folder: string): Promise<TreeEntry[]> {
    const out = await this.git([
      'ls-tree',
      '-r',
      '-z',
      '-l',
      '--full-tree',
      commit,
      '--',
      ...(folder ? [`${folder}/`] : []),
    ]);
    return out.split('\0').filter(Boolean).map(toEntry);
  }

  /** Bytes of a blob; undefined when it is larger than the limit. */
  async readBlob(oid: string, limitBytes: number): Promise<Buffer | undefined> {
    this.batch ??= new BatchReader(
      this.gitDirectory,
      () => (this.batch = undefined),
    );
    const bytes = await this.batch.read(oid);
    return bytes.length > limitBytes ? undefined : bytes;
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

  /** Lets a commit go that was held. */
  async letGo(ref: string): Promise<void> {
    if (!/^refs\/mlops\/[a-z]+\/[A-Za-z0-9_-]+$/.test(ref)) return;
    await this.git(['update-ref', '-d', ref]);
  }

  /** Writes the files of a commit into a folder, links and all, for a step that sees nothing else of the machine. */
  async checkout(commit: string, target: string): Promise<void> {
    await mkdir(target, { recursive: true });
    const archive = spawn(
      'git',
      [
        '-c',
        'safe.directory=*',
        '--git-dir',
        this.gitDirectory,
        'archive',
        '--format=tar',
        commit,
      ],
      { env: gitEnvironment, stdio: ['ignore', 'pipe', 'ignore'] },
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
    this.batch?.close();
  }
}

function toEntry(line: string): TreeEntry {
  const tab = line.indexOf('\t');
  const [mode, , oid, size] = line.slice(0, tab).split(/\s+/);
  return {
    mode,
    oid,
    sizeBytes: size === '-' ? 0 : Number(size),
    path: line.slice(tab + 1),
  };
}

/** Answers of one `git cat-file --batch`, in the order of the questions. */
class BatchReader {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting: {
    resolve(bytes: Buffer): void;
    reject(error: Error): void;
  }[] = [];
  private chunks: Buffer[] = [];
  private length = 0;

  constructor(gitDirectory: string, onEnd: () => void) {
    this.child = spawn(
      'git',
      [
        '-c',
        'safe.directory=*',
        '--git-dir',
        gitDirectory,
        'cat-file',
        '--batch',
      ],
      { env: gitEnvironment },
    );
    this.child.stdout.on('data', chunk => this.take(chunk));
    const end = () => {
      onEnd();
      this.waiting
        .splice(0)
        .forEach(({ reject }) =>
          reject(new Error('git ended while it was read')),
        );
    };
    this.child.once('close', end);
    this.child.once('error', end);
    this.child.stdin.on('error', () => {});
    this.child.unref();
  }

  read(oid: string): Promise<Buffer> {
    if (!/^[0-9a-f]{40}$/.test(oid))
      return Promise.reject(new Error('not an object id'));
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.child.stdin.write(`${oid}\n`);
    });
  }

  private take(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
    for (let taken = this.next(); taken; taken = this.next()) {
      /* each round answers one question */
    }
  }

  private next(): boolean {
    if (this.waiting.length === 0 || this.length === 0) return false;
    const all =
      this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
    this.chunks = [all];
    const end = all.indexOf(10);
    if (end < 0) return false;
    const size = Number(all.subarray(0, end).toString().split(' ')[2]);
    const isMissing = Number.isNaN(size);
    const total = isMissing ? end + 1 : end + 1 + size + 1;
    if (all.length < total) return false;
    const { resolve, reject } = this.waiting.shift()!;
    if (isMissing) reject(new Error('git has no such object'));
    else resolve(all.subarray(end + 1, end + 1 + size));
    this.chunks = [all.subarray(total)];
    this.length = all.length - total;
    return true;
  }

  close(): void {
    this.child.kill();
  }
}
