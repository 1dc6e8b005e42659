import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkDataset } from '../src/data/checkDataset.ts';
import { parseCsv, toCsv } from '../src/data/csv.ts';
import type { Check, Column, Definition } from '../src/data/definition.ts';
import { reportDataset } from '../src/data/reportDataset.ts';
import { splitRows } from '../src/data/splitRows.ts';
import { verifyRows } from '../src/data/verifyRows.ts';
import { seededRandom } from '../src/random.ts';
import { columns, definition, label, rows } from './facts.ts';

const { accepted, setAside } = verifyRows(rows, columns, definition.checks);
const small: Column[] = [
  { name: 'kind', type: 'category', values: ['a', 'b'], required: true },
  { name: 'size', type: 'integer', required: true },
  { name: 'note', type: 'category', required: false },
];
const checks: Check[] = [
  { name: 'size', min: 1, max: 9, severity: 'set-aside' },
  { name: 'duplicates' },
];
const reasonOf = (kind: string, size: string, note = '') =>
  verifyRows([{ kind, size, note }], small, checks).setAside[0]?.reason;

test('every row of the source counts or is set aside with a reason', () => {
  assert.equal(accepted.length + setAside.length, 344);
  assert.deepEqual(
    setAside.map(({ row, check }) => [row, check]),
    [
      [4, 'missing-values'],
      [340, 'missing-values'],
    ],
  );
  assert.match(setAside[0].reason, /^beak_length_mm, .* are missing$/);
});

test('each check sets aside what it should, and nothing else', () => {
  assert.equal(reasonOf('a', '1'), undefined);
  assert.equal(reasonOf('a', '9', 'x'), undefined);
  assert.equal(reasonOf('c', '1'), "kind 'c' is not one of a, b");
  assert.equal(reasonOf('', '1'), 'kind is missing');
  assert.equal(reasonOf('a', 'NA'), 'size is missing');
  assert.equal(reasonOf('a', '1.5'), "size '1.5' is not a whole number");
  assert.equal(reasonOf('a', 'big'), "size 'big' is not a number");
  assert.equal(reasonOf('a', '0'), 'size 0 is outside 1 to 9');
  assert.equal(reasonOf('a', '10'), 'size 10 is outside 1 to 9');
});

test('of equal rows the first counts', () => {
  const row = { kind: 'a', size: '3', note: '' };
  const found = verifyRows([row, { ...row, size: '4' }, row], small, checks);
  assert.deepEqual(
    found.accepted.map(each => each.row),
    [1, 2],
  );
  assert.deepEqual(
    found.setAside.map(({ reason }) => reason),
    ['the same as row 1'],
  );
});

test('checks of the whole dataset tell a warning from a failure', () => {
  const verification = verifyRows(
    [...'aaaaaaaaab'].map((kind, index) => ({
      kind,
      size: String(index),
      note: '',
    })),
    small,
    checks,
  );
  const statusOf = (check: Check) => {
    const described: Definition = {
      name: 'd',
      columns: small,
      checks: [check],
      splits: {},
      files: [],
    };
    return checkDataset({
      definition: described,
      label: 'kind',
      verification,
      filesDigest: 'sha256:0',
    }).at(-1)!.status;
  };
  assert.equal(statusOf({ name: 'rows', min: 9, severity: 'fail' }), 'passed');
  assert.equal(statusOf({ name: 'rows', min: 10, severity: 'fail' }), 'failed');
  assert.equal(
    statusOf({ name: 'rows', min: 10, severity: 'warn' }),
    'warning',
  );
  assert.equal(statusOf({ name: 'label-balance', min: 0.12 }), 'warning');
  assert.equal(statusOf({ name: 'label-balance', min: 0.11 }), 'passed');
  assert.equal(statusOf({ name: 'size', max: 8, severity: 'warn' }), 'warning');
  assert.equal(statusOf({ name: 'size', max: 9, severity: 'fail' }), 'passed');
  assert.throws(
    () => statusOf({ name: 'siez' }),
    /Check 'siez' is neither a column nor one of/,
  );
});

