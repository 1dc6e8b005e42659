import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summaryOf } from './summaryOf.mjs';

test('the last line says what passed and failed, and nothing else', () => {
  for (const skipped of [0, 3]) {
    const lines = summaryOf({ passed: 12, failed: 1, skipped }).split('\n');
    assert.equal(lines.at(-1), '12 passed, 1 failed');
    assert.equal(
      lines.some(line => line.startsWith('3 left out')),
      skipped > 0,
    );
  }
});
