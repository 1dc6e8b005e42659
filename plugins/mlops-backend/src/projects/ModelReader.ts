/* Models as pages and programs read them: what git says of them joined with the versions in the registry. */
import {
  gatesOf,
  NotFoundError,
  type EvaluationReport,
  type ModelVersion,
  type ModelVersionDetail,
  type ProjectSummary,
  type ReadProject,
  type RegisteredModel,
} from '@backstage-mlops/mlops-core';
import type { TrackingService } from '@backstage-mlops/mlops-tracking';
import type { RunStore } from '../runs/RunStore';
import type { KnownProjects } from './KnownProjects';

export class ModelReader {
  constructor(
    private readonly options: {
      known: KnownProjects;
      runs: RunStore;
      tracking: TrackingService;
    },
  ) {}

  /** What lists of projects show of a model. */
  async summary(
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
    const aliases = await this.aliases(project, model.name, model.value);
    return {
      ...(aliases.length > 0 && { aliases }),
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

  private async aliases(
    project: string,
    name: string,
    file: ReadProject['models'][number]['value'],
  ): Promise<RegisteredModel['aliases']> {
    const found = await this.options.tracking.listAliases(`${project}.${name}`);
    return found.map(item => ({
      ...item,
      declared: Object.hasOwn(file?.spec.aliases ?? {}, item.alias),
    }));
  }

  async model(project: string, name: string): Promise<RegisteredModel> {
    const { known } = this.options;
    const model = known
      .shown(known.get(project))
      .models.find(item => item.name === name);
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
      aliases: await this.aliases(project, name, model?.value),
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
    const { known, tracking, runs } = this.options;
    known.get(project);
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
}
