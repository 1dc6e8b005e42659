import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsOf } from '../src/readExamples.ts';

const picture = (points: number[]) =>
  `P2\n# grey\n8 8\n9\n${points.join(' ')}\n`;

test('a picture becomes the brightness of its fields', () => {
  const numbers = fieldsOf(
    picture(Array.from({ length: 64 }, (_, at) => at % 10)),
  );
  assert.equal(numbers.length, 64);
  assert.deepEqual(numbers.slice(0, 3), [0, 1 / 9, 2 / 9]);
});

test('what is no picture is refused', () => {
  assert.throws(() => fieldsOf('P5\n8 8\n9\n'), /plain grey/);
  assert.throws(() => fieldsOf(picture([1, 2])), /damaged/);
});
