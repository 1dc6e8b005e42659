import { setInYaml, type FieldPath } from '@backstage-mlops/argo-engine';
import { readProject } from '../projects/readProject';
import { readShared } from '../projects/readShared';
import { effectOf, templatesUsedBy, type EffectInput } from './effectOf';

const train = `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: train }
spec:
  entrypoint: main
  arguments:
    parameters:
      - { name: epochs, value: '5' }
      - { name: seed, value: '7' }
      - { name: model, value: quality }
      - { name: dataset, value: photos }
  templates:
    - name: main
      dag:
        tasks:
          - { name: split, template: split }
          - name: features
            template: features
            depends: split
          - name: fit
            template: fit
            depends: features
          - name: report
            depends: fit
            templateRef: { name: shared, template: report }
    - name: split
      inputs:
        artifacts:
          - { name: project, path: /srv/project, git: { repo: x } }
      memoize: { key: split-1, maxAge: 1h, cache: { configMap: { name: c } } }
      container:
        image: i
        command: [node]
        args: [src/split.ts, '--seed={{workflow.parameters.seed}}']
    - name: features
      memoize: { key: features-1, maxAge: 1h, cache: { configMap: { name: c } } }
      container: { image: i, command: [c], args: [a, b, c] }
    - name: fit
      container: { image: i, command: [c], args: ['{{workflow.parameters.epochs}}'] }
`;
const shared = `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata:
  name: shared
spec:
  templates:
    - name: report
      container: { image: i, command: [c] }
`;
const head = (kind: string, name: string) =>
  `apiVersion: backstage-mlops/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec:\n`;
const folder: Record<string, string> = {
  'mlproject.yaml': `${head('MLProject', 'p')}  owner: group:default/team
  lifecycle: experimental
  problem: { decides: a, forWhom: b, whyMachineLearning: c, costOfWrongAnswer: d }
  baseline: { rule: r, metric: accuracy }
`,
  'datasets/photos.yaml': `${head('Dataset', 'photos')}  sources: [{ name: s }]
  schema: []
  licence: MIT
`,
  'models/quality.yaml': `${head(
    'MLModel',
    'quality',
  )}  task: image-classification
  primaryMetric: { name: accuracy, direction: higher }
  intendedUse: u
  licence: MIT
`,
  'pipelines/train.yaml': train,
  'src/split.ts': 'split();\n',
  'README.md': 'Words.\n',
};

function read(files: Record<string, string>, sharedText = shared) {
  return readProject(
    'ml/p',
    Object.entries(files).map(([path, text]) => ({
      path,
      text,
      sizeBytes: text.length,
      mode: '100644',
    })),
    readShared('argo', [
      { path: 's.yaml', text: sharedText, sizeBytes: 1, mode: '100644' },
    ]),
  );
}

const estimate = { runs: 3, seconds: { low: 1, median: 2, high: 3 } };

/** The effect of other texts of files; null removes one. */
function effect(
  changes: Record<string, string | null>,
  extra: Partial<EffectInput> = {},
) {
  const after: Record<string, string> = { ...folder };
  for (const [path, text] of Object.entries(changes))
    if (text === null) delete after[path];
    else after[path] = text;
  return effectOf({
    base: 'abc',
    before: read(folder),
    after: read(after),
    files: Object.entries(changes).map(([path, text]) => ({
      path: `ml/p/${path}`,
      before: folder[path],
      after: text ?? undefined,
    })),
    facts: { train: { estimate, memoized: ['split', 'features'] } },
    ...extra,
  });
}

const edited = (at: FieldPath, value?: unknown) => ({
  'pipelines/train.yaml': setInYaml(train, [{ at, value }]),
});

