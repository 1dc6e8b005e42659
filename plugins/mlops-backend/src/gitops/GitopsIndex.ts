/*
 * What the pages read: every project of the repository at the newest commit, kept in memory and read again when the branch moves.
 * Only folders that changed are parsed; a faulty project keeps its last good state beside its faults and harms no other.
 */
import {
  isProjectFile,
  isSharedFile,
  maxFileBytes,
  NotFoundError,
  noSharedFiles,
  readProject,
  readShared,
  type ProjectFile,
  type ReadProject,
  type SharedFiles,
} from '@backstage-mlops/mlops-core';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { EventEmitter } from 'node:events';
import { BackgroundLoop } from '../BackgroundLoop';
import type { GitRepository, TreeEntry } from './GitRepository';

/** A project at the newest commit. */
export interface IndexedProject {
  read: ReadProject;
  commit: string;
  /** Present when `read` is faulty and an older commit was not. */
  lastGood?: { read: ReadProject; commit: string };
  signature: string;
}

const historyDepth = 30;

/** True when something keeps the project from running as it stands. */
export const isFaulty = (read: ReadProject) =>
  read.problems.some(problem => problem.severity === 'error');

/** @public */
export class GitopsIndex extends EventEmitter<{ changed: [commit: string] }> {
  private projects = new Map<string, IndexedProject>();
  private readonly older = new Map<string, ReadProject>();
  private sharedFiles: { signature: string; files: SharedFiles } = {
    signature: '',
    files: noSharedFiles,
  };
  private current?: string;
  private refreshing?: Promise<void>;
  readonly loop: BackgroundLoop;
  /** ISO 8601 of the last look that went well. */
  lookedAt?: string;

  constructor(
    private readonly options: {
      repository: GitRepository;
      branch: string;
      path: string;
      logger: LoggerService;
      pollMs?: number;
      fetch?(): Promise<void>;
    },
  ) {
    super();
    this.loop = new BackgroundLoop({
      name: 'gitops',
      everyMs: options.pollMs ?? 1000,
      patienceMs: 90_000,
      logger: options.logger,
      work: async () => {
        await options.fetch?.();
        await this.refresh();
      },
    });
  }

  get commit(): string | undefined {
    return this.current;
  }

  get branch(): string {
    return this.options.branch;
  }

  /** Reads once and goes on looking. A repository that cannot be read is told and looked at again. */
  start(): Promise<void> {
    return this.loop.start();
  }

  stop(): void {
    this.loop.stop();
    this.options.repository.close();
  }

  /** Reads the newest commit when it is not the one that is known. */
  refresh(): Promise<void> {
    this.refreshing ??= this.readNewest().finally(
      () => (this.refreshing = undefined),
    );
    return this.refreshing;
  }

  private async readNewest(): Promise<void> {
    const commit = await this.options.repository.resolve(this.options.branch);
    this.lookedAt = new Date().toISOString();
    if (commit === this.current) return;
    const folders = groupByProject(
      await this.options.repository.listTree(commit, this.root),
      this.root,
    );
    this.sharedFiles = await this.readSharedAt(commit, this.sharedFiles);
    const next = new Map<string, IndexedProject>();
    for (const [folder, entries] of folders) {
      const name = folder.split('/').pop()!;
      next.set(name, await this.readOne(folder, entries, commit));
      // Other requests come in between two projects.
      await new Promise(resolve => setImmediate(resolve));
    }
    this.projects = next;
    this.current = commit;
    this.emit('changed', commit);
  }

  private get root(): string {
    return [this.options.path, 'ml-projects'].filter(Boolean).join('/');
  }

  // The folder whose templates all projects may refer to.
  private async readSharedAt(
    commit: string,
    known?: { signature: string; files: SharedFiles },
  ): Promise<{ signature: string; files: SharedFiles }> {
    const folder = [this.options.path, 'argo'].filter(Boolean).join('/');
    const entries = (
      await this.options.repository.listTree(commit, folder)
    ).filter(entry => isSharedFile(entry.path));
    const signature = signatureOf(entries);
    if (known?.signature === signature) return known;
    return {
      signature,
      files: readShared(
        folder,
        await this.readFiles(folder, entries, isSharedFile),
      ),
    };
  }

  /** What all projects share, at a commit. */
  async sharedAt(commit: string): Promise<SharedFiles> {
    if (commit === this.current) return this.sharedFiles.files;
    return (await this.readSharedAt(commit)).files;
  }

