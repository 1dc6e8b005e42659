/* Trains one candidate. Its curves and files go to a run of its own below the run of the pipeline. */
import { fromEnvironment } from '@backstage-mlops/mlops-client';
import { loadTensorflow, saveModel } from '@backstage-mlops/tfjs-runtime';
import { options, write } from '../files.ts';
import { build, predict, score, train } from '../network.ts';
import { labels, side } from '../photo.ts';
import { readPart } from '../prepared.ts';

const given = options(
  'prepared',
  'candidate',
  'rate',
  'filters',
  'epochs',
  'seed',
  'out',
);
const settings = {
  seed: Number(given.seed),
  epochs: Number(given.epochs),
  rate: Number(given.rate),
  filters: Number(given.filters),
};
const { tf, backend, version } = await loadTensorflow();
console.log(`TensorFlow.js ${version} on ${backend}`);
const [seen, unseen] = [
  readPart(given.prepared, 'train'),
  readPart(given.prepared, 'validation'),
];
const client = await fromEnvironment().startChildRun(given.candidate, {
  params: settings,
  tags: { 'mlops.backend': backend },
});
const model = build(tf, settings);
const begun = Date.now();
const pending: Promise<void>[] = [];
await train(tf, model, seen, settings, (epoch, loss) => {
  const { loss: validation_loss, accuracy: validation_accuracy } = score(
    predict(tf, model, unseen),
    unseen.labels,
  );
  console.log(
    `epoch ${epoch}: loss ${loss.toFixed(
      4,
    )}, validation loss ${validation_loss.toFixed(
      4,
    )}, accuracy ${validation_accuracy.toFixed(3)}`,
  );
  pending.push(
    client.logMetrics({ loss, validation_loss, validation_accuracy }, epoch),
  );
});
await Promise.all(pending);
const seconds = (Date.now() - begun) / 1000;
const final = score(predict(tf, model, unseen), unseen.labels);
const training = score(predict(tf, model, seen), seen.labels);
await client.logMetrics({
  training_accuracy: training.accuracy,
  images_per_second: (seen.labels.length * settings.epochs) / seconds,
});
const digest = await saveModel(tf, model, `${given.out}/model`);
await client.setTags({ 'mlops.weights': digest });
await client.logFolder(`${given.out}/model`, 'models/quality');
await client.logArtifact(
  'models/quality/signature.json',
  JSON.stringify({
    inputs: [{ name: 'photo', type: 'tensor', shape: [-1, side, side, 3] }],
    outputs: labels.map(name => ({ name, type: 'double' })),
  }),
);
await client.endRun();
console.log(
  `${given.candidate}: validation accuracy ${final.accuracy.toFixed(
    3,
  )} in ${seconds.toFixed(1)} s, weights ${digest.slice(0, 12)}`,
);
write(`${given.out}/run`, client.runId);
write(`${given.out}/validation`, String(final.accuracy - final.loss / 1000));
