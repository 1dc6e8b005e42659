/* What templates give each other: artifacts by name and by expression, inputs, defaults, caches, loops. */
import { operate, type CacheEntry } from '../index';
import { leaf, PlayRun, workflowOf } from '../__testUtils__/playRun';

const give = leaf('give', {
  outputs: {
    artifacts: [
      { name: 'd', path: '/out/d', globalName: 'all' },
      { name: 'maybe', path: '/out/m', optional: true },
    ],
  },
});
const take = (more: Record<string, any> = {}) =>
  leaf('take', {
    inputs: { artifacts: [{ name: 'in', path: '/in', ...more }] },
  });
const main = (second: Record<string, any>, outputs?: any) => ({
  name: 'main',
  steps: [
    [{ name: 'a', template: 'give' }],
    [{ name: 'b', template: 'take', arguments: { artifacts: [second] } }],
  ],
  ...(outputs ? { outputs } : {}),
});
const stored = { name: 'd', path: '/out/d', s3: { key: 'k/d.tgz' } };
const after = (
  templates: Record<string, any>[],
  artifacts: any[] = [stored],
) => {
  const run = new PlayRun(workflowOf(templates));
  run.look();
  run.end('wf[0].a', { outputs: { artifacts } });
  return run;
};
const inputOf = (run: PlayRun) =>
  run.last.start[0]?.template.inputs.artifacts as any[];

describe('an artifact of an earlier step', () => {
  it('is laid where the one that takes it says, with its rights', () => {
    const run = after([
      main({ name: 'in', from: '{{steps.a.outputs.artifacts.d}}' }),
      take({ mode: 0o400, recurseMode: true }),
      give,
    ]);
    expect(inputOf(run)).toEqual([
      {
        name: 'in',
        path: '/in',
        mode: 0o400,
        recurseMode: true,
        s3: { key: 'k/d.tgz' },
        globalName: 'all',
      },
    ]);
    expect(run.state.outputs!.artifacts).toEqual([
      { name: 'all', path: '/out/d', s3: { key: 'k/d.tgz' } },
    ]);
  });

  it('may be a part of it, or chosen by an expression', () => {
    const part = after([
      main({
        name: 'in',
        from: '{{steps.a.outputs.artifacts.d}}',
        subPath: 'x/y',
      }),
      take(),
      give,
    ]);
    expect(inputOf(part)[0].s3).toEqual({ key: 'k/d.tgz/x/y' });
    const chosen = after([
      main({
        name: 'in',
        fromExpression:
          "steps.a.status == 'Failed' ? steps.a.outputs.artifacts.maybe : steps.a.outputs.artifacts.d",
      }),
      take(),
      give,
    ]);
    expect(inputOf(chosen)[0].s3).toEqual({ key: 'k/d.tgz' });
    const none = after([
      main({ name: 'in', fromExpression: "'text'" }),
      take(),
      give,
    ]);
    expect(none.node('wf[1]').message).toContain(
      `fromExpression "'text'" gives no artifact`,
    );
  });

  it('that was not written is missed, unless the argument is optional', () => {
    const from = '{{steps.a.outputs.artifacts.maybe}}';
    const missed = after([main({ name: 'in', from }), take(), give]);
    expect(missed.node('wf[1]').message).toContain(
      'Unable to resolve: "steps.a.outputs.artifacts.maybe"',
    );
    const optional = after([
      main({ name: 'in', from, optional: true }),
      take({ optional: true }),
      give,
    ]);
    expect(inputOf(optional)).toEqual([]);
    expect(optional.started).toContain('wf[1].b');
  });

  it('is given on by the template around it', () => {
    const outputs = {
      artifacts: [
        { name: 'whole', from: '{{steps.a.outputs.artifacts.d}}' },
        {
          name: 'left',
          from: '{{steps.a.outputs.artifacts.maybe}}',
          optional: true,
        },
      ],
    };
    const run = after([
      main({ name: 'in', from: '{{steps.a.outputs.artifacts.d}}' }, outputs),
      take(),
      give,
    ]);
    run.end('wf[1].b');
    expect(run.node('wf').outputs!.artifacts).toEqual([
      expect.objectContaining({ name: 'whole', s3: { key: 'k/d.tgz' } }),
    ]);
    expect(run.state.phase).toBe('Succeeded');
    const { optional: _optional, ...needed } = outputs.artifacts[1];
    const missed = after([
      main(
        { name: 'in', from: '{{steps.a.outputs.artifacts.d}}' },
        { artifacts: [needed] },
      ),
      take(),
      give,
    ]);
    missed.end('wf[1].b');
    expect(missed.node('wf')).toMatchObject({
      phase: 'Error',
      message: 'Unable to resolve: "steps.a.outputs.artifacts.maybe"',
    });
  });

  it('that has no place anywhere is a fault of the call', () => {
    const run = new PlayRun(workflowOf([take()]));
    run.look();
    expect(run.state.message).toContain('inputs.artifacts.in was not supplied');
    const own = new PlayRun(workflowOf([take({ raw: { data: 'x' } })]));
    own.look();
    expect(own.last.start[0].template.inputs.artifacts).toEqual([
      { name: 'in', path: '/in', raw: { data: 'x' } },
    ]);
    const optional = new PlayRun(workflowOf([take({ optional: true })]));
    optional.look();
    expect(optional.started).toEqual(['wf']);
  });
});

