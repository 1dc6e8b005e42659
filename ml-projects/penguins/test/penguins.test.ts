import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkRows, parseCsv } from '../src/checkRows.ts';
import { random, shuffled } from '../src/penguin.ts';
import { measure, train } from '../src/softmax.ts';
import { splitRows } from '../src/splitRows.ts';
import { wilson } from '../src/wilson.ts';

const rows = parseCsv(readFileSync(new URL('../data/penguins.csv', import.meta.url), 'utf8'));
const { good, setAside } = checkRows(rows);
const settings = { seed: 7, epochs: 60, rate: 0.05, l2: 0.001 };
const nothing = () => {};

test('all 344 rows are accounted for; two without measurements are set aside', () => {
  assert.equal(good.length + setAside.length, 344);
  assert.deepEqual(setAside.map(({ reason }) => reason), ['beak_length_mm is missing.', 'beak_length_mm is missing.']);
});

test('each check sets aside what it should', () => {
  const row = { ...rows[0] };
  const reasons = checkRows([row, row, { ...row, body_mass_g: '40' }, { ...row, species: '' }]).setAside.map(({ reason }) => reason);
  assert.deepEqual(reasons, ['The same row is there already.', 'body_mass_g is 40, outside 2000 to 7000.', 'The species is missing.']);
});

test('no row is in two splits, and none is lost', () => {
  const splits = splitRows(good, 7);
  const parts = [...splits.train, ...splits.validation, ...splits.test];
  assert.equal(parts.length, good.length);
  assert.equal(new Set(parts).size, good.length);
});

test('the same seed gives the same weights, another seed others', () => {
  const digest = (seed: number) => createHash('sha256').update(JSON.stringify(train(splitRows(good, seed).train, { ...settings, seed }, nothing))).digest('hex');
  assert.equal(digest(7), digest(7));
  assert.notEqual(digest(7), digest(8));
});

test('it learns, and shuffled species teach nothing', () => {
  const splits = splitRows(good, 7);
  assert.ok(measure(train(splits.train, settings, nothing), splits.test).accuracy > 0.95);
  // One shuffle may be lucky; the mean of ten is not. The commonest species alone has 0.44.
  const lucky = Array.from({ length: 10 }, (_, i) => {
    const names = shuffled(splits.train.map(row => row.species), random(i + 1));
    const nonsense = splits.train.map((row, at) => ({ ...row, species: names[at] }));
    return measure(train(nonsense, settings, nothing), splits.test).accuracy;
  });
  assert.ok(lucky.reduce((sum, value) => sum + value, 0) / lucky.length < 0.55, `shuffled: ${lucky}`);
});

test('Wilson intervals match the textbook', () => {
  const { lower, upper } = wilson(8, 10);
  assert.ok(Math.abs(lower - 0.4902) < 1e-3 && Math.abs(upper - 0.9433) < 1e-3);
});