test('the manifest names the committed files, and other files are told', () => {
  const manifest = (filesDigest: string) =>
    checkDataset({
      definition,
      label,
      verification: { accepted, setAside },
      filesDigest,
    }).find(({ name }) => name === 'manifest')!;
  assert.equal(manifest(definition.digest!).status, 'passed');
  assert.equal(manifest('sha256:other').status, 'warning');
});

test('the report counts what was accepted and its digest follows the rows alone', () => {
  const reportOf = (found: typeof accepted) =>
    reportDataset({
      name: 'd',
      label,
      columns,
      verification: { accepted: found, setAside },
      checks: [],
    });
  const report = reportOf(accepted);
  assert.equal(
    report.counts[0].values.reduce((sum, { count }) => sum + count, 0),
    342,
  );
  assert.deepEqual(
    report.histograms.map(({ counts }) =>
      counts.reduce((sum, count) => sum + count, 0),
    ),
    [342, 342, 342, 342],
  );
  assert.equal(report.samples.length, 60);
  assert.equal(
    reportOf(accepted.map(row => ({ ...row, row: row.row + 1 }))).digest,
    report.digest,
  );
  assert.notEqual(reportOf(accepted.slice(1)).digest, report.digest);
});

test('no row is in two splits, none is lost, and each label keeps its share', () => {
  const splits = splitRows(accepted, {
    label,
    shares: definition.splits,
    seed: 7,
  });
  const places = Object.values(splits)
    .flat()
    .map(({ row }) => row);
  assert.deepEqual(
    places.sort((a, b) => a - b),
    accepted.map(({ row }) => row),
  );
  for (const part of Object.values(splits))
    for (const value of new Set(accepted.map(row => row[label]))) {
      const share = (found: typeof accepted) =>
        found.filter(row => row[label] === value).length / found.length;
      assert.ok(Math.abs(share(part) - share(accepted)) < 0.02);
    }
});

test('no two splits hold rows that look the same', () => {
  const splits = splitRows(accepted, {
    label,
    shares: definition.splits,
    seed: 7,
  });
  const looks = Object.values(splits).map(
    part =>
      new Set(
        part.map(row =>
          JSON.stringify(columns.map(({ name }) => row[name] ?? null)),
        ),
      ),
  );
  assert.equal(
    new Set(looks.flatMap(set => [...set])).size,
    looks.reduce((sum, { size }) => sum + size, 0),
  );
});

test('the same seed splits alike, another seed does not', () => {
  const train = (seed: number) =>
    splitRows(accepted, { label, shares: definition.splits, seed }).train.map(
      ({ row }) => row,
    );
  assert.deepEqual(train(7), train(7));
  assert.notDeepEqual(train(7), train(8));
});

test('CSV comes back as it was written, whatever the cells hold', () => {
  const random = seededRandom(3);
  const signs = ['a', '"', ',', '\n', '\r\n', ' ', 'é', '1.5', ''];
  const cell = () =>
    Array.from(
      { length: Math.floor(random() * 4) },
      () => signs[Math.floor(random() * signs.length)],
    ).join('');
  for (let round = 0; round < 500; round++) {
    const table = Array.from({ length: 1 + Math.floor(random() * 4) }, () => ({
      x: cell(),
      y: cell(),
    }));
    assert.deepEqual(parseCsv(toCsv(['x', 'y'], table)).rows, table);
  }
});

test('CSV that is broken is refused with the place', () => {
  assert.throws(
    () => parseCsv('a,b\n1,2\n3\n'),
    /Row 2 has 1 cells, the header has 2/,
  );
  assert.throws(() => parseCsv('a,a\n1,2\n'), /Column 'a' occurs twice/);
  assert.throws(
    () => parseCsv('a,b\n"1,2\n'),
    /Line 2 has a quote that does not end/,
  );
});

test('the committed file is the published one: 344 rows of seven columns', () => {
  const table = parseCsv(
    readFileSync(new URL('../data/penguins.csv', import.meta.url), 'utf8'),
  );
  assert.equal(table.rows.length, 344);
  assert.deepEqual(
    table.columns,
    columns.map(({ name }) => name),
  );
});
