/*
 * Writes objects of git by processes that live long: blobs, trees and commits stand in the repository before anything points to
 * them, so what a portal that ends leaves behind is seen by nobody. Texts go in by files, never by arguments.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { GitConversation } from '../gitops/GitConversation';
import type { TreeEntry } from '../gitops/parseTree';

export class GitObjects {
  private readonly blobs: GitConversation;
  private readonly commits: GitConversation;
  private readonly trees: GitConversation;

  constructor(directory: string) {
    const hashing = (type: string) =>
      new GitConversation(directory, [
        'hash-object',
        '-w',
        '--no-filters',
        '-t',
        type,
        '--stdin-paths',
      ]);
    this.blobs = hashing('blob');
    this.commits = hashing('commit');
    // `mktree` does not heed core.fsync: after a power cut the trees of a commit would be empty.
    this.trees = hashing('tree');
  }

  /** Writes contents as blobs; their ids in the same order. */
  async writeBlobs(contents: (string | Uint8Array)[]): Promise<string[]> {
    return this.hash(this.blobs, contents);
  }

  /** Writes a commit as git has it: its headers, an empty line, its message. */
  async writeCommit(text: string): Promise<string> {
    return (await this.hash(this.commits, [text]))[0];
  }

  /** Writes a folder. Names are bytes, one character each. */
  async writeTree(entries: TreeEntry[]): Promise<string> {
    return (await this.hash(this.trees, [treeOf(entries)]))[0];
  }

  close(): void {
    for (const conversation of [this.blobs, this.commits, this.trees])
      conversation.close();
  }

  private async hash(
    conversation: GitConversation,
    contents: (string | Uint8Array)[],
  ): Promise<string[]> {
    if (contents.length === 0) return [];
    const folder = await mkdtemp(path.join(os.tmpdir(), 'mlops-objects-'));
    try {
      const files = contents.map(() => path.join(folder, randomUUID()));
      await Promise.all(
        contents.map((content, place) => writeFile(files[place], content)),
      );
      const lines = await this.twice(
        conversation,
        `${files.join('\n')}\n`,
        files.length,
      );
      return lines.map(line => oidOf([line]));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  // A process that somebody killed is started again; writing the same object twice is writing it once.
  private twice(
    conversation: GitConversation,
    input: string | Buffer,
    lines: number,
  ): Promise<string[]> {
    return conversation
      .ask(input, lines)
      .catch(() => conversation.ask(input, lines));
  }
}

function oidOf([line]: string[]): string {
  if (!/^[0-9a-f]{40}$/.test(line))
    throw new Error(`git wrote no object, but said '${line.slice(0, 100)}'`);
  return line;
}

/** A folder as git has it: sorted, each folder as if its name ended with a slash. */
function treeOf(entries: TreeEntry[]): Buffer {
  const keyed = entries.map(entry => ({
    ...entry,
    key: Buffer.from(
      entry.mode === '040000' ? `${entry.name}/` : entry.name,
      'latin1',
    ),
  }));
  return Buffer.concat(
    keyed
      .sort((a, b) => Buffer.compare(a.key, b.key))
      .flatMap(({ mode, name, oid }) => [
        Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`, 'latin1'),
        Buffer.from(oid, 'hex'),
      ]),
  );
}