describe('the words of a template', () => {
  it('are its inputs, as one list too, and where its files lie', () => {
    const run = new PlayRun(
      workflowOf(
        [
          {
            name: 'main',
            inputs: {
              parameters: [{ name: 'x' }, { name: 'y', default: '2' }],
              artifacts: [{ name: 'f', path: '/in/f', raw: { data: 'd' } }],
            },
            outputs: {
              parameters: [{ name: 'p', valueFrom: { path: '/out/p' } }],
              artifacts: [{ name: 'o', path: '/out/o' }],
            },
            container: {
              image: 'i',
              command: ['c'],
              args: [
                '{{inputs.parameters}}',
                '{{inputs.artifacts.f.path}}',
                '{{outputs.parameters.p.path}}',
                '{{outputs.artifacts.o.path}}',
                '{{pod.name}}',
                '{{node.name}}',
              ],
            },
          },
        ],
        { arguments: { parameters: [{ name: 'x', value: '1' }] } },
      ),
    );
    run.look();
    expect(run.last.start[0].template.container.args).toEqual([
      '[{"name":"x","value":"1"},{"name":"y","value":"2"}]',
      '/in/f',
      '/out/p',
      '/out/o',
      'wf',
      'wf',
    ]);
  });

  it('of a step say who it was and when', () => {
    const text =
      '{{steps.a.id}} {{steps.a.status}} {{steps.a.startedAt}} {{steps.a.finishedAt}}';
    const run = new PlayRun(
      workflowOf([
        {
          name: 'main',
          steps: [
            [{ name: 'a', template: 'leaf' }],
            [
              {
                name: 'b',
                template: 'take',
                arguments: { parameters: [{ name: 'x', value: text }] },
              },
            ],
          ],
        },
        leaf('leaf'),
        leaf('take', { inputs: { parameters: [{ name: 'x' }] } }),
      ]),
    );
    run.nowMs += 250;
    run.look();
    run.nowMs += 5000;
    run.end('wf[0].a');
    expect(run.node('wf[1].b').inputs!.parameters![0].value).toBe(
      `${
        run.node('wf[0].a').id
      } Succeeded 2026-01-01T00:00:00Z 2026-01-01T00:00:05Z`,
    );
  });

  it('of a loop are lists in the order of its items, also of more than ten', () => {
    const run = new PlayRun(
      workflowOf([
        {
          name: 'main',
          steps: [
            [{ name: 'l', template: 'leaf', withSequence: { count: '12' } }],
            [
              {
                name: 'b',
                template: 'take',
                arguments: {
                  parameters: [
                    { name: 'x', value: '{{steps.l.outputs.result}}' },
                    { name: 'y', value: '{{steps.l.outputs.parameters.p}}' },
                  ],
                },
              },
            ],
          ],
        },
        leaf('leaf', {
          outputs: {
            parameters: [{ name: 'p', valueFrom: { path: '/p' } }],
          },
        }),
        leaf('take', {
          inputs: { parameters: [{ name: 'x' }, { name: 'y' }] },
        }),
      ]),
    );
    run.look();
    for (let item = 11; item >= 0; item -= 1)
      run.end(`wf[0].l(${item}:${item})`, {
        outputs: {
          result: String(item),
          parameters: [{ name: 'p', value: `{"n": ${item}}` }],
        },
      });
    const [x, y] = run.node('wf[1].b').inputs!.parameters!;
    expect(x.value).toBe('[0,1,2,3,4,5,6,7,8,9,10,11]');
    expect(JSON.parse(y.value!)).toEqual(
      Array.from({ length: 12 }, (_, n) => ({ n })),
    );
  });
});

