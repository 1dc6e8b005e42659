import { readProject } from '@backstage-mlops/mlops-core';
import { pipelineFacts, type Engines } from './pipelineFacts';

const text = (more = '') => `apiVersion: backstage-mlops/v1alpha1
kind: MLProject
metadata: { name: p, title: P }
spec:
  owner: group:default/team
  lifecycle: experimental
${more}  problem: { decides: x, forWhom: x, whyMachineLearning: x, costOfWrongAnswer: x }
  baseline: { rule: x, metric: accuracy }
`;
const train =
  'apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nmetadata: { name: train }\nspec:\n  entrypoint: main\n  templates:\n    - { name: main, container: { image: x, command: [sh] } }\n';
const read = (more?: string) =>
  readProject(
    'ml-projects/p',
    Object.entries({
      'mlproject.yaml': text(more),
      'pipelines/train.yaml': train,
    }).map(([path, content]) => ({
      path,
      text: content,
      sizeBytes: content.length,
      mode: '100644',
    })),
  );
const engines: Engines = {
  engineIsOn: true,
  defaultEngine: 'local',
  names: ['local', 'east'],
  health: { east: { state: 'ok', message: 'It answers.' } },
};
const troubleOf = (more: string | undefined, given: Partial<Engines> = {}) =>
  pipelineFacts({ read: read(more) }, { ...engines, ...given }).train.trouble;
const east = '  engine: east\n';

it('a pipeline runs on the engine of its project, or on the one of the portal', () => {
  expect(pipelineFacts({ read: read() }, engines)).toEqual({
    train: { engine: 'local' },
  });
  expect(pipelineFacts({ read: read(east) }, engines)).toEqual({
    train: { engine: 'east' },
  });
});

it('is out of sync while its engine is off or away, and failed where there is none', () => {
  expect(troubleOf(undefined, { engineIsOn: false })?.actual).toBe(
    'switched off',
  );
  expect(troubleOf(east, { engineIsOn: false })).toBeUndefined();
  const health = (state: 'stale' | 'failed') => ({
    health: { east: { state, message: 'It does not answer.' } },
  });
  expect(troubleOf(east, health('failed'))).toEqual({
    state: 'OutOfSync',
    actual: 'not reachable',
    message: 'It does not answer.',
  });
  expect(troubleOf(east, health('stale'))?.actual).toBe('not heard of lately');
  expect(troubleOf('  engine: west\n')).toEqual({
    state: 'Failed',
    message: "There is no engine 'west'; there are local, east.",
  });
});
