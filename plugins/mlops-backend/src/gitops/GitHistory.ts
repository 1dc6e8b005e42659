/* What git remembers: who changed a file and why, what a commit did, what lies between two commits. Reads only. */
import type { PullRequestDetail } from '@backstage-mlops/mlops-core';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gitEnvironment } from './GitRepository';

const run = promisify(execFile);
const filesLimit = 200;
const diffLimitCharacters = 100_000;
const treeLimitBytes = 4 * 1024 * 1024;
const diffLimitBytes = 8 * 1024 * 1024;

/** A commit as the main branch has it. */
export interface HistoryCommit {
  commit: string;
  /** First parent; absent for the first commit. */
  parent?: string;
  author: string;
  email: string;
  /** ISO 8601: when it came to be on its branch, by its committer. */
  at: string;
  title: string;
  /** What stands below the title. */
  body: string;
}

/** A commit that touched one file, with what the file was after it. */
export interface FileCommit extends HistoryCommit {
  /** Object id of the text; absent when the commit removed the file. */
  oid?: string;
}

/** A file before and after a commit. */
export interface ChangedFile {
  path: string;
  /** Object id; absent when there was no such file. */
  before?: string;
  /** Absent when the commit removed it. */
  after?: string;
  /** Mode of what it was, or else is. */
  mode: string;
}

const format = '%x1e%H%x1f%P%x1f%an%x1f%ae%x1f%cI%x1f%s%x1f%b%x1f';

export class GitHistory {
  constructor(private readonly gitDirectory: string) {}

  private async git(args: string[], maxBuffer = 64 * 1024 * 1024) {
    const { stdout } = await run(
      'git',
      [
        '-c',
        'safe.directory=*',
        '-c',
        'core.hooksPath=/dev/null',
        '-c',
        'core.quotePath=false',
        '--git-dir',
        this.gitDirectory,
        ...args,
      ],
      {
        env: { ...gitEnvironment, GIT_LITERAL_PATHSPECS: '1' },
        maxBuffer,
        timeout: 60_000,
      },
    );
    return stdout;
  }

  /** Commits of a branch itself (a merge counts once) that touched a folder; newest first. */
  async ofFolder(
    commit: string,
    folder: string,
    options: { limit: number; skip?: number },
  ): Promise<HistoryCommit[]> {
    const out = await this.git([
      'log',
      '--first-parent',
      `--max-count=${options.limit}`,
      `--skip=${options.skip ?? 0}`,
      `--format=${format}`,
      commit,
      '--',
      ...(folder ? [folder] : []),
    ]);
    return records(out).map(({ fields }) => toCommit(fields));
  }

  /** Commits of a branch itself that touched one file, each with the file's text after it; newest first. */
  async ofFile(
    commit: string,
    path: string,
    limit = 1000,
  ): Promise<FileCommit[]> {
    const out = await this.git([
      'log',
      '--first-parent',
      '--diff-merges=first-parent',
      '--raw',
      '--no-abbrev',
      '--no-renames',
      `--max-count=${limit}`,
      `--format=${format}`,
      commit,
      '--',
      path,
    ]);
    return records(out).map(({ fields, rest }) => {
      const oid = /^:\d+ \d+ [0-9a-f]{40} ([0-9a-f]{40}) /m.exec(rest)?.[1];
      return {
        ...toCommit(fields),
        ...(oid && !/^0+$/.test(oid) ? { oid } : {}),
      };
    });
  }

  /** One commit; undefined when it is not there. */
  async commit(id: string): Promise<HistoryCommit | undefined> {
    const out = await this.git([
      'log',
      '--max-count=1',
      `--format=${format}`,
      id,
    ]).catch(() => '');
    const [found] = records(out);
    return found && toCommit(found.fields);
  }

  /** Whether one commit is part of the history of another. */
  async isAncestor(older: string, newer: string): Promise<boolean> {
    return this.git(['merge-base', '--is-ancestor', older, newer]).then(
      () => true,
      () => false,
    );
  }

