/*
 * Tracking and registry for the portal itself, without HTTP. The MLflow router stands on the same stores.
 */
import {
  NotFoundError,
  type ArtifactStore,
  type MetricSeries,
  type ModelVersion,
} from '@backstage-mlops/mlops-core';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { checkArtifactPath } from './artifacts/checkArtifactPath';
import { maxJsonBytes, parseJson, readJson } from './artifacts/readJson';
import { ExperimentStore } from './experiments/ExperimentStore';
import { RunStore, type RunRow } from './experiments/RunStore';
import { registerVersion, versionKey } from './models/registerVersion';
import {
  RegistryStore,
  type ModelManifest,
  type VersionRow,
} from './models/RegistryStore';

const maxPoints = 2_000;

/** What a tracking run begins with. @public */
export interface NewTrackingRun {
  /** Name of the experiment; made when it is not there. */
  experiment: string;
  runName: string;
  user: string;
  tags: Record<string, string>;
}

/** @public */
export class TrackingService {
  readonly experiments: ExperimentStore;
  readonly runs: RunStore;
  readonly registry: RegistryStore;

  constructor(readonly knex: Knex, readonly artifacts: ArtifactStore) {
    this.experiments = new ExperimentStore(knex);
    this.runs = new RunStore(knex);
    this.registry = new RegistryStore(knex);
  }

  /** Starts a tracking run in the experiment of that name. Gives the ids that a step needs. */
  async startRun(
    options: NewTrackingRun,
  ): Promise<{ runId: string; experimentId: string }> {
    const place = await this.planRun(options.experiment);
    await this.openRun({ ...options, runId: place.runId });
    return place;
  }

  /** The ids that a tracking run will have; nothing is written but its experiment. */
  async planRun(
    experiment: string,
  ): Promise<{ runId: string; experimentId: string }> {
    const experimentId = await this.experiments.ensure(experiment, Date.now());
    return {
      runId: randomUUID().replace(/-/g, ''),
      experimentId: String(experimentId),
    };
  }

  /** Makes sure that a tracking run is there and runs, however often it is asked: a new one, or one that was ended. */
  async openRun(options: NewTrackingRun & { runId: string }): Promise<void> {
    const known = await this.runs.find(options.runId);
    if (known && known.status !== 'RUNNING')
      await this.runs.update(known.id, { status: 'RUNNING', end_time: null });
    const id = known?.id ?? (await this.createRun(options));
    const tags = {
      'mlflow.runName': options.runName,
      'mlflow.user': options.user,
      ...options.tags,
    };
    await this.runs.log(id, {
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    });
  }

  private async createRun(
    options: NewTrackingRun & { runId: string },
  ): Promise<number> {
    const now = Date.now();
    return this.runs.create({
      run_uuid: options.runId,
      experiment_id: await this.experiments.ensure(options.experiment, now),
      parent_id: null,
      name: options.runName,
      user_id: options.user,
      status: 'RUNNING',
      start_time: now,
    });
  }

  /** Ends a tracking run, and its child runs that still run. */
  async endRun(
    runId: string,
    status: 'FINISHED' | 'FAILED' | 'KILLED',
  ): Promise<void> {
    const run = await this.run(runId);
    for (const member of await this.runs.family(run.id))
      if (member.status === 'RUNNING' || member.id === run.id)
        await this.runs.update(member.id, { status, end_time: Date.now() });
  }

  async run(runId: string): Promise<RunRow> {
    const run = await this.runs.find(runId);
    if (!run)
      throw new NotFoundError(
        `There is no tracking run '${runId}'.`,
        'not-found',
      );
    return run;
  }

  /** Takes a run and the files of it and its children away. Its figures stay on record as deleted ones. */
  async forgetRun(runId: string): Promise<void> {
    const found = await this.runs.find(runId);
    if (!found) return;
    for (const row of await this.runs.family(found.id)) {
      await this.artifacts.delete(`tracking/${row.run_uuid}/artifacts`);
      await this.runs.update(row.id, { lifecycle_stage: 'deleted' });
    }
  }

