import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { TestDatabases } from '@backstage/backend-test-utils';
import { ScheduleStore } from './ScheduleStore';

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_17'] });

it.each(databases.eachSupportedId())(
  'keeps on %s why a time led to no run, and how runs ended that are gone',
  async id => {
    const knex = await databases.init(id);
    await knex.migrate.latest({
      directory: resolvePackagePath(
        '@backstage-mlops/plugin-mlops-backend',
        'migrations',
      ),
    });
    const store = new ScheduleStore(knex);
    const row = await store.see('one', 'nightly', '2026-01-01T00:00:00.000Z');
    expect(row).toMatchObject({ gone: { succeeded: 0, failed: 0 } });
    const to = '2026-01-02T00:00:00.000Z';
    expect(await store.advance(row, to, { why: 'it is suspended' })).toBe(true);
    // Another portal that read the same row is too late.
    expect(await store.advance(row, to, { run: { id: 'late', at: to } })).toBe(
      false,
    );
    for (const phase of ['Succeeded', 'Failed', 'Error', 'Succeeded'])
      await ScheduleStore.forget(knex, row, phase);
    expect(await store.list()).toEqual([
      {
        ...row,
        lastScheduledAt: to,
        passed: { at: to, why: 'it is suspended' },
        gone: { succeeded: 2, failed: 2 },
      },
    ]);
  },
  120_000,
);
