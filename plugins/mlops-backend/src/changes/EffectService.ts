/*
 * What edits would do, without writing anything: the files of the base with the edits over them, read as a project is read, beside
 * what earlier runs left.
 */
import {
  effectOf,
  isHeavyProject,
  isProjectFile,
  isSharedFile,
  NotFoundError,
  readProject,
  readShared,
  templatesUsedBy,
  type ChangedFile,
  type ChangeRequest,
  type Effect,
  type FileContent,
  type OtherProject,
  type PipelineFacts,
  type ProjectFile,
  type ReadProject,
} from '@backstage-mlops/mlops-core';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import { estimateFor } from '../runs/estimateFor';
import type { Prices } from '../runs/prices';
import type { RunStore } from '../runs/RunStore';
import type { ChangeService } from './ChangeService';
import type { GitComparison } from './GitComparison';

export interface EffectServiceOptions {
  service: ChangeService;
  index: GitopsIndex;
  comparison: GitComparison;
  runs: RunStore;
  prices?: Prices;
}

type Files = Awaited<ReturnType<GitopsIndex['filesAt']>>;

// Who types asks again and again for the same pipelines.
const keptMs = 5_000;
const keptBases = 20;

export class EffectService {
  private readonly facts = new Map<
    string,
    { at: number; facts: Promise<PipelineFacts> }
  >();
  private readonly bases = new Map<string, Promise<Files>>();

  constructor(private readonly options: EffectServiceOptions) {}

  /** What the edits of a request would do. Faults are those of opening it. */
  async preview(request: ChangeRequest): Promise<Effect> {
    const { service, index } = this.options;
    const { project } = request;
    const { files, base } = await service.proposals.prepare(request);
    const folders = index.foldersOf(project);
    const before = await this.filesAt(project, base);
    const after = {
      project: overlay(before.project, files, folders.project, isProjectFile),
      shared: overlay(before.shared, files, folders.shared, isSharedFile),
    };
    const changed = await this.changedFiles(files, base);
    const common = { base, files: changed, others: this.others(project) };
    const changesShared = after.shared !== before.shared;
    const isHeavy = [
      before.project,
      after.project,
      changesShared ? after.shared : [],
      changed.map(({ path, after: text }) => ({
        path,
        mode: '100644',
        sizeBytes: text?.length ?? 0,
        text,
      })),
    ].some(isHeavyProject);
    const known = await this.readBefore(project, base);
    if (isHeavy) {
      // What is known already is not read again.
      const shared = await index.sharedDataAt(base);
      return index.effect({
        ...common,
        folders,
        before: { ...before, shared },
        after: changesShared ? after : { ...after, shared },
        facts: await this.factsOf(project, namesIn(after.project, known)),
      });
    }
    const shared = changesShared
      ? readShared(folders.shared, after.shared)
      : await index.sharedAt(base);
    const read =
      after.project.length > 0
        ? readProject(folders.project, after.project, shared)
        : undefined;
    return effectOf({
      ...common,
      before: known,
      after: read,
      sharedProblems: changesShared ? shared.problems : [],
      facts: await this.factsOf(project, namesIn(after.project, known)),
    });
  }

  private async readBefore(
    project: string,
    commit: string,
  ): Promise<ReadProject | undefined> {
    return this.options.index.readAt(project, commit).catch(error => {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    });
  }

  private filesAt(project: string, commit: string): Promise<Files> {
    const key = `${project} ${commit}`;
    const known = this.bases.get(key);
    if (known) return known;
    const files = this.options.index.filesAt(project, commit);
    this.bases.set(key, files);
    files.catch(() => this.bases.delete(key));
    if (this.bases.size > keptBases)
      this.bases.delete(this.bases.keys().next().value!);
    return files;
  }

  private changedFiles(
    files: FileContent[],
    base: string,
  ): Promise<ChangedFile[]> {
    return Promise.all(
      files.map(async ({ path, content }) => ({
        path,
        before: await this.options.comparison.text(base, path),
        after:
          typeof content === 'string' || content === null
            ? content ?? undefined
            : Buffer.from(content).toString(),
      })),
    );
  }