  /** Portal runs that registered a version, with the version, of all models of a project. */
  async registeringRuns(project: string): Promise<Map<string, string>> {
    const models: { name: string }[] = await this.knex('tracking_models')
      .where('name', '>', `${project}.`)
      .andWhere('name', '<', `${project}/`)
      .select('name');
    const found = new Map<string, string>();
    for (const { name } of models)
      for (const version of await this.listVersions(name, 100_000))
        if (version.runId)
          found.set(
            version.runId,
            `${name.slice(project.length + 1)} ${version.version}`,
          );
    return found;
  }

  /** Curves of a run and its child runs; each thinned to at most 2,000 points, ends kept. */
  async listMetricSeries(runId: string): Promise<MetricSeries[]> {
    const series: MetricSeries[] = [];
    for (const member of await this.runs.family((await this.run(runId)).id))
      for (const key of (await this.runs.keys(member.id)).slice(0, 200)) {
        const points = (
          await this.runs.history(member.id, key, { limit: 100_000, offset: 0 })
        ).filter(point => !point.is_nan);
        series.push({
          trackingRunId: member.run_uuid,
          runName: member.name,
          key,
          points: thin(points).map(({ step, value, timestamp }) => ({
            step,
            value,
            timestamp: new Date(timestamp).toISOString(),
          })),
        });
      }
    return series;
  }

  /** Key of an artifact of a run in the store. */
  artifactKey(run: Pick<RunRow, 'run_uuid'>, path: string): string {
    return path === ''
      ? `tracking/${run.run_uuid}/artifacts`
      : `tracking/${run.run_uuid}/artifacts/${checkArtifactPath(path)}`;
  }

  /** Bytes of an artifact of a run. NotFoundError when there is none. */
  async openArtifact(runId: string, path: string) {
    return this.artifacts.get(this.artifactKey(await this.run(runId), path));
  }

  /** A JSON artifact of a run; undefined when there is none or it is no JSON. At most 4 MiB. */
  async readJson<T>(runId: string, path: string): Promise<T | undefined> {
    const run = await this.runs.find(runId);
    const key = run && this.artifactKey(run, path);
    const stat = key && (await this.artifacts.stat(key));
    if (!key || !stat || stat.sizeBytes > maxJsonBytes) return undefined;
    return readJson<T>((await this.artifacts.get(key)).body);
  }

  /** Versions of a registered model, newest first. Empty when there is no such model. */
  async listVersions(
    registeredName: string,
    limit = 1000,
  ): Promise<ModelVersion[]> {
    const model = await this.registry.find(registeredName);
    return model
      ? (await this.registry.versions(model.id, limit)).map(toModelVersion)
      : [];
  }

  /** Aliases of a registered model, by name. Empty when there is no such model. */
  async listAliases(
    registeredName: string,
  ): Promise<{ alias: string; version: string }[]> {
    const model = await this.registry.find(registeredName);
    return model
      ? (await this.registry.aliases(model.id)).map(({ alias, version }) => ({
          alias,
          version: String(version),
        }))
      : [];
  }

  /** Aliases of all registered models, by name of the model. */
  async aliasesByModel(): Promise<Map<string, Record<string, string>>> {
    const rows: { name: string; alias: string; version: number }[] =
      await this.knex('tracking_aliases')
        .join('tracking_models', 'tracking_models.id', 'model_id')
        .select('name', 'alias', 'version');
    const found = new Map<string, Record<string, string>>();
    for (const { name, alias, version } of rows)
      found.set(name, { ...found.get(name), [alias]: String(version) });
    return found;
  }

  /** Digests of some versions of a registered model; those that are not there are left out. */
  async digestsOf(
    registeredName: string,
    versions: string[],
  ): Promise<Record<string, string>> {
    const wanted = versions.filter(version => /^\d{1,9}$/.test(version));
    if (wanted.length === 0) return {};
    const rows: { version: number; digest: string }[] = await this.knex(
      'tracking_model_versions',
    )
      .join('tracking_models', 'tracking_models.id', 'model_id')
      .where('name', registeredName)
      .whereIn('version', wanted.map(Number))
      .select('version', 'digest');
    return Object.fromEntries(
      rows.map(({ version, digest }) => [String(version), digest]),
    );
  }

