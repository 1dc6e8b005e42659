import { readProject, type ProjectFile } from '../index';
import {
  decideSync,
  worstSync,
  type DecideSyncOptions,
  type EnginePipeline,
} from './decideSync';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const file = (path: string, text: string): ProjectFile => ({
  path,
  text,
  sizeBytes: text.length,
  mode: '100644',
});
const model = (more: string) =>
  file(
    'models/m.yaml',
    `apiVersion: backstage-mlops/v1alpha1
kind: MLModel
metadata: { name: m }
spec:
  task: t
  primaryMetric: { name: accuracy, direction: higher }
  intendedUse: x
  licence: MIT
${more}`,
  );
const champion = (version: number, letter = 'a') =>
  model(
    `  aliases: { champion: { version: ${version}, digest: '${digest(
      letter,
    )}' } }`,
  );
const schedule = file(
  'pipelines/weekly.yaml',
  `apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
metadata: { name: weekly }
spec:
  schedules: ['0 6 * * 1']
  workflowSpec:
    entrypoint: main
    templates:
      - { name: main, container: { image: x, command: [sh] } }
`,
);
const decide = (files: ProjectFile[], more: Partial<DecideSyncOptions> = {}) =>
  decideSync({
    read: readProject('ml-projects/p', files),
    commit: 'c1',
    engine: { isOn: true, schedules: {} },
    registry: {
      m: { aliases: { champion: '2' }, digests: { 2: digest('a') } },
    },
    declaredBefore: {},
    ...more,
  });

describe('an alias', () => {
  it('is Synced when the registry has that version with that digest', () => {
    const { items, writes } = decide([champion(2)]);
    expect(items).toEqual([
      {
        project: 'p',
        kind: 'alias',
        name: 'champion',
        model: 'm',
        commit: 'c1',
        state: 'Synced',
        field: 'spec.aliases.champion.version',
        desired: '2',
        actual: '2',
      },
    ]);
    expect(writes).toEqual([]);
  });

  it('is OutOfSync, and written, when the registry has another version or none', () => {
    const registry = {
      m: { aliases: {}, digests: { 3: digest('a') } },
    };
    const { items, writes } = decide([champion(3)], { registry });
    expect(items[0]).toMatchObject({ state: 'OutOfSync', desired: '3' });
    expect(writes).toEqual([{ model: 'm', alias: 'champion', version: '3' }]);
  });

  it('is Failed, and not written, when version or digest are not there', () => {
    const missing = decide([champion(9)]);
    expect(missing.items[0]).toMatchObject({
      state: 'Failed',
      message: 'Version 9 is not in the registry.',
      actual: '2',
    });
    const other = decide([champion(2, 'b')]);
    expect(other.items[0]).toMatchObject({
      state: 'Failed',
      field: 'spec.aliases.champion.digest',
      desired: digest('b'),
      actual: digest('a'),
    });
    expect([...missing.writes, ...other.writes]).toEqual([]);
  });

  it('that git takes away is taken away; one that git never declared stays', () => {
    const registry = {
      m: { aliases: { champion: '2', shadow: '1' }, digests: {} },
    };
    expect(decide([model('')], { registry }).writes).toEqual([]);
    expect(
      decide([model('')], { registry, declaredBefore: { m: ['champion'] } })
        .writes,
    ).toEqual([{ model: 'm', alias: 'champion' }]);
  });

  it('stays as it is while the file cannot be read', () => {
    const { items, writes } = decide([model('  gates: 3\n')], {
      declaredBefore: { m: ['champion'] },
    });
    expect(items).toMatchObject([{ name: 'champion', state: 'Failed' }]);
    expect(items[0].message).toContain('ml-projects/p/models/m.yaml:9');
    expect(writes).toEqual([]);
  });
});

