import {
  resolvePackagePath,
  type DatabaseService,
} from '@backstage/backend-plugin-api';
import { applyTrackingMigrations } from '@backstage-mlops/mlops-tracking';
import type { Knex } from 'knex';

/** Brings all tables of the plugin to the present layout, unless the host says not to. */
export async function migrate(database: DatabaseService): Promise<Knex> {
  const knex = await database.getClient();
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