  /** Writes an alias as git has it; without a version it is taken away. NotFoundError when there is no such version. */
  async writeAlias(
    registeredName: string,
    alias: string,
    version: string | undefined,
  ): Promise<void> {
    const model = await this.registry.find(registeredName);
    if (version === undefined) {
      if (model) await this.registry.deleteAlias(model.id, alias);
      return;
    }
    await this.getVersion(registeredName, version);
    await this.registry.setAlias(model!.id, alias, Number(version));
  }

  /** One version with its manifest. */
  async getVersion(
    registeredName: string,
    version: string,
  ): Promise<{ version: ModelVersion; manifest: ModelManifest }> {
    const model = await this.registry.find(registeredName);
    const row =
      model && /^\d{1,9}$/.test(version)
        ? await this.registry.version(model.id, Number(version))
        : undefined;
    if (!row)
      throw new NotFoundError(
        `There is no version '${version}' of that model.`,
        'not-found',
      );
    return { version: toModelVersion(row), manifest: row.manifest };
  }

  /** Bytes of a file of a version, from its immutable copy. */
  async openVersionFile(registeredName: string, version: string, path: string) {
    const { manifest } = await this.getVersion(registeredName, version);
    if (!manifest.files.some(file => file.path === path))
      throw new NotFoundError(
        `The version has no file '${path}'.`,
        'not-found',
      );
    return this.artifacts.get(versionKey(registeredName, version, path));
  }

  /** Digests of a dataset over time, newest first. */
  async datasetHistory(experiment: string, dataset: string) {
    const found = await this.experiments.find({ name: experiment });
    if (!found) return [];
    const seen = new Map<
      string,
      { digest: string; rows: number; trackingRunId: string; createdAt: string }
    >();
    for (const input of await this.runs.inputHistory(found.id, dataset)) {
      const rows = parseJson<{ num_rows?: number; rows?: number }>(
        input.profile ?? '',
      );
      // The oldest use of a digest is when it came to be: later rows of the list are older.
      seen.set(input.digest, {
        digest: input.digest,
        rows: Number(rows?.num_rows ?? rows?.rows ?? 0),
        trackingRunId: input.run_uuid,
        createdAt: new Date(input.logged_at).toISOString(),
      });
    }
    return [...seen.values()];
  }

  /** Newest run of an experiment that has an artifact. */
  async latestRunWith(
    experiment: string,
    path: string,
  ): Promise<RunRow | undefined> {
    const found = await this.experiments.find({ name: experiment });
    if (!found) return undefined;
    const runs = await this.runs.list({
      experiments: [found.id],
      stages: ['active'],
      limit: 200,
      offset: 0,
    });
    for (const run of runs)
      if (await this.artifacts.stat(this.artifactKey(run, path))) return run;
    return undefined;
  }

  /** Registers the files below a path of a run as the next version of a model; copies them, so that they never change. */
  async register(
    registeredName: string,
    run: RunRow,
    artifactPath: string,
    description = '',
  ): Promise<VersionRow> {
    return registerVersion(this, {
      registeredName,
      run,
      artifactPath,
      from: this.artifactKey(run, artifactPath),
      description,
    });
  }
}

function toModelVersion({ version, manifest }: VersionRow): ModelVersion {
  const {
    digest,
    createdAt,
    runId,
    trackingRunId,
    commit,
    metrics,
    parameters,
    dataset,
    backend,
  } = manifest;
  return {
    version: String(version),
    digest,
    createdAt,
    runId,
    trackingRunId,
    commit,
    metrics,
    parameters,
    dataset,
    backend,
  };
}

function thin<T>(points: T[]): T[] {
  if (points.length <= maxPoints) return points;
  const stride = (points.length - 1) / (maxPoints - 1);
  return Array.from(
    { length: maxPoints },
    (_, i) => points[Math.round(i * stride)],
  );
}
