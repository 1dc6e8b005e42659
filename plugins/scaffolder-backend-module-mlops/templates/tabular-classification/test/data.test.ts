import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { readExamples } from '../src/readExamples.ts';

test('rows that cannot be used are set aside, each with its reason', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'rows-'));
  try {
    writeFileSync(
      path.join(folder, 'examples.csv'),
      'label,a\nx,1\nx,1\ny,\n,2\nz,1,2\ny,3\n',
    );
    const { items, setAside, names } = readExamples(folder);
    assert.deepEqual(names, ['a']);
    assert.deepEqual(
      items.map(item => [item.label, item.numbers]),
      [
        ['x', [1]],
        ['y', [3]],
      ],
    );
    assert.deepEqual(setAside, [
      { id: 'row 3', reason: 'stands there twice' },
      { id: 'row 4', reason: 'has a cell that is no number' },
      { id: 'row 5', reason: 'has no label' },
      { id: 'row 6', reason: 'has 3 cells' },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
