/* Trains one candidate; its curves and files go to a run of its own below the run of the pipeline. */
import { fromEnvironment } from '@backstage-mlops/mlops-client';
import { createHash } from 'node:crypto';
import { measure, train } from './softmax.ts';
import { features, type Splits } from './penguin.ts';
import { options, readJson, write } from './step.ts';

const given = options('splits', 'out', 'candidate', 'rate', 'l2', 'epochs', 'seed');
const splits = readJson<Splits>(given.splits);
const settings = { seed: Number(given.seed), epochs: Number(given.epochs), rate: Number(given.rate), l2: Number(given.l2) };
const client = await fromEnvironment().startChildRun(given.candidate, { params: settings, tags: { 'mlops.backend': 'typescript' } });
const every = Math.max(1, Math.floor(settings.epochs / 50));

const model = train(splits.train, settings, (epoch, now) => {
  if (epoch % every !== 0 && epoch !== 1) return;
  const seen = measure(now, splits.train);
  const unseen = measure(now, splits.validation);
  client.metric('loss', seen.loss, epoch);
  client.metric('validation_loss', unseen.loss, epoch);
  client.metric('validation_accuracy', unseen.accuracy, epoch);
});
const final = measure(model, splits.validation);
const weights = JSON.stringify(model);
const digest = createHash('sha256').update(weights).digest('hex');
await client.flush();
await client.logMetrics({ training_accuracy: measure(model, splits.train).accuracy });
await client.setTags({ 'mlops.weights': digest });
await client.logArtifact('models/species/model.json', weights);
await client.logArtifact('models/species/signature.json', JSON.stringify({ inputs: features.map(name => ({ name, type: 'double' })), outputs: model.classes.map(name => ({ name, type: 'double' })) }));
await client.endRun();
console.log(`${given.candidate}: validation accuracy ${final.accuracy.toFixed(3)}, loss ${final.loss.toFixed(3)}, weights ${digest.slice(0, 12)}`);
write(`${given.out}/run`, client.runId);
write(`${given.out}/validation-accuracy`, String(final.accuracy - final.loss / 1000));
