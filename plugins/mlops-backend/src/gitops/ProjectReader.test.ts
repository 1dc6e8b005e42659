import { mockServices } from '@backstage/backend-test-utils';
import {
  effectOfFiles,
  readProject,
  readSharedData,
  type ProjectFile,
} from '@backstage-mlops/mlops-core';
import { nothingShared, ProjectReader } from './ProjectReader';

const file = (path: string, text: string): ProjectFile => ({
  path,
  mode: '100644',
  sizeBytes: text.length,
  text,
});
const project = file(
  'mlproject.yaml',
  `apiVersion: backstage-mlops/v1alpha1
kind: MLProject
metadata: { name: large }
spec:
  owner: group:default/team
  lifecycle: experimental
  problem: { decides: x, forWhom: x, whyMachineLearning: x, costOfWrongAnswer: x }
  baseline: { rule: x, metric: accuracy }
`,
);
/** A pipeline that only the whole parser reads, with steps that call each other and one that calls nothing. */
const pipeline = (steps: number) =>
  `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: !!str train }
spec:
  entrypoint: main
  templates:
    - name: main
      steps:
${Array.from(
  { length: steps },
  (_, at) =>
    `        - - { name: s${at}, template: ${at === 7 ? 'nothing' : 'work'} }`,
).join('\n')}
    - name: work
      container: &work { image: tools, command: [echo] }
    - name: same
      container: *work
`;
const shared = [
  file(
    'shared.yaml',
    pipeline(1).replace('!!str train', 'shared').replace('nothing', 'work'),
  ),
];
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
const readers: ProjectReader[] = [];
function readerWith(deadlineMs?: number): ProjectReader {
  const reader = new ProjectReader({
    logger: mockServices.logger.mock(),
    thread: {
      deadlineMs,
      // Jest reads TypeScript in a way that a thread does not inherit.
      execArgv: [
        '--require',
        require.resolve('@backstage/cli-node/config/nodeTransform.cjs'),
      ],
    },
  });
  readers.push(reader);
  return reader;
}
afterAll(() => Promise.all(readers.map(reader => reader.close())));

it('reads a large project apart, with the same values, faults and places', async () => {
  const files = [project, file('pipelines/train.yaml', pipeline(500))];
  const reader = readerWith(120_000);
  const light = { files: shared, tooLarge: [] };
  const source = await reader.readShared('argo', light, 'one');
  const found = { files, tooLarge: [] };
  expect(reader.isHeavy(found)).toBe(true);
  const read = await reader.read('ml-projects/large', found, source);
  const here = readProject('ml-projects/large', files, source.files);
  expect(plain(read)).toEqual(plain(here));
  expect(read.problems).toContainEqual(
    expect.objectContaining({
      message: expect.stringContaining("'nothing' undefined"),
      line: 16,
    }),
  );
  const at = ['spec', 'templates', 0, 'steps', 499, 0, 'template'];
  for (const path of [at, [], ['spec', 'templates', 2, 'container', 'image']])
    expect(read.pipelines[0].document!.locate(path)).toEqual(
      here.pipelines[0].document!.locate(path),
    );
  expect(read.templates('train', false)).toBe(
    read.pipelines[0].document!.manifest,
  );
  expect(read.templates('shared', false)).toBeDefined();
}, 180_000);

it('gives up what takes too long, and says so', async () => {
  const braces = file('pipelines/train.yaml', '{}'.repeat(120_000));
  const found = { files: [project, braces], tooLarge: [] };
  const read = await readerWith(1).read(
    'ml-projects/large',
    found,
    nothingShared,
  );
  expect(read.problems).toEqual([
    expect.objectContaining({
      file: 'ml-projects/large/mlproject.yaml',
      code: 'too-slow',
    }),
  ]);
}, 180_000);

it('reads small projects at once', () => {
  const hello = file('pipelines/hello.yaml', pipeline(20));
  expect(readerWith().isHeavy({ files: [project, hello], tooLarge: [] })).toBe(
    false,
  );
});

it('reads a large folder that all share apart, and projects with it', async () => {
  const reader = readerWith(120_000);
  const large = {
    files: [file('a.yaml', pipeline(500)), ...shared],
    tooLarge: [],
  };
  expect(reader.isHeavy(large)).toBe(true);
  const source = await reader.readShared('argo', large, 'two');
  expect(source.files.templates('shared', false)).toBeDefined();
  expect(plain(source.data)).toEqual(
    plain(readSharedData('argo', large.files)),
  );
  const calls = pipeline(500).replace(
    'template: work }',
    'templateRef: { name: shared, template: work } }',
  );
  const files = [project, file('pipelines/calls.yaml', calls)];
  // The second finds what is shared known to the thread.
  for (const name of ['one', 'other']) {
    const folder = `ml-projects/${name}`;
    const read = await reader.read(folder, { files, tooLarge: [] }, source);
    expect(plain(read)).toEqual(
      plain(readProject(folder, files, source.files)),
    );
  }
}, 180_000);

it('gives up a shared folder that takes too long; what it holds is not there', async () => {
  const braces = {
    files: [file('a.yaml', '{}'.repeat(120_000))],
    tooLarge: [],
  };
  const source = await readerWith(1).readShared('argo', braces, 'three');
  expect(source.data.templates).toEqual([]);
  expect(source.files.problems).toEqual([
    expect.objectContaining({ file: 'argo', code: 'too-slow' }),
  ]);
}, 180_000);

describe('the effect of edits of large files', () => {
  const side = (steps: number) => ({
    project: [project, file('pipelines/train.yaml', pipeline(steps))],
    shared,
  });
  const sources = {
    base: 'abc',
    folders: { project: 'ml-projects/large', shared: 'argo' },
    before: side(500),
    after: side(501),
    files: [
      {
        path: 'ml-projects/large/pipelines/train.yaml',
        before: pipeline(500),
        after: pipeline(501),
      },
    ],
    others: [],
  };

  it('is worked out apart, and is the same', async () => {
    const effect = await readerWith(120_000).effect(sources);
    expect(plain(effect)).toEqual(plain(effectOfFiles(sources)));
    expect(effect.graph.added).toEqual(['s500']);
  }, 180_000);

  it('is refused when it takes too long', async () => {
    await expect(readerWith(1).effect(sources)).rejects.toThrow(
      'The files of ml-projects/large take too long to read, so nobody can say what the edits would do.',
    );
  }, 180_000);
});
