import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { featureColumns, type Row } from '../src/data/definition.ts';
import { splitRows } from '../src/data/splitRows.ts';
import { verifyRows } from '../src/data/verifyRows.ts';
import { evaluate } from '../src/evaluation/evaluate.ts';
import { judgeFit } from '../src/evaluation/verdict.ts';
import { wilson } from '../src/evaluation/wilson.ts';
import { encodeRow, learnEncoding } from '../src/features/Encoding.ts';
import { rankFeatures } from '../src/features/rankFeatures.ts';
import { applyBaseline, learnBaseline } from '../src/models/baseline.ts';
import {
  chooseCandidate,
  parseCandidates,
} from '../src/models/chooseCandidate.ts';
import { measure, predictRows, trainSoftmax } from '../src/models/softmax.ts';
import { shuffle } from '../src/random.ts';
import { columns, definition, label, rows } from './facts.ts';

const { accepted } = verifyRows(rows, columns, definition.checks);
const { train, test: heldOut } = splitRows(accepted, {
  label,
  shares: definition.splits,
  seed: 7,
});
const features = featureColumns(columns, label, 'island,sex');
const settings = {
  label,
  features,
  seed: 7,
  epochs: 40,
  learningRate: 0.05,
  l2: 0.001,
};
const accuracyOf = (learned: Row[]) =>
  measure(predictRows(trainSoftmax(learned, settings), heldOut)).accuracy;

test('it names nineteen of twenty penguins that it never saw, and the baseline does not', () => {
  const rule = learnBaseline(train, featureColumns(columns, label), label);
  const simple =
    heldOut.filter(row => applyBaseline(rule, row) === row[label]).length /
    heldOut.length;
  assert.ok(accuracyOf(train) >= 0.95);
  assert.ok(simple > 0.6 && simple < 0.9, `baseline ${simple}`);
});

test('shuffled labels teach nothing', () => {
  // One shuffle may be lucky; the mean of ten is not. The commonest label alone has 0.44.
  const accuracies = Array.from({ length: 10 }, (_, seed) => {
    const labels = shuffle(
      train.map(row => row[label]),
      seed + 1,
    );
    return accuracyOf(
      train.map((row, index) => ({ ...row, [label]: labels[index] })),
    );
  });
  const mean =
    accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
  assert.ok(mean < 0.5, `mean accuracy with shuffled labels: ${mean}`);
});

test('the same seed gives the same weights to the last bit, another seed others', () => {
  const digest = (seed: number) =>
    createHash('sha256')
      .update(
        JSON.stringify(trainSoftmax(train, { ...settings, seed }).weights),
      )
      .digest('hex');
  assert.equal(digest(7), digest(7));
  assert.notEqual(digest(7), digest(8));
});

test('held-out rows have no say in the weights: means and spreads come from training rows', () => {
  const [{ mean }] = learnEncoding(train, [features[0]]) as { mean: number }[];
  const sum = train.reduce(
    (total, row) => total + Number(row[features[0].name]),
    0,
  );
  assert.ok(Math.abs(mean - sum / train.length) < 1e-9);
  assert.deepEqual(
    trainSoftmax(train, settings).features,
    learnEncoding(train, features),
  );
});

test('the gradient is that of the loss (finite differences)', () => {
  const tiny = train.slice(0, 1).concat(train.slice(-1));
  const at = (epochs: number, rate: number) =>
    trainSoftmax(tiny, { ...settings, epochs, learningRate: rate, l2: 0 });
  const [before, after] = [at(1, 0), at(1, 1e-4)];
  const loss = (weights: number[][]) =>
    measure(predictRows({ ...before, weights }, tiny)).loss * tiny.length;
  before.weights.forEach((row, k) =>
    row.forEach((_, i) => {
      const moved = (step: number) =>
        before.weights.map((values, a) =>
          values.map((value, b) => (a === k && b === i ? value + step : value)),
        );
      const slope = (loss(moved(1e-5)) - loss(moved(-1e-5))) / 2e-5;
      const rate = 1e-4 / (1 + 1 / 50);
      assert.ok(
        Math.abs((before.weights[k][i] - after.weights[k][i]) / rate - slope) <
          1e-3,
      );
    }),
  );
});

test('what is missing or was never seen becomes the mean and no category', () => {
  const encoding = learnEncoding(
    [
      { row: 1, size: 2, place: 'here' },
      { row: 2, size: 4, place: 'there' },
    ],
    [
      { name: 'size', type: 'number' },
      { name: 'place', type: 'category' },
    ],
  );
  assert.deepEqual(
    encodeRow({ row: 3, size: 4, place: 'here' }, encoding),
    [1, 1, 0],
  );
  assert.deepEqual(
    encodeRow({ row: 4, place: 'elsewhere' }, encoding),
    [0, 0, 0],
  );
});

