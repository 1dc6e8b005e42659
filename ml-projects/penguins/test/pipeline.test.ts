/* The steps as the pipeline runs them: one process each, files between them, in a copy of the project under another name. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  existsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

const project = path.resolve(import.meta.dirname, '..');
const root = mkdtempSync(path.join(tmpdir(), 'steps-'));
after(() => rmSync(root, { recursive: true, force: true }));

function copy(name: string): string {
  const folder = path.join(root, 'project', name);
  for (const part of ['src', 'data', 'datasets', 'models', 'package.json'])
    cpSync(path.join(project, part), path.join(folder, part), {
      recursive: true,
    });
  if (!existsSync(path.join(root, 'node_modules')))
    symlinkSync(findPackages(), path.join(root, 'node_modules'));
  return folder;
}

function findPackages(): string {
  for (
    let folder = project;
    folder !== path.dirname(folder);
    folder = path.dirname(folder)
  ) {
    const packages = path.join(folder, 'node_modules');
    if (existsSync(path.join(packages, '@backstage-mlops', 'mlops-client')))
      return packages;
  }
  throw new Error('The packages of the project are not installed');
}

function runAll(
  folder: string,
  data: { dataset: string; label: string; model: string; seed?: string },
) {
  const out = path.join(folder, 'out');
  const { dataset, label, model, seed = '7' } = data;
  const step = (name: string, options: Record<string, string>) =>
    execFileSync(
      process.execPath,
      [
        `src/steps/${name}.ts`,
        ...Object.entries(options).map(([key, value]) => `--${key}=${value}`),
      ],
      {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: process.env.PATH, MLOPS_PROJECT: path.basename(folder) },
      },
    );
  const common = { dataset, label };
  const files = { splits: `${out}/splits`, features: `${out}/features.json` };
  step('verify', { ...common, out: `${out}/verified` });
  step('split', {
    ...common,
    seed,
    verified: `${out}/verified`,
    out: files.splits,
  });
  step('baseline', {
    ...common,
    splits: files.splits,
    out: `${out}/baseline.json`,
  });
  step('rank', { ...common, splits: files.splits, out: files.features });
  const log = step('train', {
    ...common,
    ...files,
    model,
    name: 'steady',
    'learning-rate': '0.05',
    l2: '0.001',
    epochs: '40',
    seed,
    out: `${out}/candidate.json`,
  });
  const candidates = JSON.stringify([
    readFileSync(`${out}/candidate.json`, 'utf8'),
  ]);
  step('evaluate', {
    ...common,
    ...files,
    model,
    baseline: `${out}/baseline.json`,
    candidates,
    out,
  });
  const registered = step('register', {
    model,
    run: readFileSync(`${out}/run`, 'utf8'),
    out: `${out}/version`,
  });
  const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
  return {
    log,
    registered,
    evaluation: read(`${out}/evaluation.json`),
    report: read(`${folder}/.mlops/local/datasets/${dataset}/report.json`),
  };
}

test('the whole pipeline ends with a model that is registered under the name of its project, twice with the same weights', () => {
  const first = runAll(copy('mine'), {
    dataset: 'penguins',
    label: 'species',
    model: 'species',
  });
  const second = runAll(copy('yours'), {
    dataset: 'penguins',
    label: 'species',
    model: 'species',
  });
  const digest = (log: string) =>
    /weights (sha256:[0-9a-f]{64})/.exec(log)?.[1];
  assert.match(first.registered, /^mine\.species version/m);
  assert.equal(digest(first.log), digest(second.log));
  assert.ok(digest(first.log));
  assert.equal(first.evaluation.verdict.name, 'good-fit');
  assert.ok(first.evaluation.metrics[0].value >= 0.95);
  assert.deepEqual(first.report.counts.at(-1), {
    by: 'split',
    values: [
      { value: 'train', count: 206 },
      { value: 'validation', count: 67 },
      { value: 'test', count: 69 },
    ],
  });
});

test('other data with other columns run with no change of the code', () => {
  const folder = copy('fields');
  const rows = Array.from(
    { length: 120 },
    (_, index) =>
      `${index % 7},${(index * 37) % 50},${['dry', 'wet'][index % 2]},${
        (index * 37) % 50 > 24 ? 'yes' : 'no'
      }`,
  );
  rmSync(`${folder}/data/penguins.csv`);
  writeFileSync(
    `${folder}/data/fields.csv`,
    `depth,acid,soil,fertile\n${rows.join('\n')}\n`,
  );
  writeFileSync(
    `${folder}/datasets/fields.yaml`,
    `spec:
  schema:
    - { name: depth, type: integer }
    - { name: acid, type: number }
    - { name: soil, type: category, values: [dry, wet] }
    - { name: fertile, type: category, values: [yes, no] }
`,
  );
  const { evaluation, registered } = runAll(folder, {
    dataset: 'fields',
    label: 'fertile',
    model: 'harvest',
  });
  assert.match(registered, /^fields\.harvest version/m);
  assert.ok(evaluation.metrics[0].value > 0.85);
  assert.equal(evaluation.features[0].name, 'acid');
  assert.deepEqual(
    [
      ...new Set(
        evaluation.slices.map(({ feature }: { feature: string }) => feature),
      ),
    ],
    ['soil'],
  );
});

test('data without a described column are refused by name', () => {
  const folder = copy('broken');
  writeFileSync(
    `${folder}/data/penguins.csv`,
    'species,island\nAdelie,Dream\n',
  );
  assert.throws(
    () =>
      runAll(folder, {
        dataset: 'penguins',
        label: 'species',
        model: 'species',
      }),
    /data\/penguins\.csv has no column beak_length_mm, .*which datasets\/penguins\.yaml describes; it has species, island/,
  );
});

test('data that cannot teach anything are refused with the reason', () => {
  const folder = copy('same');
  const file = `${folder}/data/penguins.csv`;
  const [head, ...lines] = readFileSync(file, 'utf8').split('\n');
  const run = () =>
    runAll(folder, { dataset: 'penguins', label: 'species', model: 'species' });
  writeFileSync(
    file,
    [head, ...lines.filter(line => line.startsWith('Adelie'))].join('\n'),
  );
  assert.throws(run, /Every row has the same species \(Adelie\)/);
  writeFileSync(file, [head, ...lines.slice(0, 20)].join('\n'));
  assert.throws(
    run,
    /Dataset 'penguins' cannot be used: rows: 19 rows are accepted \(at least 50\)/,
  );
  rmSync(file);
  assert.throws(
    run,
    /datasets\/penguins\.yaml names data\/penguins\.csv, which is not there/,
  );
});
