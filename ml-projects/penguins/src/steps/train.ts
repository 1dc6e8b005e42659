/* Trains one candidate. Its curves and files go to a tracking run of its own below the run of the pipeline. */
import { fromEnvironment } from '@backstage-mlops/mlops-client';
import { createHash } from 'node:crypto';
import { featureColumns, readDefinition } from '../data/definition.ts';
import { readJson, readRows, writeText } from '../data/files.ts';
import type { RankedFeature } from '../features/rankFeatures.ts';
import type { Candidate } from '../models/chooseCandidate.ts';
import {
  measure,
  predictRows,
  trainSoftmax,
  type SoftmaxModel,
} from '../models/softmax.ts';
import { readOptions, toNumber } from '../options.ts';

const given = readOptions({
  dataset: undefined,
  label: undefined,
  model: undefined,
  splits: undefined,
  features: undefined,
  name: undefined,
  'learning-rate': undefined,
  l2: undefined,
  epochs: '60',
  seed: '7',
  'minimum-importance': '0.05',
  out: undefined,
});
const { columns } = readDefinition(given.dataset);
const rows = {
  train: readRows(`${given.splits}/train.csv`, columns),
  validation: readRows(`${given.splits}/validation.csv`, columns),
};
const numbers = {
  seed: toNumber(given.seed, 'seed'),
  epochs: toNumber(given.epochs, 'epochs'),
  learningRate: toNumber(given['learning-rate'], 'learning-rate'),
  l2: toNumber(given.l2, 'l2'),
};
const settings = { ...numbers, label: given.label, features: chosenFeatures() };
console.log(
  `${given.name} learns from ${settings.features
    .map(({ name }) => name)
    .join(', ')}`,
);

const tracking = fromEnvironment();
const names = settings.features.map(({ name }) => name).join(',');
const run = await tracking.startChildRun(given.name, {
  params: { candidate: given.name, ...numbers, features: names },
  tags: { 'mlops.backend': 'typescript' },
});
const stride = Math.max(1, Math.ceil(settings.epochs / 100));
const model = trainSoftmax(rows.train, settings, report);
const validation = measure(predictRows(model, rows.validation));
await saveModel(model);
await run.endRun();
const candidate: Candidate = {
  name: given.name,
  run: run.runId,
  validationAccuracy: validation.accuracy,
  validationLoss: validation.loss,
};
console.log(
  `validation accuracy ${validation.accuracy.toFixed(
    3,
  )}, loss ${validation.loss.toFixed(4)}`,
);
writeText(given.out, JSON.stringify(candidate));

function chosenFeatures() {
  const minimum = toNumber(given['minimum-importance'], 'minimum-importance');
  const ranked = readJson<RankedFeature[]>(given.features);
  const chosen = new Set(
    ranked
      .filter(({ importance }) => importance >= minimum)
      .map(({ name }) => name),
  );
  const found = featureColumns(columns, given.label).filter(({ name }) =>
    chosen.has(name),
  );
  if (found.length === 0)
    throw new Error(
      `No feature has an importance of ${minimum} or more; the best is ${ranked[0]?.name} with ${ranked[0]?.importance}`,
    );
  return found;
}

function report(epoch: number, now: SoftmaxModel): void {
  if (epoch !== 1 && epoch !== settings.epochs && epoch % stride !== 0) return;
  const seen = measure(predictRows(now, rows.train));
  const unseen = measure(predictRows(now, rows.validation));
  const metrics = {
    loss: seen.loss,
    training_accuracy: seen.accuracy,
    validation_loss: unseen.loss,
    validation_accuracy: unseen.accuracy,
  };
  for (const [name, value] of Object.entries(metrics))
    run.metric(name, value, epoch);
  if (epoch % (stride * 10) === 0)
    console.log(
      `epoch ${epoch}: loss ${seen.loss.toFixed(
        4,
      )}, validation loss ${unseen.loss.toFixed(
        4,
      )}, accuracy ${unseen.accuracy.toFixed(3)}`,
    );
}

async function saveModel(trained: SoftmaxModel): Promise<void> {
  const text = `${JSON.stringify(trained)}\n`;
  const digest = createHash('sha256').update(text).digest('hex');
  const inputs = settings.features.map(({ name, type }) => ({
    name,
    type: type === 'number' || type === 'integer' ? 'double' : 'string',
  }));
  const outputs = trained.classes.map(name => ({ name, type: 'double' }));
  await run.setTags({ 'mlops.weights': `sha256:${digest}` });
  await run.logArtifact(`models/${given.model}/model.json`, text);
  await run.logArtifact(
    `models/${given.model}/signature.json`,
    JSON.stringify({ inputs, outputs }),
  );
  console.log(`weights sha256:${digest}`);
}