  private async factsOf(
    project: string,
    names: string[],
  ): Promise<Record<string, PipelineFacts>> {
    const known = await Promise.all(
      names.map(async name => [name, await this.factsFor(project, name)]),
    );
    return Object.fromEntries(known);
  }

  private factsFor(project: string, pipeline: string): Promise<PipelineFacts> {
    const key = `${project}/${pipeline}`;
    const known = this.facts.get(key);
    if (known && Date.now() - known.at < keptMs) return known.facts;
    const facts = this.readFacts(project, pipeline);
    this.facts.set(key, { at: Date.now(), facts });
    facts.catch(() => this.facts.delete(key));
    if (this.facts.size > 500)
      this.facts.delete(this.facts.keys().next().value!);
    return facts;
  }

  private async readFacts(
    project: string,
    pipeline: string,
  ): Promise<PipelineFacts> {
    const { runs, prices } = this.options;
    const [estimate, [last]] = await Promise.all([
      estimateFor(runs, { project, pipeline }, prices),
      runs.succeeded(project, pipeline, 1),
    ]);
    return {
      ...(estimate ? { estimate } : {}),
      memoized: last ? await this.memoizedOf(project, last.id) : [],
    };
  }

  /** Steps of a run whose result is in a cache still; of a loop, when that of every item is. */
  private async memoizedOf(project: string, run: string): Promise<string[]> {
    const { nodes } = await this.options.runs.getRun(run);
    const kept = new Map<string, boolean>();
    for (const { displayName, memoizationStatus } of Object.values(nodes)) {
      if (!memoizationStatus) continue;
      const { cacheName, key } = memoizationStatus;
      const entry = await this.options.runs.caches.find(
        project,
        cacheName,
        key,
      );
      const name = displayName.replace(/\(.*$/s, '');
      kept.set(name, (kept.get(name) ?? true) && entry !== undefined);
    }
    return [...kept].filter(([, all]) => all).map(([name]) => name);
  }

  private others(project: string): OtherProject[] {
    return this.options.index
      .list()
      .filter(({ read }) => read.name !== project)
      .map(({ read }) => ({
        name: read.name,
        owner: read.project?.spec.owner,
        uses: usesOf(read),
      }));
  }
}

// A project is asked again for every effect on another.
const known = new WeakMap<ReadProject, string[]>();
function usesOf(read: ReadProject): string[] {
  const uses =
    known.get(read) ??
    templatesUsedBy(
      [...read.pipelines, ...read.schedules].flatMap(
        ({ document }) => document ?? [],
      ),
    );
  known.set(read, uses);
  return uses;
}

/** Pipelines before and after, the latter by the names of their files. */
function namesIn(
  files: ProjectFile[],
  before: ReadProject | undefined,
): string[] {
  const after = files.flatMap(
    ({ path }) => /^pipelines\/([^/]+)\.ya?ml$/.exec(path)?.[1] ?? [],
  );
  const old = before?.pipelines.map(({ name }) => name) ?? [];
  return [...new Set([...old, ...after])];
}

/** Files of a folder with the edited ones over them; the same list when there is none. */
function overlay(
  files: ProjectFile[],
  edited: FileContent[],
  folder: string,
  isRead: (path: string) => boolean,
): ProjectFile[] {
  const result = new Map(files.map(file => [file.path, file]));
  let isEdited = false;
  for (const { path, content } of edited) {
    if (!path.startsWith(`${folder}/`)) continue;
    const inside = path.slice(folder.length + 1);
    if (!isRead(inside)) continue;
    isEdited = true;
    if (content === null) result.delete(inside);
    else {
      const text = typeof content === 'string' ? content : undefined;
      const sizeBytes = Buffer.byteLength(content);
      result.set(inside, { path: inside, mode: '100644', sizeBytes, text });
    }
  }
  return isEdited ? [...result.values()] : files;
}
