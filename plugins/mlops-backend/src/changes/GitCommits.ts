/* Commits made of objects alone: no work tree, an index of its own for each, nothing moves until a ref does. */
import {
  ConflictError,
  type FileContent,
  type HostActor,
} from '@backstage-mlops/mlops-core';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gitLine, runGit } from './runGit';

/** What a commit says of itself. */
export interface CommitWords {
  author: Pick<HostActor, 'name' | 'email'>;
  /** Title, an empty line, and why. */
  message: string;
  /** ISO 8601; default: now. */
  authoredAt?: string;
}

export class GitCommits {
  constructor(private readonly directory: string) {}

  /** A commit on another one, with some files written and some removed. ConflictError when a removed file is not there. */
  async commitFiles(
    parent: string,
    files: FileContent[],
    words: CommitWords,
  ): Promise<string> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'mlops-index-'));
    const env = { GIT_INDEX_FILE: path.join(folder, 'index') };
    try {
      const [blobs, modes] = await Promise.all([
        Promise.all(files.map(file => this.blobOf(file))),
        this.modesOf(
          parent,
          files.map(file => file.path),
        ),
        runGit(this.directory, ['read-tree', parent], { env }),
      ]);
      const lines = files.map(({ path: name, content }, place) => {
        const mode = modes.get(name);
        if (content === null && mode === undefined)
          throw new ConflictError(
            `The file '${name}' is not there any more.`,
            'conflict',
          );
        return content === null
          ? `0 ${'0'.repeat(40)}\t${name}\0`
          : `${mode === '100755' ? mode : '100644'} ${blobs[place]}\t${name}\0`;
      });
      await runGit(this.directory, ['update-index', '-z', '--index-info'], {
        env,
        input: lines.join(''),
      });
      const tree = await gitLine(this.directory, ['write-tree'], { env });
      return await this.commitTree(tree, [parent], words);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** A commit of a tree. */
  commitTree(
    tree: string,
    parents: string[],
    { author, message, authoredAt }: CommitWords,
  ): Promise<string> {
    return gitLine(
      this.directory,
      [
        'commit-tree',
        tree,
        ...parents.flatMap(parent => ['-p', parent]),
        '-F',
        '-',
      ],
      {
        input: message,
        env: {
          GIT_AUTHOR_NAME: plain(author.name) || 'unknown',
          GIT_AUTHOR_EMAIL: plain(author.email) || 'unknown@localhost',
          ...(authoredAt ? { GIT_AUTHOR_DATE: authoredAt } : {}),
        },
      },
    );
  }

  async treeOf(commit: string): Promise<string> {
    return gitLine(this.directory, ['rev-parse', `${commit}^{tree}`]);
  }

  /** Paths among these that two commits have differently. */
  async changedAmong(
    before: string,
    after: string,
    paths: string[],
  ): Promise<string[]> {
    if (before === after || paths.length === 0) return [];
    const { stdout } = await runGit(
      this.directory,
      ['diff-tree', '-r', '-z', '--name-only', before, after],
      { env: { GIT_LITERAL_PATHSPECS: '1' } },
    );
    const changed = new Set(stdout.toString().split('\0'));
    return paths.filter(name => changed.has(name));
  }

  private async blobOf({ content }: FileContent): Promise<string> {
    if (content === null) return '';
    return gitLine(
      this.directory,
      ['hash-object', '-w', '--no-filters', '--stdin'],
      { input: content },
    );
  }

  // A file that may be executed stays so; a link becomes a file.
  private async modesOf(
    commit: string,
    paths: string[],
  ): Promise<Map<string, string>> {
    const { stdout } = await runGit(
      this.directory,
      ['ls-tree', '-z', '--full-tree', commit, '--', ...paths],
      { env: { GIT_LITERAL_PATHSPECS: '1' } },
    );
    return new Map(
      stdout
        .toString()
        .split('\0')
        .filter(Boolean)
        .map(line => [line.slice(line.indexOf('\t') + 1), line.slice(0, 6)]),
    );
  }
}

// What an author line cannot hold.
const plain = (text: string) =>
  text
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f\u007f<>]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200);
