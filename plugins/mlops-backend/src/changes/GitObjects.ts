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
    const hash = ['hash-object', '-w', '--no-filters', '--stdin-paths'];
    this.blobs = new GitConversation(directory, hash);
    this.commits = new GitConversation(directory, [
      ...hash.slice(0, 1),
      '-t',
      'commit',
      ...hash.slice(1),
    ]);
    this.trees = new GitConversation(directory, [
      'mktree',
      '-z',
      '--batch',
      // What stood in the parent's tree is not looked up again.
      '--missing',
    ]);
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
    const lines = entries.map(
      ({ mode, oid, name }) => `${mode} ${typeOf(mode)} ${oid}\t${name}\0`,
    );
    const input = Buffer.from(`${lines.join('')}\0`, 'latin1');
    return oidOf(await this.twice(this.trees, input, 1));
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

function typeOf(mode: string): string {
  if (mode === '040000') return 'tree';
  return mode === '160000' ? 'commit' : 'blob';
}
