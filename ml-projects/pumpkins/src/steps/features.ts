/* Ranks what can be measured, and learns the rule that the model has to beat. */
import { options, write } from '../files.ts';
import { measure, measureNames } from '../measures.ts';
import { pixelsPerPhoto } from '../photo.ts';
import { readPart } from '../prepared.ts';

const given = options('prepared', 'out');
const measured = (part: 'train' | 'test') => {
  const { pixels, labels } = readPart(given.prepared, part);
  return labels.map((label, i) => ({
    label,
    ...measure(pixels.subarray(i * pixelsPerPhoto, (i + 1) * pixelsPerPhoto)),
  }));
};
const [train, test] = [measured('train'), measured('test')];
const mean = (values: number[]) =>
  values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
const spread = (values: number[]) =>
  Math.sqrt(mean(values.map(value => (value - mean(values)) ** 2)));
const ranked = measureNames
  .map(name => {
    const of = (label: string) =>
      train.filter(row => row.label === label).map(row => row[name]);
    return {
      name,
      effect:
        Math.abs(mean(of('good')) - mean(of('bad'))) /
        (spread(train.map(row => row[name])) || 1),
    };
  })
  .sort((a, b) => b.effect - a.effect);
const total = ranked.reduce((sum, { effect }) => sum + effect, 0);
const features = ranked.map(({ name, effect }) => ({
  name,
  importance: Number((effect / total).toFixed(4)),
}));
const right = (rows: typeof train, limit: number) =>
  rows.filter(row => (row.rot_share > limit ? 'bad' : 'good') === row.label)
    .length / rows.length;
const limits = Array.from({ length: 50 }, (_, i) => i / 50);
const limit = limits.reduce(
  (best, next) => (right(train, next) > right(train, best) ? next : best),
  0,
);
const baseline = {
  rule: `bad when more than ${(limit * 100).toFixed(
    0,
  )} % of the pumpkin is dark`,
  metric: 'accuracy',
  value: right(test, limit),
};
for (const { name, importance } of features)
  console.log(`${name}: ${importance}`);
console.log(
  `Rule: ${baseline.rule}; right for ${(baseline.value * 100).toFixed(
    1,
  )} % of ${test.length} test photos.`,
);
write(given.out, { features, baseline });
