/* What pages and programs read of projects: the index of git joined with what the runs left. */
import { toGraph } from '@backstage-mlops/argo-engine';
import {
  gatesOf,
  NotFoundError,
  toPipelineParameters,
  type CatalogFacts,
  type ProjectDocs,
  type DatasetDetail,
  type DatasetReport,
  type EvaluationReport,
  type ModelVersion,
  type ModelVersionDetail,
  type Pipeline,
  type ProjectDetail,
  type ProjectSummary,
  type ReadProject,
  type RegisteredModel,
} from '@backstage-mlops/mlops-core';
import type { TrackingService } from '@backstage-mlops/mlops-tracking';
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
import { DocsReader } from './DocsReader';
import { findPipeline } from './findPipeline';

export class ProjectService {
  constructor(
    private readonly options: {
      index: GitopsIndex;
      repository: GitRepository;
      runs: RunStore;
      tracking: TrackingService;
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

  private get(name: string): IndexedProject {
    const found = this.options.index.find(name);
    if (!found)
      throw new NotFoundError(
        `There is no project '${name.slice(0, 100)}'.`,
        'not-found',
      );
    return found;
  }

  /** Name of a project that exists. */
  nameOf(name: string): string {
    this.get(name);
    return name;
  }

  private visible(names?: string[]): IndexedProject[] {
    const all = this.options.index.list();
    if (!names) return all;
    const wanted = new Set(names);
    return all.filter(item => wanted.has(item.read.name));
  }

  /** What is shown of a project: the present state, or the last good one when the present has no project file. */
  private shown({ read, lastGood }: IndexedProject): ReadProject {
    return isFaulty(read) && lastGood ? lastGood.read : read;
  }

  async list(options: {
    limit: number;
    cursor?: string;
    text?: string;
    owner?: string;
    /** Names of those that may be told; undefined for all. */
    visible?: string[];
  }): Promise<{ items: ProjectSummary[]; nextCursor?: string }> {
    const text = options.text?.toLowerCase();
    const all = this.visible(options.visible).filter(item => {
      const file = this.shown(item).project;
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
    const shown = this.shown(item);
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
        shown.models.map(model => this.modelSummary(read.name, model)),
      ),
      datasets: shown.datasets.map(dataset => dataset.name),
      ...this.sync(read.name),
      ...this.rewritten(read.path),
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

  private async modelSummary(
    project: string,
    model: ReadProject['models'][number],
  ): Promise<ProjectSummary['models'][number]> {
    const versions = await this.options.tracking.listVersions(
      `${project}.${model.name}`,
      20,
    );
    const metric = model.value?.spec.primaryMetric;
    const value = (version: ModelVersion) =>
      metric ? version.metrics[metric.name] : undefined;
    const newest = versions[0] && value(versions[0]);
    const aliases = await this.options.tracking.listAliases(
      `${project}.${model.name}`,
    );
    return {
      ...(aliases.length > 0 && {
        aliases: aliases.map(item => ({
          ...item,
          declared: Object.hasOwn(model.value?.spec.aliases ?? {}, item.alias),
        })),
      }),
      name: model.name,
      title: model.value?.metadata.title,
      version: versions[0]?.version,
      ...(metric && newest !== undefined
        ? {
            metric: {
              name: metric.name,
              value: newest,
              direction: metric.direction,
            },
          }
        : {}),
      history: versions
        .flatMap(version =>
          value(version) === undefined
            ? []
            : [{ version: version.version, value: value(version)! }],
        )
        .reverse(),
    };
  }

  private rewritten(folder: string) {
    const rewritten = this.options.rewrittenOf?.(folder);
    return rewritten ? { rewritten } : {};
  }

  private sync(...of: Parameters<Reconciler['stateOf']>) {
    const sync = this.options.syncOf?.(...of);
    return sync ? { sync } : {};
  }

  async detail(
    name: string,
    allowed: ProjectDetail['allowed'],
  ): Promise<ProjectDetail> {
    const item = this.get(name);
    const shown = this.shown(item);
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
      : this.get(project).commit;
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

  async model(project: string, name: string): Promise<RegisteredModel> {
    const model = this.shown(this.get(project)).models.find(
      item => item.name === name,
    );
    const versions = await this.options.tracking.listVersions(
      `${project}.${name}`,
    );
    if (!model && versions.length === 0)
      throw new NotFoundError(
        `Project '${project}' has no model '${name.slice(0, 100)}'.`,
        'not-found',
      );
    const { metadata, spec } = model?.value ?? {};
    return {
      name,
      project,
      title: metadata?.title,
      task: spec?.task,
      classes: spec?.classes,
      primaryMetric: spec?.primaryMetric,
      intendedUse: spec?.intendedUse,
      limits: spec?.limits,
      licence: spec?.licence,
      aliases: (
        await this.options.tracking.listAliases(`${project}.${name}`)
      ).map(item => ({
        ...item,
        declared: Object.hasOwn(spec?.aliases ?? {}, item.alias),
      })),
      gates: gatesOf(model?.value),
      file: model?.file,
      versions,
    };
  }

  async version(
    project: string,
    name: string,
    version: string,
  ): Promise<ModelVersionDetail> {
    const { tracking, runs } = this.options;
    this.get(project);
    const registered = `${project}.${name}`;
    const { version: found, manifest } = await tracking.getVersion(
      registered,
      version,
    );
    const previous = (await tracking.listVersions(registered)).find(
      item => Number(item.version) < Number(version),
    );
    const run = found.runId
      ? await runs.get(found.runId).catch(() => undefined)
      : undefined;
    return {
      ...found,
      model: name,
      project,
      pipeline: run?.summary.pipeline,
      sizeBytes: manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0),
      files: manifest.files,
      signature: manifest.signature,
      evaluation: await this.evaluation(registered, version, manifest.files),
      previous,
    };
  }

  private async evaluation(
    registered: string,
    version: string,
    files: { path: string; sizeBytes: number }[],
  ): Promise<EvaluationReport | undefined> {
    const file = files.find(
      item =>
        item.path === 'evaluation.json' && item.sizeBytes < 4 * 1024 * 1024,
    );
    if (!file) return undefined;
    const parts: Uint8Array[] = [];
    for await (const part of (
      await this.options.tracking.openVersionFile(
        registered,
        version,
        file.path,
      )
    ).body)
      parts.push(part);
    try {
      return JSON.parse(Buffer.concat(parts).toString('utf8'));
    } catch {
      return undefined;
    }
  }

  async dataset(project: string, name: string): Promise<DatasetDetail> {
    const dataset = this.shown(this.get(project)).datasets.find(
      item => item.name === name,
    );
    if (!dataset)
      throw new NotFoundError(
        `Project '${project}' has no dataset '${name.slice(0, 100)}'.`,
        'not-found',
      );
    const { tracking } = this.options;
    const run = await this.datasetRun(project, name);
    const runIdOf = async (trackingRunId: string) =>
      tracking.runs
        .find(trackingRunId)
        .then(
          async row =>
            row &&
            (await tracking.runs.tags(row.id)).find(
              tag => tag.key === 'mlops.run',
            )?.value,
        );
    const history = await tracking.datasetHistory(project, name);
    const { metadata, spec } = dataset.value ?? {};
    return {
      project,
      name,
      title: metadata?.title,
      description: metadata?.description,
      licence: spec?.licence,
      sources: spec?.sources ?? [],
      schema: spec?.schema ?? [],
      splits: spec?.splits,
      declaredChecks: spec?.checks.map(check => check.name) ?? [],
      report:
        run &&
        (await tracking.readJson<DatasetReport>(
          run.run_uuid,
          `datasets/${name}/report.json`,
        )),
      runId: run && (await runIdOf(run.run_uuid)),
      history: await Promise.all(
        history.map(async ({ trackingRunId, ...item }) => ({
          ...item,
          runId: await runIdOf(trackingRunId),
        })),
      ),
    };
  }

  /** Tracking run that wrote the newest report of a dataset. */
  datasetRun(project: string, name: string) {
    return this.options.tracking.latestRunWith(
      project,
      `datasets/${name}/report.json`,
    );
  }

  /** Pages of a project at the commit that the portal has read. */
  async docs(name: string): Promise<ProjectDocs> {
    const item = this.get(name);
    const { metadata } = this.shown(item).project ?? {};
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

  catalog(visible?: string[]): CatalogFacts {
    const { index, webUrl } = this.options;
    const projects = this.visible(visible).flatMap(item => {
      const {
        project: file,
        path,
        name,
        models,
        pipelines,
        datasets,
      } = this.shown(item);
      if (!file) return [];
      const { metadata, spec } = file;
      return [
        {
          name,
          title: metadata.title,
          description: metadata.description,
          owner: spec.owner,
          lifecycle: spec.lifecycle,
          system: spec.system,
          component: spec.component,
          tags: metadata.tags ?? [],
          links: metadata.links ?? [],
          path,
          ...this.sync(name),
          models: models.map(model => ({
            ...this.sync(name, { kind: 'alias', model: model.name }),
            name: model.name,
            title: model.value?.metadata.title,
            description: model.value?.metadata.description,
            task: model.value?.spec.task ?? 'unknown',
            file: model.file,
          })),
          pipelines: pipelines.map(pipeline => ({
            ...this.sync(name, { kind: 'pipeline', name: pipeline.name }),
            name: pipeline.name,
            title: pipeline.title,
            description: pipeline.description,
            file: pipeline.file,
          })),
          datasets: datasets.map(dataset => ({
            name: dataset.name,
            title: dataset.value?.metadata.title,
            description: dataset.value?.metadata.description,
            file: dataset.file,
          })),
        },
      ];
    });
    return {
      commit: index.commit ?? '',
      branch: index.branch,
      ...(webUrl && { url: webUrl }),
      projects,
    };
  }
}
