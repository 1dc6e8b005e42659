/* Chooses the candidate by validation rows, then asks the held-out rows once. */
import { fromEnvironment } from '@backstage-mlops/mlops-client';
import { readDefinition } from '../data/definition.ts';
import { readJson, readRows, writeJson, writeText } from '../data/files.ts';
import { evaluate, predictionsOf } from '../evaluation/evaluate.ts';
import { judgeFit } from '../evaluation/verdict.ts';
import type { RankedFeature } from '../features/rankFeatures.ts';
import { chooseCandidate, parseCandidates } from '../models/chooseCandidate.ts';
import { measure, predictRows, type SoftmaxModel } from '../models/softmax.ts';
import { readOptions } from '../options.ts';

const given = readOptions({
  dataset: undefined,
  label: undefined,
  model: undefined,
  splits: undefined,
  features: undefined,
  baseline: undefined,
  candidates: undefined,
  out: undefined,
});
const candidates = parseCandidates(given.candidates);
const best = chooseCandidate(candidates);
for (const { name, validationAccuracy, validationLoss } of candidates)
  console.log(
    `${
      name === best.name ? '*' : ' '
    } ${name}: validation accuracy ${validationAccuracy.toFixed(
      3,
    )}, loss ${validationLoss.toFixed(4)}`,
  );

const tracking = fromEnvironment();
const run = tracking.atRun(best.run);
const model = JSON.parse(
  new TextDecoder().decode(
    await run.readArtifact(`models/${given.model}/model.json`),
  ),
) as SoftmaxModel;
const { columns } = readDefinition(given.dataset);
const heldOut = predictRows(
  model,
  readRows(`${given.splits}/test.csv`, columns),
);
const training = measure(
  predictRows(model, readRows(`${given.splits}/train.csv`, columns)),
);
const baseline = readJson<{ rule: string; accuracy: number }>(given.baseline);
const { accuracy, loss } = measure(heldOut);
const verdict = judgeFit({
  training: training.accuracy,
  heldOut: accuracy,
  baseline: baseline.accuracy,
});
const sliceBy = columns.filter(
  column => column.type === 'category' && column.name !== given.label,
);
const report = evaluate({
  classes: model.classes,
  heldOut,
  sliceBy,
  baseline,
  verdict,
  features: readJson<RankedFeature[]>(given.features),
});

// Two versions that were asked the same penguins can be held against each other by it.
await run.logArtifact(
  `models/${given.model}/predictions.json`,
  JSON.stringify(predictionsOf(heldOut)),
);
const averages = report.metrics.filter(({ name }) =>
  ['precision', 'recall', 'f1'].includes(name),
);
const metrics = {
  accuracy,
  test_loss: loss,
  baseline_accuracy: baseline.accuracy,
  ...Object.fromEntries(averages.map(({ name, value }) => [name, value])),
};
await run.logMetrics(metrics);
await run.logArtifact(
  `models/${given.model}/evaluation.json`,
  JSON.stringify(report),
);
await tracking.logMetrics(metrics);
const used = readJson<{
  name: string;
  digest: string;
  rows: number;
  setAsideRows: number;
}>(`${given.splits}/dataset.json`);
await tracking.logInput({
  name: used.name,
  digest: used.digest,
  profile: { num_rows: used.rows, set_aside: used.setAsideRows },
});
await tracking.setTags({ 'mlops.candidate': best.name });
console.log(`${verdict.name}: ${verdict.message}`);
writeJson(`${given.out}/evaluation.json`, report);
writeText(`${given.out}/run`, best.run);
writeText(`${given.out}/accuracy`, String(accuracy));
writeText(`${given.out}/good`, verdict.name === 'underfit' ? 'no' : 'yes');
