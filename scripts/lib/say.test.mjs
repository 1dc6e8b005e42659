import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remedyFor } from './say.mjs';

test('a full disk, a missing network and a read-only folder each get the way out', () => {
  assert.match(
    remedyFor('Error: ENOSPC: no space left on device, write', 'x'),
    /disk is full/,
  );
  assert.match(
    remedyFor('npm error code ENOTFOUND', 'x'),
    /registry cannot be reached/,
  );
  assert.match(
    remedyFor("EACCES: permission denied, mkdir '.portal'", 'x'),
    /cannot be written/,
  );
});

test('an unknown fault keeps the sentence of its place', () => {
  assert.equal(
    remedyFor('something odd', 'The pages cannot be built.'),
    'The pages cannot be built.',
  );
});
