import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yarnSettings } from './npmSettings.mjs';

test("Yarn reaches the registry as a person's npm does", () => {
  assert.deepEqual(
    yarnSettings({
      npm_config_registry: 'https://packages.example.org/npm/',
      npm_config_cafile: '/etc/company.pem',
      npm_config_https_proxy: 'http://proxy.example.org:3128',
      npm_config_strict_ssl: '',
    }),
    {
      YARN_NPM_REGISTRY_SERVER: 'https://packages.example.org/npm',
      YARN_HTTPS_CA_FILE_PATH: '/etc/company.pem',
      YARN_HTTPS_PROXY: 'http://proxy.example.org:3128',
      YARN_ENABLE_STRICT_SSL: 'false',
    },
  );
});

test('without settings it is the public registry; what is said to Yarn itself stays', () => {
  assert.deepEqual(yarnSettings({}), {
    YARN_NPM_REGISTRY_SERVER: 'https://registry.npmjs.org',
  });
  assert.deepEqual(yarnSettings({ YARN_NPM_REGISTRY_SERVER: 'https://x' }), {});
});

test('a registry without a certificate is allowed by its host', () => {
  assert.deepEqual(
    yarnSettings({ npm_config_registry: 'http://127.0.0.1:4873/' }),
    {
      YARN_NPM_REGISTRY_SERVER: 'http://127.0.0.1:4873',
      YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
    },
  );
});
