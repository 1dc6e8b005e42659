import type { Knex } from 'knex';

/** A row of `tracking_runs`. @public */
export interface RunRow {
  id: number;
  run_uuid: string;
  experiment_id: number;
  parent_id: number | null;
  name: string;
  user_id: string;
  status: string;
  start_time: number;
  end_time: number | null;
  lifecycle_stage: string;
}

/** One point of a metric. NaN has `is_nan` and value 0; infinities are the largest doubles. @public */
export interface Point {
  key: string;
  step: number;
  timestamp: number;
  value: number;
  is_nan: boolean;
}

/** A dataset that a run used. @public */
export interface Input {
  name: string;
  digest: string;
  source_type: string;
  source: string;
  schema?: string | null;
  profile?: string | null;
  tags: { key: string; value: string }[];
}

/** Runs with their params, tags, metrics and inputs. @public */
export class RunStore {
  constructor(private readonly knex: Knex) {}

  async create(
    run: Omit<RunRow, 'id' | 'lifecycle_stage' | 'end_time'>,
  ): Promise<number> {
    const rows = await this.knex('tracking_runs').insert(run).returning('id');
    return rows[0].id;
  }

  async find(runUuid: string): Promise<RunRow | undefined> {
    const row = await this.knex('tracking_runs')
      .where({ run_uuid: runUuid })
      .first();
    return row && numbers(row);
  }

  async findById(id: number): Promise<RunRow | undefined> {
    const row = await this.knex('tracking_runs').where({ id }).first();
    return row && numbers(row);
  }

  /** The run and its child runs, oldest first. */
  async family(id: number): Promise<RunRow[]> {
    const rows = await this.knex('tracking_runs')
      .where({ id })
      .orWhere({ parent_id: id })
      .orderBy('id')
      .limit(1000);
    return rows.map(numbers);
  }

  async update(id: number, changes: Partial<RunRow>): Promise<void> {
    if (Object.keys(changes).length > 0)
      await this.knex('tracking_runs').where({ id }).update(changes);
  }

  async params(id: number): Promise<{ key: string; value: string }[]> {
    return this.knex('tracking_params')
      .where({ run_id: id })
      .select('key', 'value')
      .orderBy('key');
  }

  async tags(id: number): Promise<{ key: string; value: string }[]> {
    return this.knex('tracking_tags')
      .where({ run_id: id })
      .select('key', 'value')
      .orderBy('key');
  }

  async latest(id: number): Promise<Point[]> {
    const rows = await this.knex('tracking_latest_metrics')
      .where({ run_id: id })
      .orderBy('key');
    return rows.map(toPoint);
  }

  /** Params, tags or newest metrics of many runs, as far as they have one of some keys. */
  async facts(
    of: 'params' | 'tags' | 'latest_metrics',
    ids: number[],
    keys: string[],
  ): Promise<
    { run_id: number; key: string; value: string | number; is_nan?: boolean }[]
  > {
    if (ids.length === 0 || keys.length === 0) return [];
    const rows = await this.knex(`tracking_${of}`)
      .whereIn('run_id', ids)
      .whereIn('key', keys);
    return rows.map(row =>
      of === 'latest_metrics' ? { run_id: row.run_id, ...toPoint(row) } : row,
    );
  }

  async history(
    id: number,
    key: string,
    options: { limit: number; offset: number },
  ): Promise<Point[]> {
    const rows = await this.knex('tracking_metrics')
      .where({ run_id: id, key })
      .orderBy(['step', 'timestamp', 'value'])
      .limit(options.limit)
      .offset(options.offset);
    return rows.map(toPoint);
  }

  async keys(id: number): Promise<string[]> {
    const rows = await this.knex('tracking_latest_metrics')
      .where({ run_id: id })
      .select('key')
      .orderBy('key');
    return rows.map(row => row.key);
  }

  async inputs(id: number): Promise<Input[]> {
    const rows = await this.knex('tracking_inputs')
      .where({ run_id: id })
      .orderBy('name');
    return rows.map(row => ({ ...row, tags: JSON.parse(row.tags) }));
  }