  /** The files that a commit changed against its first parent. */
  async filesOf({ commit, parent }: HistoryCommit): Promise<ChangedFile[]> {
    const out = await this.git([
      'diff-tree',
      '-r',
      '-z',
      '--raw',
      '--no-abbrev',
      '--no-renames',
      ...(parent ? [parent, commit] : ['--root', '--no-commit-id', commit]),
    ]);
    const parts = out.split('\0').filter(Boolean);
    const files: ChangedFile[] = [];
    for (let i = 0; i + 1 < parts.length; i += 2) {
      const [oldMode, newMode, before, after] = parts[i].slice(1).split(' ');
      files.push({
        path: parts[i + 1],
        ...(/^0+$/.test(before) ? {} : { before }),
        ...(/^0+$/.test(after) ? {} : { after }),
        mode: /^0+$/.test(oldMode) ? newMode : oldMode,
      });
    }
    return files;
  }

  /** The file at a commit; undefined when there is none. */
  async oidAt(commit: string, path: string): Promise<string | undefined> {
    const out = await this.git([
      'ls-tree',
      '-z',
      '--full-tree',
      commit,
      '--',
      path,
    ]).catch(() => '');
    return /^\d+ blob ([0-9a-f]{40})\t/.exec(out)?.[1];
  }

  /** Paths of the files below a folder, relative to it; at most ten thousand. */
  async pathsBelow(commit: string, folder: string): Promise<string[]> {
    const out = await this.git(
      ['ls-tree', '-r', '-z', '--name-only', `${commit}:${folder}`],
      treeLimitBytes,
    ).catch(() => '');
    return out.split('\0').filter(Boolean).slice(0, 10_000);
  }

  /** How many commits lie between two that touched a folder. */
  async countBetween(from: string, to: string, folder: string) {
    return Number(
      await this.git([
        'rev-list',
        '--count',
        `${from}...${to}`,
        '--',
        ...(folder ? [folder] : []),
      ]),
    );
  }

  /** What differs in a folder between two commits. */
  async diff(
    from: string,
    to: string,
    folder: string,
  ): Promise<{ files: PullRequestDetail['files']; truncated: boolean }> {
    const pathspec = ['--', ...(folder ? [folder] : [])];
    const common = ['diff-tree', '-r', '--no-renames', '--no-ext-diff'];
    const names = (
      await this.git([...common, '--name-status', '-z', from, to, ...pathspec])
    )
      .split('\0')
      .filter(Boolean);
    const patch = await this.git(
      [...common, '--no-textconv', '-p', from, to, ...pathspec],
      diffLimitBytes,
    ).catch(() => undefined);
    const parts = (patch ?? '').split(/^(?=diff --git )/m).filter(Boolean);
    const files: PullRequestDetail['files'] = [];
    for (let i = 0; i + 1 < names.length; i += 2) {
      const diff = hunksOf(parts[i / 2] ?? '');
      files.push({
        path: names[i + 1],
        status:
          names[i] === 'A'
            ? 'added'
            : names[i] === 'D'
            ? 'deleted'
            : 'modified',
        diff: diff.slice(0, diffLimitCharacters),
        ...(patch === undefined || diff.length > diffLimitCharacters
          ? { truncated: true }
          : {}),
      });
    }
    return {
      files: files.slice(0, filesLimit),
      truncated:
        files.length > filesLimit || files.some(file => file.truncated),
    };
  }
}

// Without the lines that only git reads.
function hunksOf(patch: string): string {
  const at = patch.search(/^(--- |Binary files )/m);
  return at < 0 ? '' : patch.slice(at);
}

function records(out: string): { fields: string[]; rest: string }[] {
  return out
    .split('\x1e')
    .slice(1)
    .map(record => {
      const fields = record.split('\x1f');
      return { fields, rest: fields.slice(7).join('\x1f') };
    });
}

function toCommit(fields: string[]): HistoryCommit {
  const [commit, parents, author, email, at, title, body] = fields;
  const [parent] = parents.split(' ').filter(Boolean);
  return {
    commit,
    ...(parent && { parent }),
    author: author.slice(0, 200),
    email: email.slice(0, 200),
    at: new Date(at).toISOString(),
    title: title.slice(0, 300),
    body: body.trim().slice(0, 10_000),
  };
}
