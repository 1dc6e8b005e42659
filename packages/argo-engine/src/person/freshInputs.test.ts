import { leaf, PlayRun, workflowOf } from '../__testUtils__/playRun';
import { nodeId } from '../index';
import type { Workflow } from '../types';
import { freshInputs } from './freshInputs';

const given = (values: Record<string, string>) => ({
  parameters: Object.entries(values).map(([name, value]) => ({ name, value })),
});
const inputs = (...names: string[]) => ({
  inputs: { parameters: names.map(name => ({ name })) },
});
const workflow = workflowOf(
  [
    {
      name: 'main',
      inputs: { parameters: [{ name: 'word' }] },
      steps: [
        [{ name: 'make', template: 'make' }],
        [
          {
            name: 'inner',
            template: 'inner',
            arguments: given({
              word: '{{inputs.parameters.word}}!',
              made: '{{steps.make.outputs.result}}',
            }),
          },
        ],
      ],
    },
    leaf('make'),
    {
      name: 'inner',
      ...inputs('word', 'made'),
      dag: {
        tasks: [
          {
            name: 'use',
            template: 'use',
            withItems: ['a', 'b'],
            arguments: given({
              word: '{{inputs.parameters.word}}',
              count: '{{=asInt(workflow.parameters.count) + 1}}',
              made: '{{inputs.parameters.made}}',
              item: '{{item}} of {{workflow.parameters.count}}',
              fixed: '7',
            }),
          },
        ],
      },
    },
    leaf('use', {
      inputs: {
        parameters: [
          ...inputs('word', 'count', 'made', 'item', 'fixed').inputs.parameters,
          { name: 'own', value: '{{workflow.parameters.word}}' },
        ],
      },
    }),
  ],
  { arguments: given({ word: 'one', count: '1' }) },
);
const id = (name: string) => nodeId('wf', name);

function earlier() {
  const run = new PlayRun(workflow);
  run.look();
  run.end('wf[0].make', { outputs: { result: 'made' } } as any);
  run.look();
  return run.state.nodes;
}
const used = (changed: Workflow) =>
  Object.fromEntries(
    freshInputs(
      changed,
      earlier(),
      id('wf[1].inner.use(0:a)'),
    )!.parameters!.map(({ name, value }) => [name, value]),
  );
const withParameters = (values: Record<string, string>): Workflow => ({
  ...workflow,
  spec: { ...workflow.spec, arguments: given(values) },
});

it('gives a step what follows from the parameters of the new run, through all calls, and leaves it the rest', () => {
  const before = {
    word: 'one!',
    count: '2',
    made: 'made',
    item: 'a of 1',
    fixed: '7',
    own: 'one',
  };
  expect(used(workflow)).toEqual(before);
  expect(used(withParameters({ word: 'two', count: '5' }))).toEqual({
    ...before,
    word: 'two!',
    count: '6',
    own: 'two',
  });
});

it('leaves a step what it had when the workflow calls it no longer, or otherwise', () => {
  const changed = withParameters({ word: 'two', count: '5' });
  const [main, make, inner, use] = changed.spec.templates;
  changed.spec.templates = [
    main,
    make,
    { ...inner, dag: { tasks: [{ name: 'use', template: 'other' }] } },
    use,
  ];
  expect(used(changed)).toMatchObject({ word: 'one!', count: '2', own: 'one' });
});

it('has nothing to change where a step has no parameters', () => {
  expect(freshInputs(workflow, earlier(), id('wf[0].make'))).toBeUndefined();
});
