import type { Knex } from 'knex';
import path from 'node:path';

/** Brings the tracking tables to the present layout. They have a migration table of their own. @public */
export async function applyTrackingMigrations(knex: Knex): Promise<void> {
  // This room runs without Backstage, whose helper for package paths it cannot use; `migrations` lies beside `src` and `dist`.
  // eslint-disable-next-line no-restricted-syntax
  const directory = path.resolve(__dirname, '../migrations');
  await knex.migrate.latest({
    directory,
    tableName: 'tracking_migrations',
  });
}