describe('the effect of a change', () => {
  it('of a parameter is what names it and what comes after', () => {
    const found = effect(
      edited(['spec', 'arguments', 'parameters', 0, 'value'], '9'),
    );
    expect(found).toMatchObject({
      base: 'abc',
      graph: { added: [], removed: [], changed: [] },
      parameters: [
        { pipeline: 'train', name: 'epochs', before: '5', after: '9' },
      ],
      rerun: ['fit', 'report'],
      cached: ['split', 'features'],
      estimate,
      affected: {
        pipelines: ['train'],
        models: ['quality'],
        datasets: ['photos'],
        teams: ['group:default/team'],
        projects: [],
      },
      findings: [],
    });
    expect(found.files).toEqual([
      {
        path: 'ml/p/pipelines/train.yaml',
        status: 'modified',
        diff: expect.stringContaining(
          "-      - { name: epochs, value: '5' }\n+      - { name: epochs, value: '9' }\n",
        ),
      },
    ]);
  });

  it('of a memoized step’s parameter runs it and everything after it again', () => {
    const found = effect(
      edited(['spec', 'arguments', 'parameters', 1, 'value'], '8'),
    );
    expect(found.cached).toEqual([]);
    expect(found.rerun).toEqual(['split', 'features', 'fit', 'report']);
  });

  it('of a template names its fields, and keeps what is before it', () => {
    const found = effect(
      edited(['spec', 'templates', 2, 'container', 'args', 2], 'd'),
    );
    expect(found.graph.changed).toEqual(['features']);
    expect(found.pipelines[0].changed).toEqual([
      { id: 'main.features', fields: ['container.args[2]'] },
    ]);
    expect(found.cached).toEqual(['split']);
    expect(found.rerun).toEqual(['features', 'fit', 'report']);
  });

  it('of tasks is what is added and removed', () => {
    const tasks = ['spec', 'templates', 0, 'dag', 'tasks'];
    const text = setInYaml(train, [
      {
        at: [...tasks, 4],
        value: { name: 'check', template: 'fit', depends: 'split' },
      },
      { at: [...tasks, 3] },
    ]);
    expect(effect({ 'pipelines/train.yaml': text })).toMatchObject({
      graph: { added: ['check'], removed: ['report'], changed: [] },
      rerun: ['fit', 'check'],
      cached: ['split', 'features'],
    });
  });

  it('of the code runs everything again that takes it; of words nothing', () => {
    expect(effect({ 'src/split.ts': 'other();\n' })).toMatchObject({
      rerun: ['split', 'features', 'fit', 'report'],
      cached: [],
      graph: { changed: [] },
    });
    expect(effect({ 'README.md': 'Other.\n' })).toMatchObject({
      rerun: [],
      pipelines: [],
      affected: { pipelines: [], models: [], teams: ['group:default/team'] },
    });
  });

  it('without a kept result is that the step runs', () => {
    const found = effect(
      edited(['spec', 'arguments', 'parameters', 0, 'value'], '9'),
      { facts: {} },
    );
    expect(found.cached).toEqual([]);
    expect(found.estimate).toBeUndefined();
  });

  it('of a shared file reaches every project that uses it', () => {
    const other = read({ 'pipelines/train.yaml': train }).pipelines[0]
      .document!;
    const text = shared.replace('image: i', 'image: j');
    const found = effectOf({
      base: 'abc',
      before: read(folder),
      after: read(folder, text),
      files: [{ path: 'argo/s.yaml', before: shared, after: text }],
      others: [
        {
          name: 'q',
          owner: 'group:default/others',
          uses: templatesUsedBy([other]),
        },
        { name: 'r', owner: 'group:default/none', uses: [] },
      ],
    });
    expect(found.affected).toMatchObject({
      projects: ['q'],
      teams: ['group:default/others', 'group:default/team'],
    });
    expect(found.pipelines[0].changed).toEqual([
      { id: 'main.report', fields: ['container.image'] },
    ]);
  });

  it('of a new and a removed project is all of it', () => {
    const input = { base: 'abc', files: [] };
    const files = [{ path: 'ml/p/pipelines/train.yaml', after: train }];
    expect(
      effectOf({ ...input, after: read(folder), files }).graph.added,
    ).toContain('fit');
    const gone = [{ path: 'ml/p/pipelines/train.yaml', before: train }];
    expect(
      effectOf({ ...input, before: read(folder), files: gone }).graph.removed,
    ).toContain('fit');
  });

  it('of several pipelines names them', () => {
    const hello = train.replace('name: train', 'name: hello');
    const found = effect({
      'pipelines/hello.yaml': hello,
      ...edited(['spec', 'templates', 3, 'container', 'image'], 'k'),
    });
    expect(found.graph.added).toContain('hello/fit');
    expect(found.graph.changed).toEqual(['train/fit']);
  });
});

describe('findings', () => {
  const messages = (changes: Record<string, string | null>) =>
    effect(changes).findings.map(
      ({ file, line, code, severity }) => `${file}:${line} ${code} ${severity}`,
    );

  it('are those of the lint, with their places', () => {
    const found = effect(
      edited(['spec', 'templates', 0, 'dag', 'tasks', 1, 'depends'], 'spilt'),
    );
    expect(found.findings[0]).toMatchObject({
      file: 'ml/p/pipelines/train.yaml',
      severity: 'error',
      line: 19,
    });
  });

  it('are datasets, models and files that are gone', () => {
    expect(
      messages({ 'datasets/photos.yaml': null, 'src/split.ts': null }),
    ).toEqual([
      'ml/p/pipelines/train.yaml:11 dangling-reference error',
      'ml/p/pipelines/train.yaml:34 dangling-reference error',
    ]);
    expect(
      messages(
        edited(['spec', 'arguments', 'parameters', 2, 'value'], 'other'),
      ),
    ).toEqual(['ml/p/pipelines/train.yaml:10 dangling-reference warning']);
  });

  it('are secrets and the marks of a merge', () => {
    expect(
      messages({
        'src/split.ts': 'a();\n<<<<<<< HEAD\nb();\n=======\nc();\n>>>>>>> x\n',
        'README.md': `Key ${'AKIA'}ABCDEFGHIJKLMNOP\n`,
      }),
    ).toEqual([
      'ml/p/src/split.ts:2 merge-marker error',
      'ml/p/src/split.ts:6 merge-marker error',
      'ml/p/README.md:1 secret error',
    ]);
  });
});
