import {
  resolvePackagePath,
  type DatabaseService,
} from '@backstage/backend-plugin-api';
import { applyTrackingMigrations } from '@backstage-mlops/mlops-tracking';
import type { Knex } from 'knex';

/** Brings all tables of the plugin to the present layout, unless the host says not to. */
export async function migrate(database: DatabaseService): Promise<Knex> {
  const knex = await database.getClient();
  // A file that somebody else holds is waited for on the only thread there is; callers ask again instead.
  if (knex.client.config.client === 'better-sqlite3') {
    await knex.raw('pragma busy_timeout = 250');
    // A write waits for the disk once instead of four times, and outlives a crash of the machine all the same.
    await knex.raw('pragma journal_mode = wal');
    await knex.raw('pragma synchronous = full');
  }
  if (database.migrations?.skip) return knex;
  await knex.migrate.latest({
    directory: resolvePackagePath(
      '@backstage-mlops/plugin-mlops-backend',
      'migrations',
    ),
  });
  await applyTrackingMigrations(knex);
  return knex;
}
