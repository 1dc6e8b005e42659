/* All tables up, down and up again, with a hundred thousand runs in them. */
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import fs from 'node:fs';

const directory = resolvePackagePath(
  '@backstage-mlops/plugin-mlops-backend',
  'migrations',
);
/** Tables of the tracking server, which has a migration table of its own. */
const tracking = {
  directory: resolvePackagePath(
    '@backstage-mlops/mlops-tracking',
    'migrations',
  ),
  tableName: 'tracking_migrations',
};
const filesOf = (folder: string) =>
  fs.readdirSync(folder).filter(name => name.endsWith('.js'));
const files = filesOf(directory);
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_17'] });
const rows = 100_000;

/** What an installation of the first day had stored. */
async function fill(knex: Knex): Promise<void> {
  const state = JSON.stringify({ phase: 'Succeeded', nodes: {} });
  await knex.transaction(async trx => {
    for (let from = 0; from < rows; from += 1000) {
      const ids = Array.from({ length: 1000 }, (_, i) => from + i);
      await trx.batchInsert(
        'mlops_runs',
        ids.map(i => ({
          id: `run-${i}`,
          project: `p${i % 50}`,
          pipeline: 'train',
          phase: i % 10 === 0 ? 'Failed' : 'Succeeded',
          ref: 'main',
          commit: 'c'.repeat(40),
          file: 'train.yaml',
          parameters: '[]',
          trigger_by: 'user:default/a',
          tracking_run_id: `t${i}`,
          experiment_id: '1',
          isolation: 'namespaces',
          notes: '[]',
          created_at: '2026-01-01T00:00:00.000Z',
          workflow: '{}',
          state,
        })),
        40,
      );
      await trx.batchInsert(
        'mlops_step_attempts',
        ids.map(i => ({
          run_id: `run-${i}`,
          node_id: 'n',
          attempt: 0,
          directory: `/runs/run-${i}/n`,
          created_at: '2026-01-01T00:00:00.000Z',
        })),
        100,
      );
    }
  });
}

async function layout(
  knex: Knex,
  prefix = 'mlops_',
): Promise<Record<string, string[]>> {
  const tables: string[] =
    knex.client.config.client === 'pg'
      ? (
          await knex('pg_tables')
            .where({ schemaname: 'public' })
            .select('tablename')
        ).map(row => row.tablename)
      : (
          await knex('sqlite_master').where({ type: 'table' }).select('name')
        ).map(row => row.name);
  const found: Record<string, string[]> = {};
  for (const table of tables.filter(name => name.startsWith(prefix)).sort())
    found[table] = Object.keys(await knex(table).columnInfo()).sort();
  return found;
}

const counts = async (knex: Knex) => {
  const [{ count }] = await knex('mlops_runs').count({ count: '*' });
  const [{ failed }] = await knex('mlops_runs')
    .where({ phase: 'Failed' })
    .count({ failed: '*' });
  const [{ attempts }] = await knex('mlops_step_attempts').count({
    attempts: '*',
  });
  return [count, failed, attempts].map(Number);
};

it.each(databases.eachSupportedId())(
  'go up, down and up with a hundred thousand runs on %s, and keep them',
  async id => {
    const knex = await databases.init(id);
    await knex.migrate.up({ directory });
    await fill(knex);
    const first = await layout(knex);
    await knex.migrate.latest({ directory });
    const last = await layout(knex);
    expect(await counts(knex)).toEqual([rows, rows / 10, rows]);
    // What was there before is as it was for an installation that meets it: by a person, on this machine, let in.
    const [run] = await knex('mlops_runs').where({ id: 'run-7' });
    expect(run).toMatchObject({
      trigger_kind: 'person',
      admitted_at: '2026-01-01T00:00:00.000Z',
    });
    for (let left = files.length; left > 1; left--)
      await knex.migrate.down({ directory });
    expect(await layout(knex)).toEqual(first);
    expect(await counts(knex)).toEqual([rows, rows / 10, rows]);
    await knex.migrate.latest({ directory });
    expect(await layout(knex)).toEqual(last);
    expect(await counts(knex)).toEqual([rows, rows / 10, rows]);
    await knex.migrate.rollback({ directory }, true);
    expect(await layout(knex)).toEqual({});
  },
  300_000,
);

/** A hundred runs with a thousand points each. */
async function fillTracking(knex: Knex): Promise<void> {
  await knex.transaction(async trx => {
    await trx('tracking_experiments').insert({
      name: 'one',
      creation_time: 1,
      last_update_time: 1,
    });
    for (let run = 1; run <= rows / 1000; run++) {
      await trx('tracking_runs').insert({
        run_uuid: `t${run}`,
        experiment_id: 1,
        name: `run ${run}`,
        user_id: 'user:default/a',
        status: 'FINISHED',
        start_time: run,
      });
      await trx.batchInsert(
        'tracking_metrics',
        Array.from({ length: 1000 }, (_, step) => ({
          run_id: run,
          key: 'loss',
          step,
          timestamp: step,
          value: 1 / (step + 1),
        })),
        100,
      );
    }
  });
}

it.each(databases.eachSupportedId())(
  'of the tracking server go up, down and up with a hundred thousand points on %s, beside those of the portal',
  async id => {
    const knex = await databases.init(id);
    const counted = async () => {
      const [{ points }] = await knex('tracking_metrics').count({
        points: '*',
      });
      const [{ runs }] = await knex('tracking_runs').count({ runs: '*' });
      return [points, runs].map(Number);
    };
    const ofTracking = async () => {
      const { tracking_migrations: _done, ...found } = await layout(
        knex,
        'tracking_',
      );
      delete found.tracking_migrations_lock;
      return found;
    };
    await knex.migrate.latest({ directory });
    await knex.migrate.up(tracking);
    await fillTracking(knex);
    const first = await ofTracking();
    await knex.migrate.latest(tracking);
    const last = await ofTracking();
    expect(await counted()).toEqual([rows, rows / 1000]);
    for (let left = filesOf(tracking.directory).length; left > 1; left--)
      await knex.migrate.down(tracking);
    expect(await ofTracking()).toEqual(first);
    await knex.migrate.latest(tracking);
    expect(await ofTracking()).toEqual(last);
    expect(await counted()).toEqual([rows, rows / 1000]);
    const portal = await layout(knex);
    await knex.migrate.rollback(tracking, true);
    expect(await ofTracking()).toEqual({});
    expect(await layout(knex)).toEqual(portal);
    await knex.migrate.latest(tracking);
    expect(await ofTracking()).toEqual(last);
    expect(await counted()).toEqual([0, 0]);
  },
  300_000,
);
