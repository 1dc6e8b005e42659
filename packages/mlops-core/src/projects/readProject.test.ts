import fc from 'fast-check';
import fs from 'node:fs';
import path from 'node:path';
import { jsonSchemas, readProject, type ProjectFile } from '../index';

const project = `apiVersion: backstage-mlops/v1alpha1
kind: MLProject
metadata:
  name: fruit
spec:
  owner: group:default/team
  lifecycle: experimental
  problem:
    decides: Whether a fruit is ripe.
    forWhom: The shop.
    whyMachineLearning: Rules fail.
    costOfWrongAnswer: A lost sale.
  baseline: { rule: always ripe, metric: accuracy }
  risks: []
  nextSteps: []
`;
const pipeline = `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: train }
spec:
  entrypoint: main
  templates:
    - name: main
      container: { image: tools, command: [echo] }
`;
const file = (
  name: string,
  text: string,
  more: Partial<ProjectFile> = {},
): ProjectFile => ({
  path: name,
  text,
  sizeBytes: text.length,
  mode: '100644',
  ...more,
});
const read = (...files: ProjectFile[]) =>
  readProject('ml-projects/fruit', files);

it('reads a project that is in order', () => {
  const result = read(
    file('mlproject.yaml', project),
    file('pipelines/train.yaml', pipeline),
    file('README.md', '# Fruit'),
    file('src/train.ts', ''),
  );
  expect(result.problems).toEqual([]);
  expect(result.project?.spec.owner).toBe('group:default/team');
  expect(result.pipelines.map(({ name }) => name)).toEqual(['train']);
});

it('says all faults at once, each with its place and what was expected', () => {
  const wrong = project
    .replace('lifecycle: experimental', 'lifecycel: experimental')
    .replace('forWhom: The shop.', 'forWhom: 7')
    .replace('name: fruit', 'name: other');
  const { problems, project: parsed } = read(file('mlproject.yaml', wrong));
  expect(parsed).toBeUndefined();
  expect(problems).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        line: 7,
        column: 3,
        code: 'unknown-field',
        message: expect.stringContaining("Did you mean 'lifecycle'?"),
      }),
      expect.objectContaining({
        code: 'missing-field',
        message: 'spec.lifecycle is missing; expected a text.',
      }),
      expect.objectContaining({
        line: 10,
        column: 5,
        message: 'spec.problem.forWhom must be a text, not 7.',
      }),
      expect.objectContaining({ line: 4, code: 'wrong-name' }),
    ]),
  );
});

it('tells a hundred faults of a file that has twenty thousand', () => {
  const keys = Array.from({ length: 19_000 }, (_, i) => `k${i}: 1`).join('\n');
  const { problems } = read(file('mlproject.yaml', `${project}${keys}\n`));
  expect(problems).toHaveLength(101);
  expect(problems[100]).toMatchObject({ code: 'more-faults' });
});

it('names links, large files, binary files and a missing mlproject.yaml', () => {
  const { problems } = read(
    file('pipelines/a.yaml', '', { mode: '120000' }),
    file('pipelines/b.yaml', '', { sizeBytes: 10 << 20, text: undefined }),
    file('pipelines/c.yaml', '', { text: undefined }),
  );
  expect(problems.map(({ code }) => code).sort()).toEqual([
    'binary',
    'link',
    'missing-file',
    'too-large',
  ]);
});

it('survives any text in any file', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(
        'mlproject.yaml',
        'datasets/d.yaml',
        'models/m.yaml',
        'pipelines/p.yaml',
      ),
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.string().map(text => `${project}${text}`),
      ),
      (name, text) => {
        for (const problem of read(file(name, text)).problems)
          expect(problem.line).toBeGreaterThan(0);
      },
    ),
    { numRuns: 300 },
  );
});

it('has its JSON Schemas under docs/schemas', () => {
  for (const [kind, schema] of Object.entries(jsonSchemas())) {
    const committed = fs.readFileSync(
      path.resolve(__dirname, `../../../../docs/schemas/${kind}.schema.json`),
      'utf8',
    );
    expect(JSON.parse(committed)).toEqual(JSON.parse(JSON.stringify(schema)));
  }
});

it('says nothing by the flag of a pattern, which a JSON Schema cannot say', () => {
  const text = fs.readFileSync(path.resolve(__dirname, 'schemas.ts'), 'utf8');
  expect(text.match(/^.*\/[dgimsuy]+[,)].*$/gm) ?? []).toEqual([]);
});
