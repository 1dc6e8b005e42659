import { readProject, type ProjectFile } from '../index';
import { maturityOf, type MaturityFacts } from './maturityOf';

const file = (path: string, text: string): ProjectFile => ({
  path,
  text,
  sizeBytes: text.length,
  mode: '100644',
});
const head = (kind: string, name: string) =>
  `apiVersion: backstage-mlops/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;
const model = `${head('MLModel', 'm')}spec:
  task: t
  primaryMetric: { name: f1.macro, direction: lower } # the one that counts
  intendedUse: x
  licence: MIT
`;
const all = {
  project: file(
    'mlproject.yaml',
    `${head('MLProject', 'p')}spec:
  owner: group:default/team
  lifecycle: experimental
  problem: { decides: x, forWhom: x, whyMachineLearning: x, costOfWrongAnswer: x }
  baseline: { rule: x, metric: accuracy }
`,
  ),
  pipeline: file(
    'pipelines/train.yaml',
    'apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nmetadata: { name: train }\nspec:\n  entrypoint: main\n  templates:\n    - { name: main, container: { image: x, command: [sh] } }\n',
  ),
  data: file(
    'datasets/d.yaml',
    `${head(
      'Dataset',
      'd',
    )}spec: { sources: [{ name: x }], schema: [], licence: MIT, checks: [{ name: c }] }\n`,
  ),
  model: file('models/m.yaml', `${model}  gates: metrics["f1.macro"] < 0.1\n`),
};
const run = { id: 'r1', pipeline: 'train', finishedAt: '2026-11-28T10:00:00Z' };
const judge = (files: ProjectFile[], more: Partial<MaturityFacts> = {}) =>
  maturityOf({
    read: readProject('ml-projects/p', files),
    tests: ['test/a.test.ts'],
    goodRun: run,
    firedRun: { id: 'r2', by: 'weekly', at: '2026-11-28T10:00:00Z' },
    textOf: path =>
      files.find(({ path: own }) => `ml-projects/p/${own}` === path)?.text,
    ...more,
  });

it('is level 2 with all evidence, and falls with each that is missing', () => {
  const whole = Object.values(all);
  expect(judge(whole).level).toBe(2);
  expect(judge(whole, { tests: [] }).level).toBe(1);
  expect(judge(whole, { firedRun: undefined }).level).toBe(1);
  expect(judge(whole, { goodRun: undefined }).level).toBe(0);
  expect(judge([all.project, all.pipeline, all.model]).level).toBe(0);
});

it('offers files that are sound and meet the point', () => {
  const files = [all.project, file('models/m.yaml', model)];
  const { points } = judge(files, {
    tests: [],
    goodRun: undefined,
    firedRun: undefined,
  });
  const fixes = points.flatMap(({ fix }) => fix ?? []);
  expect(fixes.map(({ path }) => path.replace('ml-projects/p/', ''))).toEqual([
    'pipelines/train.yaml',
    'datasets/data.yaml',
    'test/project.test.mjs',
    'models/m.yaml',
  ]);
  const changed = fixes.find(({ path }) => path.endsWith('m.yaml'))!.content;
  expect(changed).toContain('# the one that counts');
  expect(changed).toContain('metrics["f1.macro"] <= champion["f1.macro"]');
  const mended = readProject('ml-projects/p', [
    all.project,
    ...fixes.map(({ path, content }) =>
      file(path.replace('ml-projects/p/', ''), content),
    ),
  ]);
  expect(mended.problems).toEqual([]);
  const weekly = judge([...files, all.pipeline], {
    firedRun: undefined,
  }).points.at(-1)!.fix!;
  expect(
    readProject('ml-projects/p', [
      all.project,
      all.pipeline,
      file('pipelines/weekly.yaml', weekly.content),
    ]).problems,
  ).toEqual([]);
});

it('proposes a schedule for the pipeline that is known to succeed', () => {
  const first = {
    ...all.pipeline,
    path: 'pipelines/again.yaml',
    text: all.pipeline.text!.replace('name: train', 'name: again'),
  };
  const proposed = (goodRun?: typeof run) =>
    judge([...Object.values(all), first], {
      goodRun,
      firedRun: undefined,
    }).points.at(-1)!.fix!.content;
  expect(proposed(run)).toContain('workflowTemplateRef: { name: train }');
  expect(proposed()).toContain('workflowTemplateRef: { name: again }');
});
