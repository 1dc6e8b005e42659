/* Two versions of one Backstage package give two of what there must be one of: contexts, refs, registries. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../..',
);

it('installs one version of each package of Backstage', () => {
  const versions = new Map<string, string[]>();
  const lock = fs.readFileSync(path.join(root, 'yarn.lock'), 'utf8');
  for (const [, name, version] of lock.matchAll(
    /^ {2}resolution: "(@backstage\/[^@"]+)@npm:([^"]+)"$/gm,
  ))
    versions.set(name, [...(versions.get(name) ?? []), version]);
  assert.ok(versions.size > 50, `only ${versions.size} packages were found`);
  assert.deepEqual(
    [...versions].filter(([, found]) => found.length > 1),
    [],
  );
});
