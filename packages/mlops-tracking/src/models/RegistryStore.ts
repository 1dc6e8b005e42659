import { groupTags } from '../groupTags';
import type { Knex } from 'knex';

/** A row of `tracking_models`. @public */
export interface ModelRow {
  id: number;
  name: string;
  description: string;
  creation_time: number;
  last_update_time: number;
}

/** A row of `tracking_model_versions`, its manifest parsed. @public */
export interface VersionRow {
  model_id: number;
  version: number;
  run_uuid: string;
  source: string;
  digest: string;
  manifest: ModelManifest;
  description: string;
  creation_time: number;
  last_update_time: number;
}

/** What a registered version is: written once, beside its bytes and in its row. @public */
export interface ModelManifest {
  apiVersion: 'backstage-mlops/v1alpha1';
  kind: 'ModelManifest';
  model: string;
  version: string;
  /** `sha256:` and hex, over paths and digests of all files. */
  digest: string;
  files: { path: string; sizeBytes: number; digest: string }[];
  signature?: unknown;
  parameters: Record<string, string>;
  metrics: Record<string, number>;
  dataset?: { name: string; digest: string };
  commit?: string;
  /** Tracking run. */
  trackingRunId: string;
  /** Portal run. */
  runId?: string;
  backend?: string;
  /** ISO 8601. */
  createdAt: string;
}

/** Registered models, versions, tags and aliases. @public */
export class RegistryStore {
  constructor(private readonly knex: Knex) {}

  async create(
    name: string,
    description: string,
    now: number,
  ): Promise<boolean> {
    const rows = await this.knex('tracking_models')
      .insert({ name, description, creation_time: now, last_update_time: now })
      .onConflict('name')
      .ignore()
      .returning('id');
    return rows.length > 0;
  }

  find(name: string): Promise<ModelRow | undefined> {
    return this.knex('tracking_models').where({ name }).first();
  }

  /** Models by name, with their tags. */
  async list(options: {
    /** Models of these projects alone. */
    projects?: string[];
  }): Promise<(ModelRow & { tags: { key: string; value: string }[] })[]> {
    const wanted = options.projects && new Set(options.projects);
    const rows: ModelRow[] = await this.knex('tracking_models').orderBy('name');
    const tags = groupTags(
      await this.knex('tracking_model_tags').orderBy('key'),
      row => String(row.model_id),
    );
    return rows
      .filter(row => !wanted || wanted.has(row.name.split('.')[0]))
      .map(row => ({ ...row, tags: tags.get(String(row.id)) ?? [] }));
  }

  /** Versions of some models, with their tags. */
  async versionsOf(
    modelIds: number[],
  ): Promise<(VersionRow & { tags: { key: string; value: string }[] })[]> {
    const rows: any[] = await this.knex('tracking_model_versions').whereIn(
      'model_id',
      modelIds,
    );
    const tags = groupTags(
      await this.knex('tracking_version_tags')
        .whereIn('model_id', modelIds)
        .orderBy('key'),
      row => `${row.model_id}/${row.version}`,
    );
    return rows.map(row => ({
      ...toVersion(row),
      tags: tags.get(`${row.model_id}/${row.version}`) ?? [],
    }));
  }

  async update(
    id: number,
    changes: { description?: string },
    now: number,
  ): Promise<void> {
    await this.knex('tracking_models')
      .where({ id })
      .update({ ...changes, last_update_time: now });
  }

  /** Takes the next number and stores what `make` builds for it, in one transaction. */
  async addVersion(
    modelId: number,
    now: number,
    make: (
      version: number,
      trx: Knex,
    ) => Promise<
      Omit<
        VersionRow,
        'model_id' | 'version' | 'creation_time' | 'last_update_time'
      >
    >,
  ): Promise<VersionRow> {
    const last = await this.knex('tracking_model_versions')
      .where({ model_id: modelId })
      .max({ version: 'version' })
      .first();
    for (let version = Number(last?.version ?? 0) + 1; ; version++) {
      const { manifest, ...made } = await make(version, this.knex);
      const row = {
        model_id: modelId,
        version,
        creation_time: now,
        last_update_time: now,
        ...made,
      };
      const inserted = await this.knex('tracking_model_versions')
        .insert({ ...row, manifest: JSON.stringify(manifest) })
        .onConflict(['model_id', 'version'])
        .ignore()
        .returning('version');
      if (inserted.length > 0) {
        await this.knex('tracking_models')
          .where({ id: modelId })
          .update({ last_update_time: now });
        return { ...row, manifest };
      }
    }
  }

  async versions(modelId: number, limit = 1000): Promise<VersionRow[]> {
    const rows = await this.knex('tracking_model_versions')
      .where({ model_id: modelId })
      .orderBy('version', 'desc')
      .limit(limit);
    return rows.map(toVersion);
  }

  async version(
    modelId: number,
    version: number,
  ): Promise<VersionRow | undefined> {
    const row = await this.knex('tracking_model_versions')
      .where({ model_id: modelId, version })
      .first();
    return row && toVersion(row);
  }

  async updateVersion(
    modelId: number,
    version: number,
    description: string,
    now: number,
  ): Promise<void> {
    await this.knex('tracking_model_versions')
      .where({ model_id: modelId, version })
      .update({ description, last_update_time: now });
  }

  async tags(
    modelId: number,
    version?: number,
  ): Promise<{ key: string; value: string }[]> {
    return version === undefined
      ? this.knex('tracking_model_tags')
          .where({ model_id: modelId })
          .select('key', 'value')
          .orderBy('key')
      : this.knex('tracking_version_tags')
          .where({ model_id: modelId, version })
          .select('key', 'value')
          .orderBy('key');
  }

  async setTag(
    modelId: number,
    version: number | undefined,
    key: string,
    value: string,
  ): Promise<void> {
    if (version === undefined)
      await this.knex('tracking_model_tags')
        .insert({ model_id: modelId, key, value })
        .onConflict(['model_id', 'key'])
        .merge();
    else
      await this.knex('tracking_version_tags')
        .insert({ model_id: modelId, version, key, value })
        .onConflict(['model_id', 'version', 'key'])
        .merge();
  }

  aliases(modelId: number): Promise<{ alias: string; version: number }[]> {
    return this.knex('tracking_aliases')
      .where({ model_id: modelId })
      .select('alias', 'version')
      .orderBy('alias');
  }

  async setAlias(
    modelId: number,
    alias: string,
    version: number,
  ): Promise<void> {
    await this.knex('tracking_aliases')
      .insert({ model_id: modelId, alias, version })
      .onConflict(['model_id', 'alias'])
      .merge();
  }

  async deleteAlias(modelId: number, alias: string): Promise<void> {
    await this.knex('tracking_aliases')
      .where({ model_id: modelId, alias })
      .delete();
  }
}

function toVersion(row: any): VersionRow {
  return {
    ...row,
    manifest: JSON.parse(row.manifest),
    creation_time: Number(row.creation_time),
    last_update_time: Number(row.last_update_time),
  };
}
