/* Chooses the candidate by its validation rows, then asks the test rows once, and registers it when it beats the baseline. */
import { fromEnvironment } from '@backstage-mlops/mlops-client';
import { readJson, options, write } from './step.ts';
import { measure, predict, type Model } from './softmax.ts';
import { countBy, type Penguin, type Splits } from './penguin.ts';
import { wilson } from './wilson.ts';

const given = options('splits', 'features', 'out', 'candidates', 'baseline');
const splits = readJson<Splits>(given.splits);
const baseline = Number(given.baseline);
const candidates = (JSON.parse(given.candidates) as { run: string; accuracy: string }[]).sort((a, b) => Number(b.accuracy) - Number(a.accuracy));
const best = fromEnvironment().atRun(candidates[0].run);
const model = JSON.parse(new TextDecoder().decode(await best.readArtifact('models/species/model.json'))) as Model;

const answers = splits.test.map(row => {
  const shares = predict(model, row);
  const confidence = Math.max(...shares);
  return { row, prediction: model.classes[shares.indexOf(confidence)], confidence };
});
const isRight = ({ row, prediction }: (typeof answers)[number]) => row.species === prediction;
const right = answers.filter(isRight).length;
const accuracy = right / answers.length;
const { loss } = measure(model, splits.test);
const training = measure(model, splits.train);
const perClass = model.classes.map(label => {
  const truth = answers.filter(({ row }) => row.species === label);
  const named = answers.filter(({ prediction }) => prediction === label);
  const hits = truth.filter(isRight).length;
  const [recall, precision] = [hits / (truth.length || 1), hits / (named.length || 1)];
  return { label, hits, truth: truth.length, named: named.length, recall, precision, f1: (2 * recall * precision) / (recall + precision || 1) };
});
const macro = (key: 'recall' | 'precision' | 'f1') => perClass.reduce((sum, item) => sum + item[key], 0) / perClass.length;
const slices = (['island', 'sex'] as const).flatMap(feature =>
  countBy(answers, ({ row }) => row[feature]).map(({ value, count }) => {
    const hits = answers.filter(answer => answer.row[feature] === value && isRight(answer)).length;
    return { feature, value, examples: count, metric: 'accuracy', metricValue: hits / count, interval: wilson(hits, count) };
  }),
);
const gap = training.accuracy - accuracy;
const verdict = accuracy <= baseline ? 'underfit' : gap > 0.1 ? 'overfit' : 'good-fit';
const report = {
  examples: answers.length,
  metrics: [
    { name: 'accuracy', value: accuracy, interval: wilson(right, answers.length) },
    { name: 'loss', value: loss },
    { name: 'precision', value: macro('precision') },
    { name: 'recall', value: macro('recall') },
    { name: 'f1', value: macro('f1') },
    ...perClass.map(item => ({ name: `recall ${item.label}`, value: item.recall, interval: wilson(item.hits, item.truth) })),
  ],
  confusionMatrix: { labels: model.classes, counts: model.classes.map(truth => model.classes.map(guess => answers.filter(({ row, prediction }) => row.species === truth && prediction === guess).length)) },
  slices,
  baseline: { rule: "the species most common on the penguin's island", metric: 'accuracy', value: baseline },
  verdict: {
    name: verdict,
    rule: 'underfit: not better than the baseline; overfit: training accuracy more than 0.1 above test accuracy',
    message: `Training ${training.accuracy.toFixed(3)}, test ${accuracy.toFixed(3)}, baseline ${baseline.toFixed(3)}.`,
  },
  features: readJson<{ name: string; importance: number }[]>(given.features),
  mistakes: answers.filter(answer => !isRight(answer)).slice(0, 12).map(({ row, prediction, confidence }) => ({ truth: row.species, prediction, confidence, note: describe(row) })),
};
function describe(row: Penguin) {
  return `${row.island}, beak ${row.beak_length_mm} x ${row.beak_depth_mm} mm, flipper ${row.flipper_length_mm} mm, ${row.body_mass_g} g`;
}
await best.logMetrics({ accuracy, test_loss: loss, precision: macro('precision'), recall: macro('recall'), f1: macro('f1') });
await best.logArtifact('models/species/evaluation.json', JSON.stringify(report));
await fromEnvironment().logMetrics({ accuracy, loss });
write(given.out, report);
write('/tmp/accuracy', String(accuracy));
console.log(`Test accuracy ${accuracy.toFixed(3)} on ${answers.length} rows; the baseline has ${baseline.toFixed(3)}.`);
if (verdict === 'underfit') throw new Error(`the model (${accuracy.toFixed(3)}) does not beat the baseline (${baseline.toFixed(3)}), so it is not registered`);
const version = await best.registerModel({ model: 'species', artifactPath: 'models/species' });
write('/tmp/version', version.version);
console.log(`Registered ${version.name} version ${version.version}.`);
