/* Loops over what earlier steps gave, and words that nobody gave. */
import { planRetry } from '../person/planRetry';
import {
  call,
  dag,
  leaf,
  PlayRun,
  say,
  saidBy,
  steps,
  workflowOf,
} from '../__testUtils__/playRun';

const words = (value: string) => ({
  arguments: { parameters: [{ name: 'x', value }] },
});
const take = say('take', '{{inputs.parameters.x}}', {
  inputs: { parameters: [{ name: 'x' }] },
});

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
  const run = new PlayRun(
    workflowOf([
      steps(
        [
          call('a', 'take', {
            withParam:
              '[{"b": 1, "a": "x"}, "t\\u0041", [2, 1], 3.0, true, null]',
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
    'tA',
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

it('an output of a template is what one step gave, and no text around it', () => {
  const run = new PlayRun(
    workflowOf([
      {
        ...steps([call('a', 'leaf')]),
        outputs: {
          parameters: [
            { name: 'u', valueFrom: { parameter: 'steps.a.exitCode' } },
            {
              name: 'v',
              valueFrom: { parameter: 'v{{steps.a.exitCode}}', default: 'd' },
            },
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
  ).toEqual(['u0', 'vd', 'w0', 'xd', 'yd']);
});

it('a condition that cannot be read is an error of the step, and of each item of a loop', () => {
  const when = 'a b c';
  for (const more of [{ when }, { when, withItems: ['x'] }]) {
    const run = new PlayRun(
      workflowOf([steps([call('a', 'leaf', more)]), leaf('leaf')]),
    );
    run.look();
    run.look();
    expect(run.started).toEqual([]);
    expect(run.state.phase).not.toBe('Succeeded');
    expect(run.state.phase).not.toBe('Running');
  }
});

it('tasks may say what is an output of the run by now, but not the outputs of the DAG', () => {
  const run = new PlayRun(
    workflowOf([
      {
        ...dag(
          call('a', 'give'),
          call('b', 'take', {
            depends: 'a',
            arguments: {
              parameters: [
                { name: 'x', value: '{{workflow.outputs.parameters.g}}' },
              ],
              artifacts: [
                { name: 'f', from: '{{workflow.outputs.artifacts.h}}' },
              ],
            },
          }),
        ),
        outputs: {
          parameters: [
            {
              name: 'o',
              valueFrom: {
                expression: 'workflow.outputs.parameters.g',
                default: 'd',
              },
            },
          ],
        },
      },
      leaf('give', {
        outputs: {
          parameters: [
            { name: 'p', globalName: 'g', valueFrom: { path: '/p' } },
          ],
          artifacts: [{ name: 'd', globalName: 'h', path: '/d' }],
        },
      }),
      say('take', '{{inputs.parameters.x}}', {
        inputs: {
          parameters: [{ name: 'x' }],
          artifacts: [{ name: 'f', path: '/f' }],
        },
      }),
    ]),
  );
  run.look();
  run.end('wf.a', {
    outputs: {
      parameters: [{ name: 'p', value: '7' }],
      artifacts: [{ name: 'd', path: '/d', s3: { key: 'k' } } as any],
    },
  });
  expect(saidBy(run, 'wf.b')).toBe('7');
  expect(run.last.start[0].template.inputs.artifacts).toEqual([
    expect.objectContaining({ name: 'f', path: '/f', s3: { key: 'k' } }),
  ]);
  run.end('wf.b');
  expect(run.node('wf').outputs!.parameters).toEqual([
    { name: 'o', value: 'd' },
  ]);
});

it('a template of steps may say what is an output of the run when it is looked at, a DAG around it may not', () => {
  const given = (name: string, valueFrom: Record<string, any>, more = {}) => ({
    outputs: { parameters: [{ name, valueFrom, ...more }] },
  });
  const g = 'workflow.outputs.parameters.g';
  const run = new PlayRun(
    workflowOf([
      {
        ...dag(call('a', 'inner')),
        ...given('o', { parameter: `{{${g}}}`, default: 'd' }),
      },
      {
        ...steps([call('s', 'leaf')], [call('t', 'leaf')]),
        name: 'inner',
        ...given('p', { expression: `${g} + workflow.name`, default: 'e' }),
      },
      leaf('leaf', given('q', { path: '/q' }, { globalName: 'g' })),
    ]),
  );
  run.look();
  const q = { outputs: { parameters: [{ name: 'q', value: '0' }] } };
  run.end('wf.a[0].s', q);
  run.end('wf.a[1].t', q);
  expect(run.state.phase).toBe('Succeeded');
  expect(run.node('wf.a').outputs!.parameters![0].value).toBe('e');
  expect(run.node('wf').outputs!.parameters![0].value).toBe('d');
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
    expect(
      Object.values(run.state.nodes).filter(node =>
        node.message?.startsWith('Maximum recursion depth exceeded'),
      ),
    ).toHaveLength(1);
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

it('a task that names what no task before it gives is an error once nothing goes on any more', () => {
  const run = new PlayRun(
    workflowOf([
      steps([call('inner', 'inner')]),
      {
        ...dag(
          call('a', 'leaf'),
          call('lost', 'take', words('{{tasks.a.outputs.result}}')),
        ),
        name: 'inner',
      },
      leaf('leaf'),
      take,
    ]),
  );
  run.look();
  run.look();
  expect(run.state.phase).toBe('Running');
  run.end('wf[0].inner.a', { outputs: { result: 'x' } });
  for (let pass = 0; pass < 4; pass += 1) run.look();
  expect(run.node('wf[0].inner.lost')).toMatchObject({
    phase: 'Error',
    message: 'failed to resolve {{tasks.a.outputs.result}}',
  });
  expect(run.state.phase).toBe('Failed');
});

it.each([
  [
    'tasks',
    'wf.a',
    'wf.b',
    (b: object) =>
      dag(call('a', 'leaf'), call('b', 'take', { depends: 'a', ...b })),
  ],
  [
    'steps',
    'wf[0].a',
    'wf[1].b',
    (b: object) => steps([call('a', 'leaf')], [call('b', 'take', b)]),
  ],
])(
  'a value that looks like a tag of %s stays the text that it is',
  (kind, first, second, main) => {
    const value = `{{${kind}.a.outputs.result}}`;
    const run = new PlayRun(
      workflowOf(
        [
          {
            ...main(words('{{inputs.parameters.text}}')),
            inputs: { parameters: [{ name: 'text' }] },
          },
          leaf('leaf'),
          take,
        ],
        { arguments: { parameters: [{ name: 'text', value }] } },
      ),
    );
    run.look();
    run.end(first, { outputs: { result: 'secret' } });
    expect(saidBy(run, second)).toBe(value);
  },
);

it('an expression may name what is nowhere, but waits for what a step was to give', () => {
  const begun = (value: string) => {
    const run = new PlayRun(
      workflowOf([
        steps([call('a', 'leaf')], [call('b', 'take', words(value))]),
        leaf('leaf'),
        take,
      ]),
    );
    run.look();
    run.end('wf[0].a');
    for (let pass = 0; pass < 3; pass += 1) run.look();
    return run.started.includes('wf[1].b');
  };
  expect(begun("{{=nowhere == nil ? 'x' : 'y'}}")).toBe(true);
  expect(begun("{{=steps.a.outputs.result == nil ? 'x' : 'y'}}")).toBe(false);
});

it('a step that is not run needs no template', () => {
  const run = new PlayRun(
    workflowOf([
      steps(
        [call('a', 'nowhere', { when: 'false' })],
        [call('b', 'take', words('{{steps.a.status}}'))],
      ),
      take,
    ]),
  );
  run.look();
  expect(saidBy(run, 'wf[1].b')).toBe('Skipped');
});

it('what a loop gave is in the order of its items, also when one of them ran again later', () => {
  const withItems = ['x', 'y', 'z'];
  const run = new PlayRun(
    workflowOf([
      steps(
        [call('a', 'give', { withItems })],
        [call('b', 'take', words('{{steps.a.outputs.parameters.p}}'))],
      ),
      leaf('give', {
        outputs: { parameters: [{ name: 'p', valueFrom: { path: '/p' } }] },
      }),
      take,
    ]),
  );
  const end = (index: number) =>
    run.end(`wf[0].a(${index}:${withItems[index]})`, {
      outputs: { parameters: [{ name: 'p', value: withItems[index] }] },
    });
  run.look();
  run.fail('wf[0].a(0:x)');
  [1, 2].forEach(end);
  expect(run.state.phase).toBe('Failed');
  run.state = planRetry('wf', run.state, { now: run.now }).state;
  delete run.pods[run.last.state.nodes[Object.keys(run.pods)[0]].id];
  run.look();
  end(0);
  expect(saidBy(run, 'wf[1].b')).toBe('["x","y","z"]');
});

it('a template inside a step may say what an earlier step gave', () => {
  const { name: _name, ...inline } = say('b', '{{steps.a.outputs.result}}');
  const run = new PlayRun(
    workflowOf([
      steps([call('a', 'leaf')], [{ name: 'b', inline }]),
      leaf('leaf'),
    ]),
  );
  run.look();
  run.end('wf[0].a', { outputs: { result: 'x' } });
  expect(saidBy(run, 'wf[1].b')).toBe('x');
});
