/* What a portal for others refuses, and what it does when each thing is asked for by its key. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, it } from 'node:test';
import { startPortal } from '../../scripts/lib/portal.mjs';
import { freePort, startTestPortal } from '../support/portal.ts';

const data = mkdtempSync(path.join(os.tmpdir(), 'production-'));
after(() => rmSync(data, { recursive: true, force: true }));

it('does not start with NODE_ENV=production as it is, and names every key', async () => {
  await assert.rejects(
    startPortal({
      node: process.env.MLOPS_TEST_NODE ?? process.execPath,
      port: await freePort(),
      data,
      environment: {
        NODE_ENV: 'production',
        APP_CONFIG_auth_session_secret: 'development',
        APP_CONFIG_backend_database_plugin_mlops_connection: ':memory:',
      },
    }),
    (error: Error) => {
      assert.match(error.message, /does not start with NODE_ENV=production/);
      const text = readFileSync(path.join(data, 'logs/portal.log'), 'utf8');
      for (const key of [
        'auth.providers.guest',
        'permission.dangerouslyAllowAll',
        'auth.session.secret',
        'backend.database.plugin.mlops.connection',
      ])
        assert.ok(text.includes(key), `${key} is named`);
      return true;
    },
  );
});

it('starts when each is asked for, and lets no run begin unless that is, too', async () => {
  const environment = {
    NODE_ENV: 'production',
    APP_CONFIG_auth_providers_guest_dangerouslyAllowOutsideDevelopment: 'true',
    APP_CONFIG_permission_dangerouslyAllowAll: 'true',
  };
  const portal = await startTestPortal({ environment });
  try {
    const { status, body } = await portal.call('POST', 'runs', {
      project: 'penguins',
      pipeline: 'hello',
    });
    assert.equal(status, 400);
    assert.equal(body.error.code, 'engine-off');
    assert.match(body.error.message, /mlops\.local\.enabled/);
  } finally {
    await portal.stop();
  }
});
