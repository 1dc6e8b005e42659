/* The steps as the pipeline runs them: one process each, files between them, with the options that stand in pipelines/train.yaml. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

const project = path.resolve(import.meta.dirname, '..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'steps-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const at = (...parts: string[]) => path.join(folder, ...parts);
const read = (file: string) => JSON.parse(readFileSync(at(file), 'utf8'));
const seed = '7';

/** Runs a step; without the portal's variables the client writes below the working directory. */
function step(name: string, options: Record<string, string>): string {
  return execFileSync(
    process.execPath,
    [
      '--no-warnings',
      path.join(project, 'src/steps', `${name}.ts`),
      ...Object.entries(options).flatMap(([key, value]) => [`--${key}`, value]),
    ],
    {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        MLOPS_PROJECT: 'pumpkins',
        TF_CPP_MIN_LOG_LEVEL: '2',
      },
    },
  );
}

const train = (out: string) =>
  step('train', {
    prepared: at('prepared'),
    candidate: out,
    rate: '0.004',
    filters: '6',
    epochs: '8',
    seed,
    out: at(out),
  });

let log = '';
before(() => {
  step('collect', { count: '260', seed, out: at('photos') });
  step('verify', { photos: at('photos'), out: at('accepted.json') });
  step('prepare', {
    photos: at('photos'),
    accepted: at('accepted.json'),
    seed,
    out: at('prepared'),
    pairs: at('pairs'),
  });
  step('features', { prepared: at('prepared'), out: at('features.json') });
  log = train('first');
});

test('the whole pipeline ends with a registered model that beats the rule', () => {
  const candidates = [
    {
      run: readFileSync(at('first/run'), 'utf8'),
      validation: readFileSync(at('first/validation'), 'utf8'),
    },
  ];
  const end = step('evaluate', {
    prepared: at('prepared'),
    photos: at('photos'),
    features: at('features.json'),
    candidates: JSON.stringify(candidates),
    out: at('evaluated'),
  });
  assert.match(end, /^Registered pumpkins\.quality version/m);
  const report = read('evaluated/evaluation.json');
  const test = read('prepared/photos.json').filter(
    (photo: { part: string }) => photo.part === 'test',
  );
  assert.equal(report.examples, test.length);
  assert.equal(
    report.confusionMatrix.counts
      .flat()
      .reduce((a: number, b: number) => a + b),
    test.length,
  );
  assert.ok(report.metrics[0].value > report.baseline.value);
});

test('the same seed gives the same weights in another process', () => {
  const digest = (name: string) =>
    createHash('sha256')
      .update(readFileSync(at(name, 'model/weights.bin')))
      .digest('hex');
  const again = train('second');
  assert.match(log, /TensorFlow\.js \S+ on (wasm|native)/);
  assert.equal(digest('second'), digest('first'), again);
});

test('what is held out is seen by no step before the last', () => {
  const photos: { pumpkin: string; part: string; file: string }[] = read(
    'prepared/photos.json',
  );
  const of = (part: string) =>
    new Set(photos.filter(p => p.part === part).map(p => p.pumpkin));
  for (const other of ['train', 'validation'])
    assert.deepEqual(
      [...of('test')].filter(pumpkin => of(other).has(pumpkin)),
      [],
    );
  // Other pixels in the test part change neither weights nor the order of the features, nor the rule.
  const bytes = readFileSync(at('prepared/pixels.bin'));
  const perPhoto = bytes.length / photos.length;
  photos.forEach(
    ({ part }, i) =>
      part === 'test' && bytes.fill(i % 251, i * perPhoto, (i + 1) * perPhoto),
  );
  const known = read('features.json');
  const weights = readFileSync(at('first/model/weights.bin'));
  execFileSync('cp', ['-r', at('prepared'), at('kept')]);
  try {
    writeFileSync(at('prepared/pixels.bin'), bytes);
    step('features', { prepared: at('prepared'), out: at('other.json') });
    train('third');
  } finally {
    rmSync(at('prepared'), { recursive: true });
    execFileSync('mv', [at('kept'), at('prepared')]);
  }
  const other = read('other.json');
  assert.deepEqual(other.features, known.features);
  assert.equal(other.baseline.rule, known.baseline.rule);
  assert.notEqual(other.baseline.value, known.baseline.value);
  assert.deepEqual(readFileSync(at('third/model/weights.bin')), weights);
});
