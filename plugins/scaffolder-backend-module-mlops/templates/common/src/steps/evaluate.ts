/* Asks the held-out examples once, and says whether the model is worth a version. */
import { fromEnvironment } from '@backstage-mlops/mlops-client';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { evaluate } from '../evaluate.ts';
import type { Examples } from '../Example.ts';
import { readOptions, toNumber, writeText } from '../options.ts';
import type { SoftmaxModel } from '../softmax.ts';
import { countLabels, splitExamples } from '../splitExamples.ts';

const given = readOptions([
  'examples',
  'weights',
  'dataset',
  'model',
  'seed',
  'good',
]);
const { items } = JSON.parse(readFileSync(given.examples, 'utf8')) as Examples;
const model = JSON.parse(readFileSync(given.weights, 'utf8')) as SoftmaxModel;
const { train, heldOut } = splitExamples(items, toNumber(given.seed, 'seed'));
const report = evaluate(model, heldOut, countLabels(train)[0].value);
const tracking = fromEnvironment();
await tracking.logMetrics({
  accuracy: report.metrics[0].value,
  baseline_accuracy: report.baseline.value,
});
await tracking.logArtifact(
  `models/${given.model}/evaluation.json`,
  JSON.stringify(report),
);
await tracking.logInput({
  name: given.dataset,
  digest: `sha256:${createHash('sha256')
    .update(JSON.stringify(items))
    .digest('hex')}`,
  profile: { num_rows: items.length },
});
console.log(`${report.verdict.name}: ${report.verdict.message}`);
writeText(given.good, report.verdict.name === 'good-fit' ? 'yes' : 'no');
