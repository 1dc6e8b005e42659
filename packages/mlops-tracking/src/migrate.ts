import type { Knex } from 'knex';
import path from 'node:path';

/** Brings the tracking tables to the present layout. They have a migration table of their own. @public */
export async function applyTrackingMigrations(knex: Knex): Promise<void> {
  await knex.migrate.latest({
    directory: path.resolve(__dirname, '../migrations'),
    tableName: 'tracking_migrations',
  });
}
