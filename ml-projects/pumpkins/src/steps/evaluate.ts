/* Chooses the candidate by its validation photos, asks the test photos once, registers it when it beats the rule. */
import { fromEnvironment } from '@backstage-mlops/mlops-client';
import { loadModel, loadTensorflow } from '@backstage-mlops/tfjs-runtime';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { countBy, options, readJson, write } from '../files.ts';
import { answerOf, predict, score } from '../network.ts';
import { labels } from '../photo.ts';
import { readPart } from '../prepared.ts';
import { wilson } from '../wilson.ts';

const given = options('prepared', 'photos', 'features', 'candidates', 'out');
const { features, baseline } = readJson<{
  features: object[];
  baseline: { rule: string; metric: string; value: number };
}>(given.features);
const candidates = (
  JSON.parse(given.candidates) as { run: string; validation: string }[]
).sort((a, b) => Number(b.validation) - Number(a.validation));
const best = fromEnvironment().atRun(candidates[0].run);
for (const name of ['model.json', 'weights.bin'])
  write(
    `${given.out}/model/${name}`,
    await best.readArtifact(`models/quality/${name}`),
  );
const { tf } = await loadTensorflow();
const model = await loadModel(tf, `${given.out}/model`);
const [train, test] = [
  readPart(given.prepared, 'train'),
  readPart(given.prepared, 'test'),
];
const shares = predict(tf, model, test);
const answers = test.photos.map((photo, i) => ({
  photo,
  prediction: answerOf(shares[i]),
  confidence: Math.max(...shares[i]),
}));
const { loss, accuracy } = score(shares, test.labels);
const training = score(predict(tf, model, train), train.labels).accuracy;
const isRight = (answer: (typeof answers)[number]) =>
  answer.photo.label === answer.prediction;
const cell = (truth: string, guess: string) =>
  answers.filter(
    ({ photo, prediction }) => photo.label === truth && prediction === guess,
  ).length;
const perLabel = labels.map(label => {
  const [hits, truth, named] = [
    cell(label, label),
    answers.filter(({ photo }) => photo.label === label).length,
    answers.filter(({ prediction }) => prediction === label).length,
  ];
  const [recall, precision] = [hits / (truth || 1), hits / (named || 1)];
  return {
    label,
    hits,
    truth,
    named,
    recall,
    precision,
    f1: (2 * recall * precision) / (recall + precision || 1),
  };
});
const bad = perLabel.find(({ label }) => label === 'bad')!;
const slices = (['light', 'size', 'source'] as const).flatMap(feature =>
  countBy(answers, ({ photo }) => photo[feature]).map(({ value, count }) => {
    const hits = answers.filter(
      answer => answer.photo[feature] === value && isRight(answer),
    ).length;
    return {
      feature,
      value,
      examples: count,
      metric: 'accuracy',
      metricValue: hits / count,
      interval: wilson(hits, count),
    };
  }),
);
const verdict =
  training < 0.8 || accuracy <= baseline.value
    ? 'underfit'
    : training - accuracy > 0.08
    ? 'overfit'
    : 'good-fit';
const wrong = answers.filter(answer => !isRight(answer)).slice(0, 12);
for (const { photo } of wrong)
  await best.logArtifact(
    `models/quality/mistakes/${photo.file.split('/').pop()}`,
    readFileSync(`${given.photos}/${photo.file}`),
  );
const report = {
  examples: answers.length,
  metrics: [
    {
      name: 'accuracy',
      value: accuracy,
      interval: wilson(answers.filter(isRight).length, answers.length),
    },
    { name: 'loss', value: loss },
    ...perLabel.flatMap(
      ({ label, precision, recall, f1, hits, truth, named }) => [
        {
          name: `precision ${label}`,
          value: precision,
          interval: wilson(hits, named),
        },
        {
          name: `recall ${label}`,
          value: recall,
          interval: wilson(hits, truth),
        },
        { name: `F1 ${label}`, value: f1 },
      ],
    ),
  ],
  confusionMatrix: {
    labels,
    counts: labels.map(truth => labels.map(guess => cell(truth, guess))),
  },
  slices,
  baseline,
  verdict: {
    name: verdict,
    rule: 'underfit: training accuracy below 0.8 or not better than the baseline; overfit: training accuracy more than 0.08 above test accuracy',
    message: `Training ${training.toFixed(3)}, test ${accuracy.toFixed(
      3,
    )}, baseline ${baseline.value.toFixed(3)}.`,
  },
  features,
  mistakes: wrong.map(({ photo, prediction, confidence }) => ({
    path: `mistakes/${photo.file.split('/').pop()}`,
    truth: photo.label,
    prediction,
    confidence,
    note: `${photo.light} light, ${photo.source}`,
  })),
};
await best.logMetrics({
  accuracy,
  test_loss: loss,
  precision_bad: bad.precision,
  recall_bad: bad.recall,
  f1_bad: bad.f1,
});
await best.logArtifact(
  'models/quality/evaluation.json',
  JSON.stringify(report),
);
// Two versions that were asked the same photos can be held against each other by it.
await best.logArtifact(
  'models/quality/predictions.json',
  JSON.stringify(
    answers.map(answer => ({
      id: createHash('sha256')
        .update(readFileSync(`${given.photos}/${answer.photo.file}`))
        .digest('hex')
        .slice(0, 16),
      truth: answer.photo.label,
      prediction: answer.prediction,
      confidence: answer.confidence,
      note: `${answer.photo.light} light, ${answer.photo.source}`,
      ...(wrong.includes(answer)
        ? { path: `mistakes/${answer.photo.file.split('/').pop()}` }
        : {}),
    })),
  ),
);
const whole = fromEnvironment();
await whole.logMetrics({
  accuracy,
  loss,
  baseline_accuracy: baseline.value,
});
const used = readJson<{ name: string; digest: string; rows: number }>(
  `${given.prepared}/dataset.json`,
);
await whole.logInput({
  name: used.name,
  digest: used.digest,
  profile: { num_rows: used.rows },
});
await whole.logParams({ photos: used.rows });
write(`${given.out}/evaluation.json`, report);
write(`${given.out}/accuracy`, String(accuracy));
console.log(
  `Test accuracy ${accuracy.toFixed(3)} on ${
    answers.length
  } photos; the rule has ${baseline.value.toFixed(3)}. Verdict: ${verdict}.`,
);
if (accuracy <= baseline.value)
  throw new Error(
    `the model (${accuracy.toFixed(
      3,
    )}) does not beat the rule (${baseline.value.toFixed(
      3,
    )}), so it is not registered`,
  );
const version = await best.registerModel({
  model: 'quality',
  artifactPath: 'models/quality',
});
write(`${given.out}/version`, version.version);
console.log(`Registered ${version.name} version ${version.version}.`);
