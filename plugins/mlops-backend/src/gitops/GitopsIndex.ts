/*
 * What the pages read: every project of the repository at the newest commit, kept in memory and read again when the branch moves.
 * Only folders that changed are parsed; a faulty project keeps its last good state beside its faults and harms no other.
 */
import {
  NotFoundError,
  type Effect,
  type EffectSources,
  type Outdated,
  type ReadProject,
  type SharedData,
  type SharedFiles,
  type ProjectFile,
} from '@backstage-mlops/mlops-core';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { EventEmitter } from 'node:events';
import { BackgroundLoop } from '../BackgroundLoop';
import type { GitRepository } from './GitRepository';
import { FolderReader, type FolderFiles } from './FolderReader';
import {
  isGivenUp,
  nothingShared,
  ProjectReader,
  type SharedSource,
} from './ProjectReader';
import { readAhead } from './readAhead';
import type { ReadingThreadOptions } from './ReadingThread';

/** A project at the newest commit. */
export interface IndexedProject {
  read: ReadProject;
  commit: string;
  /** Present when `read` is faulty and an older commit was not. */
  lastGood?: { read: ReadProject; commit: string };
  signature: string;
}

const historyDepth = 30;
const keptShared = 5;

/** True when something keeps the project from running as it stands. */
export const isFaulty = (read: ReadProject) =>
  read.problems.some(problem => problem.severity === 'error');

/** @public */
export class GitopsIndex extends EventEmitter<{ changed: [commit: string] }> {
  private projects = new Map<string, IndexedProject>();
  private readonly older = new Map<string, ReadProject>();
  private shared: SharedSource = nothingShared;
  /** What all projects shared at the last commits, by the id of its tree. */
  private readonly sharedOf = new Map<string, Promise<SharedSource>>();
  /** What is shared at the current commit is being read; projects were read with what was there before. */
  private isSharedLate = false;
  /** Projects that are being read apart, by their signature. */
  private readonly slow = new Map<string, Promise<IndexedProject>>();
  private current?: string;
  private refreshing?: Promise<void>;
  private readonly folders: FolderReader;
  private readonly reader: ProjectReader;
  readonly loop: BackgroundLoop;
  /** ISO 8601 of the last look that went well. */
  lookedAt?: string;
  private trouble?: Outdated['reason'];

  constructor(
    private readonly options: {
      repository: GitRepository;
      branch: string;
      path: string;
      logger: LoggerService;
      pollMs?: number;
      /** How long a commit waits for projects that take long; default 2 s. */
      patienceMs?: number;
      fetch?(): Promise<void>;
      thread?: ReadingThreadOptions;
    },
  ) {
    super();
    this.folders = new FolderReader(options.repository);
    this.reader = new ProjectReader(options);
    this.loop = new BackgroundLoop({
      name: 'gitops',
      everyMs: options.pollMs ?? 1000,
      patienceMs: 90_000,
      logger: options.logger,
      work: () => this.look(),
    });
  }

  private async look(): Promise<void> {
    try {
      await this.options.fetch?.();
      await this.refresh();
      this.trouble = undefined;
    } catch (error) {
      this.trouble =
        error instanceof NotFoundError ? 'no-branch' : 'unreadable';
      throw error;
    }
  }

  /** Why projects may stand otherwise in git than here; undefined when the last look went well. */
  get outdated(): Outdated | undefined {
    return this.trouble && this.lookedAt
      ? { since: this.lookedAt, reason: this.trouble, branch: this.branch }
      : undefined;
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
    void this.reader.close();
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
    if (commit === this.current && !this.isSharedLate) return;
    const patience = after(this.options.patienceMs ?? 2_000);
    const shared = await Promise.race([
      this.readSharedAt(commit),
      patience.over,
    ]);
    // Then it is looked at again in the next round, until it is read.
    this.isSharedLate = shared === undefined;
    this.shared = shared ?? this.shared;
    const { entries } = await this.options.repository.readFolder(
      `${commit}:${this.root}`,
    );
    const next = new Map<string, IndexedProject>();
    const folders = entries.filter(({ mode }) => mode === '040000');
    // Git finds the files of some projects while those before them are read.
    for await (const [{ name, oid }, files] of readAhead(folders, 32, entry =>
      this.isKnown(entry) ? undefined : this.folders.project(entry.oid),
    )) {
      const reading = this.readOne(name, { oid, commit, files });
      const read =
        files && this.reader.isHeavy(files)
          ? await Promise.race([reading, patience.over])
          : await reading;
      if (read) next.set(name, read);
      else this.takeLater(next, name, reading);
      // Other requests come in between two projects.
      await new Promise(resolve => setImmediate(resolve));
    }
    patience.stop();
    this.projects = next;
    this.current = commit;
    this.emit('changed', commit);
  }

  // Nobody waits for what takes long: the project stays as it was, and is taken when it is read.
  private takeLater(
    next: Map<string, IndexedProject>,
    name: string,
    reading: Promise<IndexedProject>,
  ): void {
    const before = this.projects.get(name);
    if (before) next.set(name, before);
    reading
      .then(read => {
        next.set(name, read);
        if (this.projects === next) this.emit('changed', this.current!);
      })
      .catch(error => this.options.logger.warn(`${name}: ${error}`));
  }

  private get root(): string {
    return [this.options.path, 'ml-projects'].filter(Boolean).join('/');
  }

