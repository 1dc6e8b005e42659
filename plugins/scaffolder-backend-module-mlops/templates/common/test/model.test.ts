import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate, wilson } from '../src/evaluate.ts';
import { readOptions } from '../src/options.ts';
import { readExamples } from '../src/readExamples.ts';
import { predict, trainSoftmax } from '../src/softmax.ts';
import { countLabels, splitExamples } from '../src/splitExamples.ts';

const { items, names } = readExamples('data');
const { train, heldOut } = splitExamples(items, 7);

test('the data can be read, and every example has the same numbers', () => {
  assert.ok(items.length >= 20);
  assert.ok(countLabels(items).length >= 2);
  for (const { numbers } of items) {
    assert.equal(numbers.length, names.length);
    assert.ok(numbers.every(Number.isFinite));
  }
});

test('no example is trained on and held out, and the split is the same again', () => {
  const held = new Set(heldOut.map(item => item.id));
  assert.ok(train.length > 0 && heldOut.length > 0);
  assert.ok(train.every(item => !held.has(item.id)));
  assert.deepEqual(splitExamples(items, 7).heldOut, heldOut);
});

test('a model learns what is plain to see, and the same twice', () => {
  const plain = Array.from({ length: 20 }, (_, at) => ({
    id: String(at),
    label: at % 2 === 0 ? 'low' : 'high',
    numbers: [at % 2 === 0 ? at / 100 : 1 + at / 100],
  }));
  const options = { epochs: 50, learningRate: 0.5 };
  const model = trainSoftmax(plain, options);
  assert.equal(predict(model, [0]).label, 'low');
  assert.equal(predict(model, [1.2]).label, 'high');
  assert.deepEqual(trainSoftmax(plain, options), model);
  assert.throws(
    () => trainSoftmax(plain.slice(0, 1), options),
    /nothing to tell apart/,
  );
});

test('the model of the data is no worse than the most frequent answer', () => {
  const model = trainSoftmax(train, { epochs: 100, learningRate: 0.3 });
  const report = evaluate(model, heldOut, countLabels(train)[0].value);
  assert.equal(report.examples, heldOut.length);
  assert.ok(report.metrics[0].value >= report.baseline.value);
});

test('few examples leave a wide interval', () => {
  assert.ok(wilson(9, 10).lower < wilson(90, 100).lower);
  assert.deepEqual(wilson(0, 0), { lower: 0, upper: 1 });
});

test('options that are unknown or missing are refused', () => {
  assert.deepEqual(readOptions(['a'], ['--a=1=2']), { a: '1=2' });
  assert.throws(() => readOptions(['a'], ['--b=1']), /no option/);
  assert.throws(() => readOptions(['a'], []), /--a is missing/);
});
