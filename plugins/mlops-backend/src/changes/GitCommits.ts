/* Commits made of objects alone: no work tree and no index, only the folders on the way to a file are written, and nothing moves until a ref does. */
import {
  ConflictError,
  type FileContent,
  type HostActor,
} from '@backstage-mlops/mlops-core';
import { gitEnvironment, type GitRepository } from '../gitops/GitRepository';
import { parseTree, type TreeEntry } from '../gitops/parseTree';
import { runGit } from '../gitops/runGit';
import { GitObjects } from './GitObjects';

/** What a commit says of itself. */
export interface CommitWords {
  author: Pick<HostActor, 'name' | 'email'>;
  /** Title, an empty line, and why. */
  message: string;
  /** ISO 8601; default: now. */
  authoredAt?: string;
}

/** A file to be written into a folder: its path from there in bytes, its blob, or undefined to take it away. */
interface WrittenFile {
  path: string;
  blob?: string;
  /** The whole path, for words. */
  name: string;
}

const treeLimitBytes = 64 * 1024 * 1024;
const folderMode = '040000';

export class GitCommits {
  private readonly objects: GitObjects;

  constructor(private readonly repository: GitRepository) {
    this.objects = new GitObjects(repository.gitDirectory);
  }

  /** A commit on another one, with some files written and some removed. ConflictError when a removed file is not there. */
  async commitFiles(
    parent: string,
    files: FileContent[],
    words: CommitWords,
  ): Promise<string> {
    const written = files.filter(file => file.content !== null);
    const blobs = await this.objects.writeBlobs(
      written.map(file => file.content!),
    );
    const tree = await this.folderWith(
      await this.treeOf(parent),
      files.map(file => ({
        path: Buffer.from(file.path).toString('latin1'),
        blob: blobs[written.indexOf(file)],
        name: file.path,
      })),
    );
    return this.commitTree(
      tree ?? (await this.objects.writeTree([])),
      [parent],
      words,
    );
  }

  /** A commit of a tree. */
  commitTree(
    tree: string,
    parents: string[],
    { author, message, authoredAt }: CommitWords,
  ): Promise<string> {
    const now = new Date().toISOString();
    const { GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email } =
      gitEnvironment;
    const lines = [
      `tree ${tree}`,
      ...parents.map(parent => `parent ${parent}`),
      `author ${plain(author.name) || 'unknown'} <${
        plain(author.email) || 'unknown@localhost'
      }> ${gitTime(authoredAt ?? now)}`,
      `committer ${name} <${email}> ${gitTime(now)}`,
    ];
    const end = message.endsWith('\n') ? '' : '\n';
    return this.objects.writeCommit(`${lines.join('\n')}\n\n${message}${end}`);
  }

  async treeOf(commit: string): Promise<string> {
    const found = await this.repository.read(`${commit}^{tree}`, 0);
    if (!found) throw new Error(`there is no commit ${commit}`);
    return found.oid;
  }

  /** Paths among these that two commits have differently. */
  async changedAmong(
    before: string,
    after: string,
    paths: string[],
  ): Promise<string[]> {
    if (before === after || paths.length === 0) return [];
    const { stdout } = await runGit(
      this.repository.gitDirectory,
      ['diff-tree', '-r', '-z', '--name-only', before, after],
      { env: { GIT_LITERAL_PATHSPECS: '1' } },
    );
    const changed = new Set(stdout.toString().split('\0'));
    return paths.filter(name => changed.has(name));
  }

  close(): void {
    this.objects.close();
  }

  /** A folder with files written and removed in it, on any depth; undefined when nothing is left. */
  private async folderWith(
    tree: string | undefined,
    files: WrittenFile[],
  ): Promise<string | undefined> {
    const entries = new Map(
      (await this.entriesOf(tree)).map(entry => [entry.name, entry]),
    );
    const isHere = ({ path }: WrittenFile) => !path.includes('/');
    // What goes makes room for what comes: a file for a folder of its name, and the other way round.
    for (const file of files.filter(isHere))
      if (file.blob === undefined) removeFile(entries, file);
    await Promise.all(
      [...byFolder(files.filter(file => !isHere(file)))].map(
        async ([name, below]) => {
          const entry = entries.get(name);
          if (entry && entry.mode !== folderMode) throw gone(below[0]);
          const oid = await this.folderWith(entry?.oid, below);
          if (oid) entries.set(name, { mode: folderMode, oid, name });
          else entries.delete(name);
        },
      ),
    );
    for (const file of files.filter(isHere))
      if (file.blob !== undefined) addFile(entries, file, file.blob);
    return entries.size === 0
      ? undefined
      : this.objects.writeTree([...entries.values()]);
  }

  private async entriesOf(tree: string | undefined): Promise<TreeEntry[]> {
    if (tree === undefined) return [];
    const found = await this.repository.read(tree, treeLimitBytes);
    if (!found?.bytes) throw new Error(`the folder ${tree} cannot be read`);
    return parseTree(found.bytes, 'latin1');
  }
}

function removeFile(entries: Map<string, TreeEntry>, file: WrittenFile): void {
  const entry = entries.get(file.path);
  if (!entry || entry.mode === folderMode) throw gone(file);
  entries.delete(file.path);
}

// A file that may be executed stays so; a link becomes a file.
function addFile(
  entries: Map<string, TreeEntry>,
  { path, name }: WrittenFile,
  oid: string,
): void {
  const mode = entries.get(path)?.mode;
  if (mode === folderMode)
    throw new ConflictError(`'${name}' is a folder now.`, 'conflict');
  entries.set(path, {
    mode: mode === '100755' ? mode : '100644',
    oid,
    name: path,
  });
}

function byFolder(files: WrittenFile[]): Map<string, WrittenFile[]> {
  const folders = new Map<string, WrittenFile[]>();
  for (const file of files) {
    const end = file.path.indexOf('/');
    const folder = file.path.slice(0, end);
    const below = { ...file, path: file.path.slice(end + 1) };
    folders.set(folder, [...(folders.get(folder) ?? []), below]);
  }
  return folders;
}

function gone({ name, blob }: WrittenFile): ConflictError {
  return new ConflictError(
    blob === undefined
      ? `The file '${name}' is not there any more.`
      : `The folder of '${name}' is a file now.`,
    'conflict',
  );
}

/** Seconds since 1970 and the zone, as git writes a time. */
function gitTime(iso: string): string {
  const zone = /([+-]\d{2}):?(\d{2})$/.exec(iso);
  return `${Math.floor(Date.parse(iso) / 1000)} ${
    zone ? zone[1] + zone[2] : '+0000'
  }`;
}

// What an author line cannot hold; at its ends, what git itself takes away there.
const plain = (text: string) =>
  text
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f\u007f<>]/g, ' ')
    .replace(/\s+/g, ' ')
    .slice(0, 200)
    .replace(/^[ .,:;"\\']+|[ .,:;"\\']+$/g, '');
