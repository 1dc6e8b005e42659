/* Learns from the training examples. Its curve goes to the tracking run. */
import { fromEnvironment } from '@backstage-mlops/mlops-client';
import { readFileSync } from 'node:fs';
import type { Examples } from '../Example.ts';
import { readOptions, toNumber, writeText } from '../options.ts';
import { trainSoftmax } from '../softmax.ts';
import { splitExamples } from '../splitExamples.ts';

const given = readOptions([
  'examples',
  'model',
  'epochs',
  'learning-rate',
  'seed',
  'out',
]);
const { items, names } = JSON.parse(
  readFileSync(given.examples, 'utf8'),
) as Examples;
const settings = {
  epochs: toNumber(given.epochs, 'epochs'),
  learningRate: toNumber(given['learning-rate'], 'learning-rate'),
  seed: toNumber(given.seed, 'seed'),
};
const { train } = splitExamples(items, settings.seed);
const tracking = fromEnvironment();
const stride = Math.max(1, Math.ceil(settings.epochs / 50));
const model = trainSoftmax(train, {
  ...settings,
  onEpoch(epoch, loss) {
    if (epoch !== 1 && epoch !== settings.epochs && epoch % stride !== 0)
      return;
    tracking.metric('loss', loss, epoch);
    console.log(`epoch ${epoch}: loss ${loss.toFixed(4)}`);
  },
});
await tracking.logParams(settings);
await tracking.setTags({ 'mlops.backend': 'typescript' });
await tracking.logArtifact(
  `models/${given.model}/model.json`,
  JSON.stringify(model),
);
await tracking.logArtifact(
  `models/${given.model}/signature.json`,
  JSON.stringify({
    inputs: names.map(name => ({ name, type: 'double' })),
    outputs: model.classes.map(name => ({ name, type: 'double' })),
  }),
);
await tracking.flush();
writeText(given.out, JSON.stringify(model));