  private async readOne(
    folder: string,
    entries: TreeEntry[],
    commit: string,
  ): Promise<IndexedProject> {
    const signature = `${this.sharedFiles.signature}\n\n${signatureOf(
      entries,
    )}`;
    const before = this.projects.get(folder.split('/').pop()!);
    if (before?.signature === signature) return { ...before, commit };
    const read = readProject(
      folder,
      await this.filesOf(folder, entries),
      this.sharedFiles.files,
    );
    if (!isFaulty(read)) return { read, commit, signature };
    const known =
      before &&
      (isFaulty(before.read)
        ? before.lastGood
        : { read: before.read, commit: before.commit });
    return {
      read,
      commit,
      signature,
      lastGood: known ?? (await this.findLastGood(folder, commit)),
    };
  }

  private filesOf(
    folder: string,
    entries: TreeEntry[],
  ): Promise<ProjectFile[]> {
    return this.readFiles(folder, entries, isProjectFile);
  }

  private async readFiles(
    folder: string,
    entries: TreeEntry[],
    isWanted: (path: string) => boolean,
  ): Promise<ProjectFile[]> {
    const known = entries
      .map(entry => ({ ...entry, path: entry.path.slice(folder.length + 1) }))
      .filter(entry => isWanted(entry.path))
      .slice(0, 500);
    return Promise.all(
      known.map(
        async ({ path, mode, sizeBytes, oid }): Promise<ProjectFile> => ({
          path,
          mode,
          sizeBytes,
          text:
            mode.startsWith('100') && sizeBytes <= maxFileBytes
              ? toText(
                  await this.options.repository.readBlob(oid, maxFileBytes),
                )
              : undefined,
        }),
      ),
    );
  }

  private async findLastGood(
    folder: string,
    commit: string,
  ): Promise<IndexedProject['lastGood']> {
    for (const { commit: older } of await this.options.repository.log(
      commit,
      folder,
      historyDepth,
    )) {
      if (older === commit) continue;
      const read = await this.readAt(folder.split('/').pop()!, older).catch(
        () => undefined,
      );
      if (read && !isFaulty(read)) return { read, commit: older };
    }
    return undefined;
  }

  /** Projects at the newest commit, by name. */
  list(): IndexedProject[] {
    return [...this.projects.values()].sort((a, b) =>
      a.read.name < b.read.name ? -1 : 1,
    );
  }

  find(name: string): IndexedProject | undefined {
    return this.projects.get(name);
  }

  /** A project at any commit. NotFoundError when it is not there. */
  async readAt(name: string, commit: string): Promise<ReadProject> {
    const present = this.projects.get(name);
    if (present && commit === present.commit) return present.read;
    const key = `${name} ${commit}`;
    const known = this.older.get(key);
    if (known) return known;
    const folder = `${this.root}/${name}`;
    const entries = /^[a-z0-9][-a-z0-9]{0,62}$/.test(name)
      ? await this.options.repository.listTree(commit, folder)
      : [];
    if (entries.length === 0)
      throw new NotFoundError(
        `There is no project '${name.slice(0, 100)}' at ${commit.slice(
          0,
          12,
        )}.`,
        'not-found',
      );
    const read = readProject(
      folder,
      await this.filesOf(folder, entries),
      await this.sharedAt(commit),
    );
    this.older.set(key, read);
    if (this.older.size > 200)
      this.older.delete(this.older.keys().next().value!);
    return read;
  }

  /** Text of a file of a project at a commit. */
  async readText(file: string, commit: string): Promise<string> {
    const entry = (
      await this.options.repository.listTree(
        commit,
        file.slice(0, file.lastIndexOf('/')),
      )
    ).find(item => item.path === file);
    const text = entry?.mode.startsWith('100')
      ? toText(await this.options.repository.readBlob(entry.oid, maxFileBytes))
      : undefined;
    if (text === undefined)
      throw new NotFoundError(
        `There is no readable file '${file}' at ${commit.slice(0, 12)}.`,
        'not-found',
      );
    return text;
  }
}

const signatureOf = (entries: TreeEntry[]) =>
  entries.map(entry => `${entry.mode} ${entry.oid} ${entry.path}`).join('\n');

function groupByProject(
  entries: TreeEntry[],
  root: string,
): Map<string, TreeEntry[]> {
  const folders = new Map<string, TreeEntry[]>();
  for (const entry of entries) {
    const [name, ...rest] = entry.path.slice(root.length + 1).split('/');
    if (rest.length === 0) continue;
    const folder = `${root}/${name}`;
    const list = folders.get(folder);
    if (list) list.push(entry);
    else folders.set(folder, [entry]);
  }
  return folders;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function toText(bytes: Buffer | undefined): string | undefined {
  if (!bytes || bytes.includes(0)) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
