import { ConfigReader } from '@backstage/config';
import {
  checkProduction,
  isLocalEngineOn,
  productionFaults,
} from './checkProduction';

const good = {
  permission: { enabled: true },
  backend: { database: { client: 'pg', connection: { host: 'db' } } },
  auth: { session: { secret: 'x7'.repeat(20) } },
};
const faults = (more: object) =>
  productionFaults(new ConfigReader({ ...good, ...more }));

describe('a portal for others', () => {
  it('starts with sign-in, rights, a database and real secrets', () => {
    expect(faults({})).toEqual([]);
    expect(() =>
      checkProduction(new ConfigReader(good), 'production'),
    ).not.toThrow();
  });

  it.each([
    ['auth.providers.guest', { auth: { providers: { guest: {} } } }],
    ['permission.enabled', { permission: {} }],
    [
      'backend.database.connection',
      {
        backend: {
          database: { client: 'better-sqlite3', connection: ':memory:' },
        },
      },
    ],
    [
      'backend.database.plugin.catalog.connection',
      {
        backend: {
          database: {
            client: 'better-sqlite3',
            connection: { directory: '/data' },
            plugin: { catalog: { connection: { filename: 'file::memory:' } } },
          },
        },
      },
    ],
    ['auth.session.secret', { auth: { session: { secret: 'changeme' } } }],
    [
      'backend.auth.keys[0].secret',
      { backend: { auth: { keys: [{ secret: 'short' }] } } },
    ],
    [
      'backend.auth.externalAccess[0].options.token',
      {
        backend: {
          auth: {
            externalAccess: [{ type: 'static', options: { token: 'abc' } }],
          },
        },
      },
    ],
  ])('does not start because of %s', (key, more) => {
    expect(faults(more)).toEqual([expect.stringContaining(key)]);
    expect(() =>
      checkProduction(new ConfigReader({ ...good, ...more }), 'production'),
    ).toThrow(key);
    expect(() =>
      checkProduction(new ConfigReader({ ...good, ...more }), 'development'),
    ).not.toThrow();
  });

  it('starts all the same when each thing is asked for by its own key', () => {
    expect(
      faults({
        auth: {
          providers: { guest: { dangerouslyAllowOutsideDevelopment: true } },
        },
        permission: { dangerouslyDisabled: true },
      }),
    ).toEqual([]);
  });

  it('lets the search forget, which fills its index anew at each start', () => {
    expect(
      faults({
        backend: {
          database: {
            client: 'better-sqlite3',
            connection: { directory: '/data' },
            plugin: { search: { connection: ':memory:' } },
          },
        },
      }),
    ).toEqual([]);
  });

  it('runs no steps on its own machine unless told to', () => {
    const config = (enabled?: boolean) =>
      new ConfigReader(
        enabled === undefined ? {} : { mlops: { local: { enabled } } },
      );
    expect(isLocalEngineOn(config(), 'production')).toBe(false);
    expect(isLocalEngineOn(config(true), 'production')).toBe(true);
    expect(isLocalEngineOn(config(), 'development')).toBe(true);
    expect(isLocalEngineOn(config(false), 'development')).toBe(false);
  });
});