  // The folder whose templates all projects may refer to.
  private async readSharedAt(commit: string): Promise<SharedSource> {
    const folder = this.sharedFolder;
    const { oid } = await this.options.repository.readFolder(
      `${commit}:${folder}`,
    );
    if (!oid) return nothingShared;
    const known = this.sharedOf.get(oid);
    if (known) return known;
    const reading = this.folders
      .shared(oid)
      .then(found => this.reader.readShared(folder, found, oid));
    this.sharedOf.set(oid, reading);
    reading.catch(() => this.sharedOf.delete(oid));
    if (this.sharedOf.size > keptShared)
      this.sharedOf.delete(this.sharedOf.keys().next().value!);
    return reading;
  }

  private get sharedFolder(): string {
    return [this.options.path, 'argo'].filter(Boolean).join('/');
  }

  private isCurrent(commit: string): boolean {
    return commit === this.current && !this.isSharedLate;
  }

  /** What all projects share, at a commit. */
  async sharedAt(commit: string): Promise<SharedFiles> {
    return (await this.sourceAt(commit)).files;
  }

  /** The same as plain data. */
  async sharedDataAt(commit: string): Promise<SharedData> {
    return (await this.sourceAt(commit)).data;
  }

  private async sourceAt(commit: string): Promise<SharedSource> {
    return this.isCurrent(commit) ? this.shared : this.readSharedAt(commit);
  }

  /** Folders of a project and of what all projects share. */
  foldersOf(name: string): { project: string; shared: string } {
    return {
      project: `${this.root}/${name}`,
      shared: this.sharedFolder,
    };
  }

  /** The files of both folders at a commit, as they are read of a project. */
  async filesAt(
    name: string,
    commit: string,
  ): Promise<{ project: ProjectFile[]; shared: ProjectFile[] }> {
    const { project, shared } = this.foldersOf(name);
    const [own, all] = await Promise.all([
      this.folders.project(`${commit}:${project}`),
      this.folders.shared(`${commit}:${shared}`),
    ]);
    return { project: own.files, shared: all.files };
  }

  /** What edits of heavy files would do; nobody else waits for it. */
  effect(sources: EffectSources): Promise<Effect> {
    return this.reader.effect(sources);
  }

  private signatureOf(oid: string): string {
    return `${this.shared.key} ${oid}`;
  }

  private isKnown({ name, oid }: { name: string; oid: string }): boolean {
    return this.projects.get(name)?.signature === this.signatureOf(oid);
  }

  // `files` are there unless the project is known as it stands. A project is read once, however often it is asked for meanwhile.
  private readOne(
    name: string,
    at: { oid: string; commit: string; files?: FolderFiles },
  ): Promise<IndexedProject> {
    const { oid, commit, files } = at;
    const before = this.projects.get(name);
    if (before && !files) return Promise.resolve({ ...before, commit });
    const key = `${name} ${this.signatureOf(oid)}`;
    const reading =
      this.slow.get(key) ??
      this.readFresh(name, { oid, commit, files: files! }).finally(() =>
        this.slow.delete(key),
      );
    this.slow.set(key, reading);
    return reading.then(read => ({ ...read, commit }));
  }

  private async readFresh(
    name: string,
    at: { oid: string; commit: string; files: FolderFiles },
  ): Promise<IndexedProject> {
    const { commit, files } = at;
    const signature = this.signatureOf(at.oid);
    const before = this.projects.get(name);
    const folder = `${this.root}/${name}`;
    const read = await this.reader.read(folder, files, this.shared);
    if (!isFaulty(read)) return { read, commit, signature };
    const known =
      before &&
      (isFaulty(before.read)
        ? before.lastGood
        : { read: before.read, commit: before.commit });
    const search = !known && !isGivenUp(read);
    return {
      read,
      commit,
      signature,
      lastGood: search ? await this.findLastGood(folder, commit) : known,
    };
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
    if (present && commit === present.commit && !this.isSharedLate)
      return present.read;
    const key = `${name} ${commit}`;
    const known = this.older.get(key);
    if (known) return known;
    const folder = `${this.root}/${name}`;
    const { oid } = /^[a-z0-9][-a-z0-9]{0,62}$/.test(name)
      ? await this.options.repository.readFolder(`${commit}:${folder}`)
      : { oid: undefined };
    if (!oid)
      throw new NotFoundError(
        `There is no project '${name.slice(0, 100)}' at ${commit.slice(
          0,
          12,
        )}.`,
        'not-found',
      );
    const read = await this.reader.read(
      folder,
      await this.folders.project(oid),
      await this.sourceAt(commit),
    );
    this.older.set(key, read);
    if (this.older.size > 200)
      this.older.delete(this.older.keys().next().value!);
    return read;
  }

  /** Text of a file of a project at a commit. */
  async readText(file: string, commit: string): Promise<string> {
    const text = await this.folders.text(`${commit}:${file}`);
    if (text === undefined)
      throw new NotFoundError(
        `There is no readable file '${file}' at ${commit.slice(0, 12)}.`,
        'not-found',
      );
    return text;
  }
}

function after(ms: number): { over: Promise<undefined>; stop(): void } {
  let timer: ReturnType<typeof setTimeout>;
  const over = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return { over, stop: () => clearTimeout(timer) };
}
