import { groupTags } from '../groupTags';
import type { Knex } from 'knex';

/** A row of `tracking_experiments`. @public */
export interface ExperimentRow {
  id: number;
  name: string;
  lifecycle_stage: string;
  creation_time: number;
  last_update_time: number;
}

/** Experiments and their tags. @public */
export class ExperimentStore {
  constructor(private readonly knex: Knex) {}

  /** Undefined when the name is taken. */
  async create(name: string, now: number): Promise<number | undefined> {
    const rows = await this.knex('tracking_experiments')
      .insert({ name, creation_time: now, last_update_time: now })
      .onConflict('name')
      .ignore()
      .returning('id');
    return rows[0]?.id ?? undefined;
  }

  find(where: {
    id?: number;
    name?: string;
  }): Promise<ExperimentRow | undefined> {
    return this.knex('tracking_experiments').where(where).first();
  }

  /** Makes the experiment when there is none of that name. */
  async ensure(name: string, now: number): Promise<number> {
    const present = await this.find({ name });
    return (
      present?.id ??
      (await this.create(name, now)) ??
      (await this.find({ name }))!.id
    );
  }

  async tags(id: number): Promise<{ key: string; value: string }[]> {
    return this.knex('tracking_experiment_tags')
      .where({ experiment_id: id })
      .select('key', 'value')
      .orderBy('key');
  }

  async setTag(id: number, key: string, value: string): Promise<void> {
    await this.knex('tracking_experiment_tags')
      .insert({ experiment_id: id, key, value })
      .onConflict(['experiment_id', 'key'])
      .merge();
  }

  deleteTag(id: number, key: string): Promise<number> {
    return this.knex('tracking_experiment_tags')
      .where({ experiment_id: id, key })
      .delete();
  }

  async update(
    id: number,
    changes: { name?: string; lifecycle_stage?: string },
    now: number,
  ): Promise<void> {
    await this.knex('tracking_experiments')
      .where({ id })
      .update({ ...changes, last_update_time: now });
    if (changes.lifecycle_stage)
      await this.knex('tracking_runs')
        .where({ experiment_id: id })
        .update({ lifecycle_stage: changes.lifecycle_stage });
  }

  /** Experiments with their tags, newest first. */
  async list(options: {
    stages: string[];
    /** Those of these names alone. */
    names?: string[];
  }): Promise<(ExperimentRow & { tags: { key: string; value: string }[] })[]> {
    const query = this.knex('tracking_experiments')
      .whereIn('lifecycle_stage', options.stages)
      .orderBy([{ column: 'creation_time', order: 'desc' }, { column: 'id' }]);
    if (options.names) query.whereIn('name', options.names);
    const rows: ExperimentRow[] = await query;
    const tags = groupTags(
      await this.knex('tracking_experiment_tags').orderBy('key'),
      row => String(row.experiment_id),
    );
    return rows.map(row => ({ ...row, tags: tags.get(String(row.id)) ?? [] }));
  }
}