  async inputHistory(
    experimentId: number,
    name: string,
  ): Promise<(Input & { run_uuid: string; logged_at: number })[]> {
    const rows = await this.knex('tracking_inputs')
      .join('tracking_runs', 'tracking_runs.id', 'tracking_inputs.run_id')
      .where({
        'tracking_runs.experiment_id': experimentId,
        'tracking_inputs.name': name,
      })
      .select('tracking_inputs.*', 'tracking_runs.run_uuid')
      .orderBy('tracking_inputs.logged_at', 'desc')
      .limit(500);
    return rows.map(row => ({
      ...row,
      tags: JSON.parse(row.tags),
      logged_at: Number(row.logged_at),
    }));
  }

  /** Writes a batch in one transaction. Params are write-once; the caller checked that. */
  async log(
    id: number,
    batch: {
      metrics?: Point[];
      params?: { key: string; value: string }[];
      tags?: { key: string; value: string }[];
      inputs?: Input[];
    },
  ): Promise<void> {
    await this.knex.transaction(async trx => {
      const rows = (items: { key: string; value: string }[]) =>
        items.map(item => ({ run_id: id, ...item }));
      if (batch.params?.length)
        await trx('tracking_params')
          .insert(rows(batch.params))
          .onConflict(['run_id', 'key'])
          .ignore();
      if (batch.tags?.length)
        await trx('tracking_tags')
          .insert(rows(batch.tags))
          .onConflict(['run_id', 'key'])
          .merge();
      for (const { tags, ...input } of batch.inputs ?? [])
        await trx('tracking_inputs')
          .insert({
            run_id: id,
            ...input,
            tags: JSON.stringify(tags),
            logged_at: Date.now(),
          })
          .onConflict(['run_id', 'name', 'digest'])
          .ignore();
      if (batch.metrics?.length) await logMetrics(trx, id, batch.metrics);
    });
  }

  deleteTag(id: number, key: string): Promise<number> {
    return this.knex('tracking_tags').where({ run_id: id, key }).delete();
  }

  /** Runs of experiments in a list, newest first. */
  async list(options: {
    experiments: number[];
    stages: string[];
    limit: number;
    offset: number;
  }): Promise<RunRow[]> {
    const rows = await this.knex('tracking_runs')
      .whereIn('experiment_id', options.experiments)
      .whereIn('lifecycle_stage', options.stages)
      .orderBy([
        { column: 'start_time', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(options.limit)
      .offset(options.offset);
    return rows.map(numbers);
  }
}

async function logMetrics(
  trx: Knex,
  id: number,
  metrics: Point[],
): Promise<void> {
  const rows = metrics.map(point => ({ run_id: id, ...point }));
  for (let i = 0; i < rows.length; i += 100)
    await trx('tracking_metrics')
      .insert(rows.slice(i, i + 100))
      .onConflict(['run_id', 'key', 'step', 'timestamp', 'value', 'is_nan'])
      .ignore();
  const newest = new Map<string, Point>();
  for (const point of metrics)
    if (isNewer(point, newest.get(point.key))) newest.set(point.key, point);
  const present = await trx('tracking_latest_metrics')
    .where({ run_id: id })
    .whereIn('key', [...newest.keys()]);
  for (const row of present)
    if (!isNewer(newest.get(row.key)!, toPoint(row))) newest.delete(row.key);
  if (newest.size > 0)
    await trx('tracking_latest_metrics')
      .insert([...newest.values()].map(point => ({ run_id: id, ...point })))
      .onConflict(['run_id', 'key'])
      .merge();
}

// MLflow's rule: the newest is the largest by step, then time, then value.
function isNewer(a: Point, b: Point | undefined): boolean {
  if (!b) return true;
  if (a.step !== b.step) return a.step > b.step;
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp;
  return a.value > b.value;
}

function toPoint(row: any): Point {
  return {
    key: row.key,
    step: Number(row.step),
    timestamp: Number(row.timestamp),
    value: Number(row.value),
    is_nan: Boolean(row.is_nan),
  };
}

function numbers(row: any): RunRow {
  return {
    ...row,
    start_time: Number(row.start_time),
    end_time: row.end_time === null ? null : Number(row.end_time),
  };
}