describe('a schedule', () => {
  const weekly = (engine: DecideSyncOptions['engine']) =>
    decide([schedule], { engine }).items[0];

  it('is on a cluster what the cluster has of it, also when it is suspended or this machine runs nothing', () => {
    const on = (
      state: DecideSyncOptions['engine']['schedules'][string] | undefined,
    ) =>
      weekly({
        isOn: false,
        keepsCopies: true,
        pipelines: {},
        schedules: state ? { weekly: state } : {},
      });
    expect(on(undefined).state).toBe('OutOfSync');
    expect(on({ commit: 'c0' })).toMatchObject({
      state: 'OutOfSync',
      field: 'commit',
      desired: 'c1',
      actual: 'c0',
    });
    expect(on({ commit: 'c1' }).state).toBe('Synced');
    expect(on({ fault: 'another one is there' })).toMatchObject({
      state: 'Failed',
      message: 'another one is there',
    });
  });

  it('on a cluster that nobody has looked at stands as it did before, and when nobody knows that, says so', () => {
    const engine = {
      isOn: true,
      keepsCopies: true,
      isUnknown: true,
      schedules: {},
      pipelines: {},
    };
    const known = decide([schedule], {
      engine,
      before: it => ({ ...it, commit: 'c0', state: 'Synced' }),
    });
    expect(known.items).toEqual([
      expect.objectContaining({
        kind: 'schedule',
        name: 'weekly',
        commit: 'c0',
        state: 'Synced',
      }),
    ]);
    expect(decide([schedule], { engine }).items).toEqual([
      expect.objectContaining({
        state: 'OutOfSync',
        message: 'Its cluster has not been looked at yet.',
      }),
    ]);
    // What git itself says is known at once.
    const broken = decide(
      [file('pipelines/weekly.yaml', schedule.text!.replace('container', 'x'))],
      { engine, before: it => ({ ...it, state: 'Synced' }) },
    );
    expect(broken.items[0].state).toBe('Failed');
  });

  it('is Synced once the scheduler has it, and tells what hinders it', () => {
    expect(weekly({ isOn: true, schedules: { weekly: {} } }).state).toBe(
      'Synced',
    );
    // What is told of pipelines says nothing of who starts a schedule.
    expect(
      weekly({ isOn: true, pipelines: {}, schedules: { weekly: {} } }).state,
    ).toBe('Synced');
    expect(weekly({ isOn: true, schedules: {} })).toMatchObject({
      state: 'OutOfSync',
      desired: '0 6 * * 1',
    });
    expect(
      weekly({ isOn: true, schedules: { weekly: { fault: 'no image' } } }),
    ).toMatchObject({ state: 'Failed', message: 'no image' });
    expect(weekly({ isOn: false, schedules: { weekly: {} } })).toMatchObject({
      state: 'OutOfSync',
      actual: 'engine off',
    });
  });
});

it('a pipeline is Failed where its file has a fault, with both commits, and stands else as its engine does', () => {
  const broken = file(
    'pipelines/train.yaml',
    'apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nmetadata: { name: train }\nspec: { entrypoint: none, templates: [] }\n',
  );
  expect(
    decide([broken], {
      engine: {
        isOn: true,
        schedules: {},
        pipelines: { train: { engine: 'local', lastGoodCommit: 'c0' } },
      },
    }).items[0],
  ).toMatchObject({
    state: 'Failed',
    field: expect.any(String),
    desired: 'c1',
    actual: 'c0',
    message: expect.stringContaining('ml-projects/p/pipelines/train.yaml:'),
  });
  const sound = file(
    'pipelines/train.yaml',
    'apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nmetadata: { name: train }\nspec:\n  entrypoint: main\n  templates:\n    - { name: main, container: { image: x, command: [sh] } }\n',
  );
  const on = (pipelines: Record<string, EnginePipeline>) =>
    decide([sound], { engine: { isOn: true, schedules: {}, pipelines } })
      .items[0];
  expect([
    decide([sound]).items[0].state,
    on({}).state,
    on({ train: { commit: 'c0' } }).state,
    on({ train: { commit: 'c1' } }).state,
    on({ train: { commit: 'c0', fault: 'it is not ours' } }).state,
    on({ toString: { commit: 'c1' } }).state,
  ]).toEqual([
    'Synced',
    'OutOfSync',
    'OutOfSync',
    'Synced',
    'Failed',
    'OutOfSync',
  ]);
  expect(on({ train: { commit: 'c0' } })).toMatchObject({
    field: 'commit',
    desired: 'c1',
    actual: 'c0',
  });
  expect(on({ train: { engine: 'local' } })).toMatchObject({
    state: 'Synced',
    field: 'spec.engine',
    desired: 'local',
    actual: 'local',
  });
  const trouble = {
    state: 'OutOfSync' as const,
    actual: 'switched off',
    message: 'Nothing starts.',
  };
  expect(on({ train: { engine: 'local', trouble } })).toMatchObject({
    ...trouble,
    desired: 'local',
  });
  expect(worstSync([{ state: 'Synced' }, { state: 'Failed' }])).toBe('Failed');
  expect(worstSync([])).toBeUndefined();
});
