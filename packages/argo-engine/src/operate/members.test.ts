/* Loops over what earlier steps gave, and words that nobody gave. */
import {
  call,
  leaf,
  PlayRun,
  say,
  saidBy,
  steps,
  workflowOf,
} from '../__testUtils__/playRun';

it('a loop over a list that is null is skipped, as one over no items', () => {
  for (const withParam of ['null', '[]']) {
    const run = new PlayRun(
      workflowOf([steps([call('a', 'leaf', { withParam })]), leaf('leaf')]),
    );
    run.look();
    expect(run.node('wf[0].a')).toMatchObject({
      phase: 'Skipped',
      message: 'Skipped, empty params',
    });
    expect(run.state.phase).toBe('Succeeded');
  }
});

it('a loop tells its items as Go writes them, and later steps how it stands as a whole', () => {
  const words = (value: string) => ({
    arguments: { parameters: [{ name: 'x', value }] },
  });
  const run = new PlayRun(
    workflowOf([
      steps(
        [
          call('a', 'take', {
            withParam: '[{"b": 1, "a": "x"}, "t", [2, 1], 3.0, true, null]',
            ...words('{{item}}'),
          }),
        ],
        [call('b', 'take', words('{{steps.a.status}} {{steps.a.id}}'))],
      ),
      say('take', '{{inputs.parameters.x}}', {
        inputs: { parameters: [{ name: 'x' }] },
      }),
    ]),
  );
  run.look();
  expect(run.last.start.map(pod => pod.template.container.args[0])).toEqual([
    '{"a":"x","b":1}',
    't',
    '[2,1]',
    '3.0',
    'true',
    'null',
  ]);
  for (const name of [...run.started]) run.end(name);
  expect(saidBy(run, 'wf[1].b')).toBe(`Succeeded ${run.node('wf[0]').id}`);
});

const after = (value: any) => {
  const run = new PlayRun(
    workflowOf([
      steps(
        [call('a', 'give')],
        [
          call('b', 'take', {
            arguments: {
              parameters: [
                { name: 'x', value: '{{steps.a.outputs.parameters.p}}' },
              ],
            },
          }),
        ],
      ),
      leaf('give', {
        outputs: { parameters: [{ name: 'p', valueFrom: { path: '/p' } }] },
      }),
      say('take', '{{inputs.parameters.x}}', {
        inputs: { parameters: [{ name: 'x' }] },
      }),
    ]),
  );
  run.look();
  run.end('wf[0].a', { outputs: { parameters: [{ name: 'p', value }] } });
  return run;
};

it('an output without a value is none', () => {
  for (const value of [null, undefined]) {
    const run = after(value);
    expect(run.state.phase).toBe('Running');
    expect(run.last.requeueAt).toBe(run.now);
    run.look();
    expect(run.started).toEqual(['wf[0].a']);
    expect(run.state.phase).toBe('Failed');
    expect(run.node('wf[1]').message).toContain(
      'failed to resolve {{steps.a.outputs.parameters.p}}',
    );
  }
  expect(after('').started).toContain('wf[1].b');
});

it('an output of a template may be a text around what a step gave', () => {
  const run = new PlayRun(
    workflowOf([
      {
        ...steps([call('a', 'leaf')]),
        outputs: {
          parameters: [
            { name: 'v', valueFrom: { parameter: 'v{{steps.a.exitCode}}' } },
            { name: 'w', valueFrom: { parameter: '{{steps.a.exitCode}}' } },
            {
              name: 'x',
              valueFrom: { parameter: '{{steps.b.exitCode}}', default: 'd' },
            },
            { name: 'y', valueFrom: { parameter: 'text', default: 'd' } },
          ],
        },
      },
      leaf('leaf'),
    ]),
  );
  run.look();
  run.end('wf[0].a');
  expect(
    run.node('wf').outputs!.parameters!.map(({ name, value }) => name + value),
  ).toEqual(['vv0', 'w0', 'xd', 'yd']);
});

it('a condition without a word is none', () => {
  const run = new PlayRun(
    workflowOf([steps([call('a', 'leaf', { when: '' })]), leaf('leaf')]),
  );
  run.look();
  expect(run.started).toEqual(['wf[0].a']);
});

it('an input may be named after the pod, which is the same as in the program', () => {
  const run = new PlayRun(
    workflowOf([
      say('main', '{{pod.name}}', {
        inputs: { parameters: [{ name: 'who', value: '{{pod.name}}' }] },
      }),
    ]),
  );
  run.look();
  expect(run.node('wf').inputs!.parameters![0].value).toBe(saidBy(run, 'wf'));
  expect(saidBy(run, 'wf')).toBe(run.last.start[0].podName);
});

it.each([
  ['steps', { steps: [[call('again', 'main')]] }, {}],
  ['tasks', { dag: { tasks: [call('again', 'main')] } }, {}],
  [
    'hooks of the run',
    { steps: [[call('again', 'main')]] },
    {
      entrypoint: 'leaf',
      hooks: { h: { template: 'main', expression: 'true' } },
    },
  ],
])(
  '%s may call templates in each other a hundred deep',
  (_what, body, spec) => {
    const run = new PlayRun(
      workflowOf([{ name: 'main', ...body }, leaf('leaf')], spec),
    );
    for (let pass = 0; pass < 5; pass += 1) run.look();
    const made = Object.values(run.state.nodes).filter(
      node => node.type === 'Steps' || node.type === 'DAG',
    );
    expect(made).toHaveLength(99);
  },
);

it('outputs of a step that have no global name, or no value, are none of the run', () => {
  const run = new PlayRun(
    workflowOf([
      leaf('main', {
        outputs: {
          artifacts: [{ name: 'd', path: '/out/d' }],
          parameters: [
            { name: 'p', valueFrom: { path: '/p' } },
            { name: 'q', globalName: 'q', valueFrom: { path: '/q' } },
          ],
        },
      }),
    ]),
  );
  run.look();
  run.end('wf', {
    outputs: {
      artifacts: [{ name: 'd', path: '/out/d' }],
      parameters: [
        { name: 'p', value: '1' },
        { name: 'q', value: null } as any,
      ],
    },
  });
  expect(run.state.outputs).toBeUndefined();
});

describe('memoize of a template of steps or tasks', () => {
  const memoize = { key: 'k', cache: { configMap: { name: 'c' } } };
  const outputs = {
    parameters: [{ name: 'p', value: 'told' }],
  };

  it.each([
    ['steps', { steps: [[call('a', 'leaf')]] }, 'wf[0].a'],
    ['tasks', { dag: { tasks: [call('a', 'leaf')] } }, 'wf.a'],
  ])('saves what %s gave once they are over', (_what, body, member) => {
    const run = new PlayRun(
      workflowOf([{ name: 'main', ...body, outputs, memoize }, leaf('leaf')]),
    );
    run.look();
    expect(run.last.saves).toEqual([]);
    run.end(member);
    expect(run.state.phase).toBe('Succeeded');
    expect(run.last.saves).toEqual([
      { cacheName: 'c', key: 'k', nodeId: 'wf', outputs },
    ]);
  });
});