test('a feature that is the label tells everything, one that is noise nothing', () => {
  const made = train.map((row, index) => ({
    ...row,
    copy: String(row[label]),
    noise: (index * 7919) % 101,
  }));
  const ranked = rankFeatures(
    made,
    [
      { name: 'noise', type: 'number' },
      { name: 'copy', type: 'category' },
    ],
    label,
  );
  assert.equal(ranked[0].name, 'copy');
  assert.ok(
    ranked[0].importance > 0.95 && ranked[1].importance < 0.05,
    JSON.stringify(ranked),
  );
});

test('the baseline is the best rule over one feature, said in words', () => {
  const made: Row[] = Array.from({ length: 40 }, (_, index) => ({
    row: index,
    a: index % 3,
    b: index,
    kind: index < 20 ? 'low' : 'high',
  }));
  const rule = learnBaseline(
    made,
    [
      { name: 'a', type: 'number' },
      { name: 'b', type: 'number' },
    ],
    'kind',
  );
  assert.equal(rule.feature, 'b');
  assert.match(rule.text, /^b: below 20 means low, above means high$/);
  assert.equal(applyBaseline(rule, { row: 0, b: 3 }), 'low');
});

test('validation rows choose: accuracy, then loss, then the earlier one', () => {
  const candidate = (
    name: string,
    validationAccuracy: number,
    validationLoss: number,
  ) => ({ name, run: name, validationAccuracy, validationLoss });
  const list = [
    candidate('a', 0.9, 0.2),
    candidate('b', 0.9, 0.1),
    candidate('c', 0.8, 0.01),
    candidate('d', 0.9, 0.1),
  ];
  assert.equal(chooseCandidate(list).name, 'b');
  assert.deepEqual(
    parseCandidates(JSON.stringify(list.map(item => JSON.stringify(item)))),
    list,
  );
  assert.throws(() => parseCandidates('[]'), /no candidate/);
});

test('over- and underfit follow their rule', () => {
  assert.equal(
    judgeFit({ training: 0.99, heldOut: 0.95, baseline: 0.75 }).name,
    'good-fit',
  );
  assert.equal(
    judgeFit({ training: 0.99, heldOut: 0.85, baseline: 0.75 }).name,
    'overfit',
  );
  assert.equal(
    judgeFit({ training: 0.99, heldOut: 0.7, baseline: 0.75 }).name,
    'underfit',
  );
  assert.equal(
    judgeFit({ training: 0.8, heldOut: 0.75, baseline: 0.75 }).name,
    'good-fit',
  );
});

test('the report counts each answer once and names what went wrong', () => {
  const answer = (
    truth: string,
    prediction: string,
    side: string,
    row: number,
  ) => ({
    row: { row, side },
    truth,
    prediction,
    confidence: 0.8,
    truthShare: 0.5,
  });
  const answers = [
    answer('a', 'a', 'l', 1),
    answer('a', 'b', 'l', 2),
    answer('b', 'b', 'r', 3),
    answer('b', 'b', 'r', 4),
  ];
  const report = evaluate({
    classes: ['a', 'b'],
    heldOut: answers,
    sliceBy: [{ name: 'side', type: 'category' }],
    baseline: { rule: 'r', accuracy: 0.5 },
    verdict: judgeFit({ training: 1, heldOut: 0.75, baseline: 0.5 }),
    features: [],
  });
  const value = (name: string) =>
    report.metrics.find(metric => metric.name === name)!.value;
  assert.deepEqual(report.confusionMatrix, {
    labels: ['a', 'b'],
    counts: [
      [1, 1],
      [0, 2],
    ],
  });
  assert.deepEqual(
    [
      value('accuracy'),
      value('recall a'),
      value('precision b'),
      value('recall b'),
    ],
    [0.75, 0.5, 2 / 3, 1],
  );
  assert.deepEqual(
    report.slices.map(({ value: name, examples, metricValue }) => [
      name,
      examples,
      metricValue,
    ]),
    [
      ['l', 2, 0.5],
      ['r', 2, 1],
    ],
  );
  assert.deepEqual(
    report.mistakes.map(({ truth, prediction, note }) => [
      truth,
      prediction,
      note,
    ]),
    [['a', 'b', 'row 2: side l']],
  );
});

test("Wilson's intervals are those of the textbook and never leave 0 to 1", () => {
  const { lower, upper } = wilson(8, 10);
  assert.ok(Math.abs(lower - 0.4902) < 1e-3 && Math.abs(upper - 0.9433) < 1e-3);
  assert.deepEqual(wilson(0, 0), { lower: 0, upper: 1 });
  for (let all = 1; all < 40; all++)
    for (let hits = 0; hits <= all; hits++) {
      const interval = wilson(hits, all);
      assert.ok(
        interval.lower >= 0 &&
          interval.upper <= 1 &&
          interval.lower <= hits / all + 1e-12 &&
          interval.upper >= hits / all - 1e-12,
      );
    }
});