describe('memoize', () => {
  const memoized = (more = {}) =>
    leaf('main', {
      memoize: {
        key: 'k',
        maxAge: '10s',
        cache: { configMap: { name: 'c' } },
      },
      outputs: {
        parameters: [{ name: 'p', globalName: 'g', valueFrom: { path: '/p' } }],
      },
      ...more,
    });
  const entry: CacheEntry = {
    nodeId: 'old',
    runId: 'earlier',
    outputs: { parameters: [{ name: 'p', value: '7', globalName: 'g' }] },
    createdAt: '2026-01-01T00:00:00.000Z',
  };

  it('takes what is young enough; only what a pod gives becomes an output of the run', () => {
    const run = new PlayRun(workflowOf([memoized()]), {
      cached: (name, key) => (name === 'c' && key === 'k' ? entry : undefined),
    });
    run.nowMs += 10_000;
    run.look();
    expect(run.state.phase).toBe('Succeeded');
    expect(run.started).toEqual([]);
    expect(run.last.saves).toEqual([]);
    expect(run.node('wf').memoizationStatus).toEqual({
      hit: true,
      key: 'k',
      cacheName: 'c',
      fromRun: 'earlier',
    });
    expect(run.node('wf').outputs).toEqual(entry.outputs);
    expect(run.state.outputs).toBeUndefined();
    const late = new PlayRun(run.workflow, { cached: () => entry });
    late.nowMs += 10_001;
    late.look();
    expect(late.started).toEqual(['wf']);
  });

  it('saves once what a step gave that was not found, and nothing of one that failed', () => {
    const run = new PlayRun(workflowOf([memoized()]));
    run.look();
    run.end('wf', { outputs: { parameters: [{ name: 'p', value: '8' }] } });
    expect(run.last.saves).toEqual([
      {
        cacheName: 'c',
        key: 'k',
        nodeId: 'wf',
        outputs: {
          exitCode: '0',
          parameters: [{ name: 'p', value: '8', globalName: 'g' }],
        },
      },
    ]);
    const failed = new PlayRun(run.workflow);
    failed.look();
    failed.fail('wf');
    expect(failed.last.saves).toEqual([]);
  });
});

it('a step that the cache answers gives its lock on in the same pass', () => {
  const work = leaf('work', {
    memoize: { key: 'k', cache: { configMap: { name: 'c' } } },
    synchronization: { mutexes: [{ name: 'm' }] },
  });
  const entry: CacheEntry = {
    nodeId: 'old',
    createdAt: '2026-01-01T00:00:00.000Z',
  };
  const run = new PlayRun(
    workflowOf([
      {
        name: 'main',
        steps: [['a', 'b'].map(name => ({ name, template: 'work' }))],
      },
      work,
    ]),
    { cached: () => entry },
  );
  run.look();
  expect(run.state.phase).toBe('Succeeded');
  expect(run.started).toEqual([]);
});

describe('a wait', () => {
  it('that ends by its time gives its defaults, but not to the run', () => {
    const run = new PlayRun(
      workflowOf([
        {
          name: 'main',
          suspend: { duration: '5' },
          outputs: {
            parameters: [
              {
                name: 'v',
                globalName: 'said',
                valueFrom: { supplied: {}, default: 'none' },
              },
            ],
          },
        },
      ]),
    );
    run.look();
    expect(run.last.requeueAt).toBe('2026-01-01T00:00:05.000Z');
    run.nowMs += 5000;
    run.look();
    expect(run.state.phase).toBe('Succeeded');
    expect(run.node('wf').outputs).toEqual({
      parameters: [{ name: 'v', globalName: 'said', value: 'none' }],
    });
    expect(run.state.outputs).toBeUndefined();
  });

  it('is not begun by a run that was suspended before', () => {
    const run = new PlayRun(workflowOf([leaf('main')], { suspend: true }));
    run.look();
    expect(run.state).toMatchObject({ phase: 'Running', suspended: true });
    expect(run.state.nodes).toEqual({});
    const { suspended: _was, ...state } = run.state;
    expect(
      operate({
        workflow: run.workflow,
        state,
        pods: {},
        now: run.now,
      }).start,
    ).toHaveLength(1);
  });
});

it('gives expressions the time of the pass', () => {
  const run = new PlayRun(
    workflowOf([
      {
        name: 'main',
        steps: [
          [
            {
              name: 'a',
              template: 'show',
              when: '{{=now().Year() == 2026}}',
              arguments: {
                parameters: [
                  {
                    name: 'day',
                    value:
                      '{{=(now() - duration("24h")).Format("Mon 2 Jan 2006")}}',
                  },
                ],
              },
            },
          ],
        ],
      },
      leaf('show', { inputs: { parameters: [{ name: 'day' }] } }),
    ]),
  );
  run.look();
  expect(run.last.start[0].template.inputs.parameters).toEqual([
    { name: 'day', value: 'Wed 31 Dec 2025' },
  ]);
});

describe('an input that names what is known beside it', () => {
  it('is replaced on its node and where it is used, also by way of another input', () => {
    const run = new PlayRun(
      workflowOf([
        {
          name: 'main',
          steps: [
            [
              {
                name: 'a',
                template: 'show',
                arguments: { parameters: [{ name: 'a', value: 'given' }] },
              },
            ],
          ],
        },
        leaf('show', {
          inputs: {
            parameters: [
              { name: 'a' },
              { name: 'own', value: '{{inputs.parameters.a}}-own' },
            ],
          },
          container: {
            image: 'i',
            command: ['echo'],
            args: ['{{inputs.parameters.own}}'],
          },
        }),
      ]),
    );
    run.look();
    const [{ template, nodeId }] = run.last.start;
    expect(template.container.args).toEqual(['given-own']);
    expect(run.state.nodes[nodeId].inputs!.parameters).toMatchObject([
      { name: 'a', value: 'given' },
      { name: 'own', value: 'given-own' },
    ]);
  });
});
