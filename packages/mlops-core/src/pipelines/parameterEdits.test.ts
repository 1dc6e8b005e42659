import { parseWorkflows, setInYaml } from '@backstage-mlops/argo-engine';
import { defaultsFromRun, parameterEdits } from './parameterEdits';

const text = `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: train }
spec:
  arguments:
    parameters:
      - name: epochs
        value: 120 # passes
      - { name: rate, value: '0.1' }
      - name: note
        default: none
      - name: revision
        value: main
`;
const document = parseWorkflows(text, 'train.yaml').documents[0];

it('parameters become fields of the file, and a line each', () => {
  const edits = parameterEdits(document, {
    epochs: '200',
    rate: '0.1',
    note: 'x: y',
  });
  expect(edits).toEqual([
    { at: ['spec', 'arguments', 'parameters', 0, 'value'], value: 200 },
    { at: ['spec', 'arguments', 'parameters', 2, 'value'], value: 'x: y' },
  ]);
  expect(setInYaml(text, edits)).toBe(
    text
      .replace('value: 120 #', 'value: 200 #')
      .replace('name: note\n', "name: note\n        value: 'x: y'\n"),
  );
});

it('a value that is no number becomes a text', () => {
  expect(parameterEdits(document, { epochs: '1e3' })[0].value).toBe('1e3');
});

it('unknown names are refused, all at once', () => {
  expect(() => parameterEdits(document, { epoch: '1', zzz: '2' })).toThrow(
    "Pipeline 'train' has no parameter 'epoch'. Did you mean 'epochs'? Pipeline 'train' has no parameter 'zzz'.",
  );
});

it('those of a run become defaults, but for what the portal sets or the pipeline no longer has', () => {
  const parameters = [
    { name: 'rate', value: '0.2' },
    { name: 'revision', value: 'abc' },
    { name: 'gone', value: '1' },
  ];
  expect(defaultsFromRun(document, parameters)).toEqual([
    { at: ['spec', 'arguments', 'parameters', 1, 'value'], value: '0.2' },
  ]);
});

it('a schedule has its parameters in what it starts', () => {
  const cron = parseWorkflows(
    'apiVersion: argoproj.io/v1alpha1\nkind: CronWorkflow\nmetadata: {name: w}\nspec:\n  schedule: 0 0 * * *\n  workflowSpec:\n    arguments: {parameters: [{name: a, value: x}]}\n',
    'w.yaml',
  ).documents[0];
  expect(parameterEdits(cron, { a: 'z' })[0].at).toEqual([
    'spec',
    'workflowSpec',
    'arguments',
    'parameters',
    0,
    'value',
  ]);
});
