/* What pages and programs read of projects: the index of git joined with what the runs left. */
import { toGraph } from '@backstage-mlops/argo-engine';
import {
  toPipelineParameters,
  type CatalogFacts,
  type Pipeline,
  type ProjectDetail,
  type ProjectDocs,
  type ProjectSummary,
  type ReadProject,
} from '@backstage-mlops/mlops-core';
import {
  isFaulty,
  type GitopsIndex,
  type IndexedProject,
} from '../gitops/GitopsIndex';
import type { GitRepository } from '../gitops/GitRepository';
import type { HistoryWatch } from '../gitops/HistoryWatch';
import type { Reconciler } from '../sync/Reconciler';
import type { RunStore } from '../runs/RunStore';
import type { Schedules } from '../runs/Schedules';
import { catalogProjects, syncField } from './catalogProjects';
import { DocsReader } from './DocsReader';
import { findPipeline } from './findPipeline';
import type { KnownProjects } from './KnownProjects';
import type { ModelReader } from './ModelReader';

export class ProjectService {
  constructor(
    private readonly options: {
      index: GitopsIndex;
      repository: GitRepository;
      known: KnownProjects;
      models: ModelReader;
      runs: RunStore;
      schedules: Schedules;
      webUrl?: string;
      /** Engines that a run of the project may name, its own first. */
      enginesOf?(read: ReadProject): string[];
      /** How a project, or one thing of it, stands against git. */
      syncOf?: Reconciler['stateOf'];
      /** Whether commits of a folder were taken away from the main branch. */
      rewrittenOf?: HistoryWatch['recent'];
    },
  ) {}

  async list(options: {
    limit: number;
    cursor?: string;
    text?: string;
    owner?: string;
    /** Names of those that may be told; undefined for all. */
    visible?: string[];
  }): Promise<{ items: ProjectSummary[]; nextCursor?: string }> {
    const text = options.text?.toLowerCase();
    const all = this.options.known.visible(options.visible).filter(item => {
      const file = this.options.known.shown(item).project;
      const words = [
        item.read.name,
        file?.metadata.title,
        file?.metadata.description,
        ...(file?.metadata.tags ?? []),
      ]
        .join(' ')
        .toLowerCase();
      return (
        (!text || words.includes(text)) &&
        (!options.owner || file?.spec.owner === options.owner) &&
        (!options.cursor || item.read.name > options.cursor)
      );
    });
    const page = all.slice(0, options.limit);
    const items = await Promise.all(page.map(item => this.summary(item)));
    return {
      items,
      ...(all.length > options.limit
        ? { nextCursor: page[page.length - 1].read.name }
        : {}),
    };
  }

  private async summary(item: IndexedProject): Promise<ProjectSummary> {
    const { read, commit } = item;
    const shown = this.options.known.shown(item);
    const file = shown.project;
    const last = (
      await this.options.runs.list({
        project: read.name,
        withoutChecks: true,
        sort: 'newest',
        limit: 1,
      })
    ).items[0];
    return {
      name: read.name,
      title: file?.metadata.title ?? read.name,
      description: file?.metadata.description,
      owner: file?.spec.owner ?? 'unknown',
      lifecycle: file?.spec.lifecycle ?? 'unknown',
      tags: file?.metadata.tags ?? [],
      commit,
      state: isFaulty(read) ? 'faulty' : 'ok',
      problems: read.problems,
      pipelines: shown.pipelines.map(pipeline => pipeline.name),
      models: await Promise.all(
        shown.models.map(model =>
          this.options.models.summary(read.name, model),
        ),
      ),
      datasets: shown.datasets.map(dataset => dataset.name),
      ...syncField(this.options.syncOf, read.name),
      ...this.rewritten(read.path),
      ...this.outdated(),
      ...(last
        ? {
            lastRun: {
              id: last.id,
              pipeline: last.pipeline,
              phase: last.phase,
              message: last.message,
              createdAt: last.createdAt,
              startedAt: last.startedAt,
              finishedAt: last.finishedAt,
              trigger: last.trigger,
            },
          }
        : {}),
    };
  }

  private rewritten(folder: string) {
    const rewritten = this.options.rewrittenOf?.(folder);
    return rewritten ? { rewritten } : {};
  }

  private outdated() {
    const { outdated } = this.options.index;
    return outdated ? { outdated } : {};
  }

  async detail(
    name: string,
    allowed: ProjectDetail['allowed'],
  ): Promise<ProjectDetail> {
    const item = this.options.known.get(name);
    const shown = this.options.known.shown(item);
    return {
      ...(await this.summary(item)),
      file: shown.project,
      path: item.read.path,
      lastGoodCommit: isFaulty(item.read) ? item.lastGood?.commit : undefined,
      readme: shown.readme,
      schedules: await this.options.schedules.describe(name, shown.schedules),
      allowed,
    };
  }

  async pipeline(
    project: string,
    name: string,
    ref?: string,
  ): Promise<Pipeline> {
    const { index, repository } = this.options;
    const wanted = ref ?? index.branch;
    const commit = ref
      ? await repository.resolve(ref)
      : this.options.known.get(project).commit;
    const read = await index.readAt(project, commit);
    const { pipeline } = findPipeline(read, name);
    const { document, file, title, description, problems } = pipeline;
    const engines = this.options.enginesOf?.(read) ?? [];
    return {
      ...(engines.length > 1 ? { engines } : {}),
      project,
      name,
      ref: wanted,
      commit,
      file,
      title,
      description,
      parameters: document ? toPipelineParameters(document) : [],
      graph: document
        ? toGraph(document, read.templates)
        : { nodes: [], edges: [] },
      problems,
      source: await index.readText(file, commit).catch(() => ''),
    };
  }

  /** Pages of a project at the commit that the portal has read. */
  async docs(name: string): Promise<ProjectDocs> {
    const item = this.options.known.get(name);
    const { metadata } = this.options.known.shown(item).project ?? {};
    return {
      project: name,
      title: metadata?.title ?? name,
      commit: item.commit,
      ...(await new DocsReader(this.options.repository).read(
        item.commit,
        item.read.path,
      )),
    };
  }

  /** What the catalog is told of the projects of these names; of all when none are named. */
  catalog(names?: string[]): CatalogFacts {
    const { index, known, syncOf, webUrl } = this.options;
    return {
      commit: index.commit ?? '',
      branch: index.branch,
      ...(webUrl && { url: webUrl }),
      projects: catalogProjects(
        known.visible(names).map(item => known.shown(item)),
        syncOf,
      ),
    };
  }
}
