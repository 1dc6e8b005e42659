/* What attempts know of each other, how long they wait, and other small promises that the records of the controller do not show. */
import { nodeId } from '../index';
import {
  call,
  leaf,
  PlayRun,
  say,
  saidBy,
  steps,
  workflowOf,
} from '../__testUtils__/playRun';

const id = (name: string) => nodeId('wf', name);
describe('a template of steps that is tried again', () => {
  it('says in every step how many attempts there were, and how the one before ended', () => {
    const said = '{{inputs.parameters.words}}';
    const words =
      '{{retries}} {{lastRetry.status}} {{lastRetry.duration}} {{lastRetry.exitCode}}.';
    const run = new PlayRun(
      workflowOf([
        steps([call('work', 'work')]),
        {
          name: 'work',
          retryStrategy: { limit: 2 },
          steps: ['first', 'second'].map(name => [
            call(name, 'say', {
              arguments: { parameters: [{ name: 'words', value: words }] },
            }),
          ]),
        },
        say('say', said, { inputs: { parameters: [{ name: 'words' }] } }),
      ]),
    );
    run.look();
    expect(saidBy(run, 'wf[0].work(0)[0].first')).toBe('0  0 0.');
    run.end('wf[0].work(0)[0].first');
    expect(saidBy(run, 'wf[0].work(0)[1].second')).toBe('0  0 0.');
    run.nowMs += 5000;
    run.fail('wf[0].work(0)[1].second');
    run.look();
    expect(run.started).toContain('wf[0].work(1)[0].first');
    run.end('wf[0].work(1)[0].first');
    expect(saidBy(run, 'wf[0].work(1)[1].second')).toBe('1 Failed 5 0.');
  });
});

describe('a retry strategy', () => {
  const failing = (retryStrategy: object) =>
    new PlayRun(workflowOf([leaf('work', { retryStrategy })]));

  it('whose expression cannot be read makes the step an error that says so', () => {
    const run = failing({ limit: 2, expression: 'lastRetry.exitCode +' });
    run.look();
    run.fail('wf(0)');
    run.look();
    expect(run.node('wf').phase).toBe('Error');
    expect(run.node('wf').message).toMatch(/lastRetry|expression|token/i);
    expect(run.state.phase).toBe('Error');
  });

  it('tries again after a fault of the moment alone, when it is told so', () => {
    const after = (message: string | undefined) => {
      const run = failing({ limit: 2, retryPolicy: 'OnTransientError' });
      run.look();
      run.end('wf(0)', { phase: 'Error', exitCode: undefined, message });
      run.look();
      return run.started.length;
    };
    expect(after('read: connection reset by peer')).toBe(2);
    expect(after('the model diverged')).toBe(1);
    expect(after(undefined)).toBe(1);
  });

  it('knows a pod that ended without an exit code by -1', () => {
    const run = failing({ limit: 2, expression: "lastRetry.exitCode == '-1'" });
    run.look();
    run.end('wf(0)', { phase: 'Error', exitCode: undefined });
    run.look();
    expect(run.started).toEqual(['wf(0)', 'wf(1)']);
    run.fail('wf(1)');
    run.look();
    expect(run.node('wf')).toMatchObject({
      phase: 'Failed',
      message: 'retryStrategy.expression evaluated to false',
    });
  });

  it.each([
    ['without a factor as long each time', {}, [10, 10, 10]],
    ['with a factor of 0 as long each time', { factor: 0 }, [10, 10, 10]],
    ['with a factor of 2 longer each time', { factor: 2 }, [10, 20, 40]],
    ['with a factor of 1/2 shorter each time', { factor: '0.5' }, [10, 5, 2.5]],
  ])('waits %s', (_what, more, seconds) => {
    const run = failing({ limit: 3, backoff: { duration: '10s', ...more } });
    run.look();
    seconds.forEach((wait, attempt) => {
      run.fail(`wf(${attempt})`);
      expect(run.last.requeueAt).toBe(
        new Date(run.nowMs + wait * 1000).toISOString(),
      );
      run.nowMs += wait * 1000;
      run.look();
      expect(run.started).toContain(`wf(${attempt + 1})`);
    });
  });
});

it('the retry strategy of the run is that of templates without their own, with the words of the run', () => {
  const run = new PlayRun(
    workflowOf(
      [
        steps([call('a', 'leaf'), call('b', 'once')]),
        leaf('leaf'),
        leaf('once', { retryStrategy: { limit: 0 } }),
      ],
      {
        arguments: { parameters: [{ name: 'times', value: '1' }] },
        retryStrategy: {
          limit: '{{workflow.parameters.times}}',
          expression: "lastRetry.exitCode == '1'",
        },
      },
    ),
  );
  run.look();
  // The run's strategy is for its steps' template too.
  expect(run.started).toEqual(['wf(0)[0].a(0)', 'wf(0)[0].b(0)']);
  run.fail('wf(0)[0].a(0)');
  run.look();
  expect(run.started).toContain('wf(0)[0].a(1)');
});

describe('a retry strategy with a longest time', () => {
  const strategy = {
    limit: 3,
    backoff: { duration: '10s', maxDuration: '60s' },
  };
  const failedAfter = (seconds: number, spec = {}) => {
    const run = new PlayRun(
      workflowOf([leaf('work', { retryStrategy: strategy })], spec),
    );
    run.look();
    run.nowMs += seconds * 1000;
    run.fail('wf(0)');
    return run;
  };

  it('still tries again just before its end, and not at it', () => {
    const run = failedAfter(49.999);
    run.nowMs += 10_000;
    run.look();
    expect(run.started).toContain('wf(1)');
    expect(failedAfter(60).node('wf').message).toBe(
      'Max duration limit exceeded',
    );
    expect(failedAfter(50).node('wf').message).toBe(
      'Backoff would exceed max duration limit',
    );
  });

  it('ends with the run, whose deadline it names', () => {
    expect(
      failedAfter(75, { activeDeadlineSeconds: 60 }).node('wf').message,
    ).toBe('retry exceeded workflow deadline 2026-01-01 00:01:00 +0000 UTC');
  });
});

it('gives a pod that had to wait what is left of its timeout', () => {
  const begun = (waitedMs: number) => {
    const run = new PlayRun(
      workflowOf([
        leaf('m', {
          timeout: '30s',
          synchronization: { mutexes: [{ name: 'm' }] },
        }),
      ]),
    );
    run.look({ lock: () => ({ held: 1, limit: 1 }) });
    run.nowMs += waitedMs;
    run.look();
    return run.last.start[0].activeDeadlineSeconds;
  };
  expect(begun(20_500)).toBe(9.5);
  expect(begun(29_999)).toBe(0.001);
});

it('asks a pod for the output that its input names', () => {
  const run = new PlayRun(
    workflowOf([
      leaf('write', {
        inputs: { parameters: [{ name: 'file', value: 'loss' }] },
        outputs: {
          parameters: [
            {
              name: 'x',
              valueFrom: { path: '/out/{{inputs.parameters.file}}' },
            },
          ],
        },
      }),
    ]),
  );
  run.look();
  expect(
    (run.last.start[0].template as any).outputs.parameters[0].valueFrom.path,
  ).toBe('/out/loss');
});

it('forgets the lock that a step waited for in vain', () => {
  const run = new PlayRun(
    workflowOf([
      steps([call('a', 'm')]),
      leaf('m', {
        retryStrategy: { limit: 1 },
        synchronization: { mutexes: [{ name: 'm' }] },
      }),
    ]),
  );
  run.look();
  run.end('wf[0].a(0)');
  run.look();
  expect(run.node('wf[0].a').phase).toBe('Succeeded');
  for (const node of Object.values(run.state.nodes))
    expect(node).not.toHaveProperty('synchronizationStatus');
  expect(run.state.locks ?? {}).toEqual({});
});

it('puts an artifact of the run in the place of an earlier one of its name, and leaves the name to the run alone', () => {
  const give = (name: string) =>
    leaf(name, {
      outputs: {
        artifacts: [{ name: 'file', path: '/file', globalName: 'best' }],
        parameters: [
          { name: 'one', globalName: 'first', valueFrom: { path: '/1' } },
          { name: 'two', globalName: 'second', valueFrom: { path: '/2' } },
        ],
      },
    });
  const run = new PlayRun(
    workflowOf([steps([call('a', 'give')], [call('b', 'give')]), give('give')]),
  );
  run.look();
  for (const name of ['wf[0].a', 'wf[1].b'])
    run.end(name, {
      outputs: {
        artifacts: [{ name: 'file', key: `of ${name}` } as any],
        parameters: ['one', 'two'].map(item => ({
          name: item,
          value: `${item} of ${name}`,
        })),
      },
    });
  expect(run.state.outputs?.parameters).toEqual([
    { name: 'first', value: 'one of wf[1].b' },
    { name: 'second', value: 'two of wf[1].b' },
  ]);
  expect(run.state.outputs?.artifacts).toEqual([
    { name: 'best', key: 'of wf[1].b' },
  ]);
  expect(run.node('wf[0].a')).not.toHaveProperty('globalNames');
});

it('a pod of which nothing is left but that it failed gave nothing', () => {
  const run = new PlayRun(workflowOf([leaf('only')]));
  run.look();
  run.end('wf', { phase: 'Failed', exitCode: undefined, podMessage: 'lost' });
  expect(run.node('wf')).toMatchObject({ phase: 'Failed', message: 'lost' });
  expect(run.node('wf')).not.toHaveProperty('outputs');
});

describe('a stop', () => {
  it('ends a pod that was asked for and of which nothing was heard', () => {
    const run = new PlayRun(workflowOf([leaf('only')]));
    run.look();
    delete run.pods.wf;
    run.look({ shutdown: 'Terminate' });
    expect(run.last.stop).toEqual(['wf']);
    expect(run.node('wf').phase).toBe('Failed');
  });

  it('ends a pod that an earlier portal began', () => {
    const run = new PlayRun(workflowOf([leaf('only')]));
    run.look();
    delete run.state.nodes.wf.podRequested;
    run.look({ shutdown: 'Terminate' });
    expect(run.last.stop).toEqual(['wf']);
  });
});

describe('an artifact by an expression', () => {
  it.each([
    ['a number', '1 + 1'],
    ['a text that looks like its name', "'.tasks.a.outputs.artifacts.file'"],
    ['nothing', 'nil'],
  ])('is a fault of the call when it gives %s', (_what, fromExpression) => {
    const run = new PlayRun(
      workflowOf([
        {
          name: 'main',
          dag: {
            tasks: [
              call('a', 'give'),
              call('b', 'take', {
                depends: 'a',
                arguments: { artifacts: [{ name: 'file', fromExpression }] },
              }),
            ],
          },
        },
        leaf('give', {
          outputs: { artifacts: [{ name: 'file', path: '/f' }] },
        }),
        leaf('take', { inputs: { artifacts: [{ name: 'file', path: '/f' }] } }),
      ]),
    );
    run.look();
    run.end('wf.a', {
      outputs: { artifacts: [{ name: 'file', key: 'k' } as any] },
    });
    expect(run.node('wf.b')).toMatchObject({
      phase: 'Error',
      message: expect.stringContaining('gives no artifact'),
    });
  });
});

describe('AllFailed', () => {
  const played = (withItems: string[] | undefined, depends: string) => {
    const run = new PlayRun(
      workflowOf([
        {
          name: 'main',
          dag: {
            failFast: false,
            tasks: [
              call('a', 'leaf', withItems ? { withItems } : {}),
              call('b', 'leaf', { depends }),
            ],
          },
        },
        leaf('leaf'),
      ]),
    );
    run.look();
    for (const name of run.started) run.fail(name);
    run.look();
    return run.started.includes('wf.b');
  };

  it('holds for a loop of one that failed, and for no task that is no loop', () => {
    expect(played(['x'], 'a.AllFailed')).toBe(true);
    expect(played(['x', 'y'], 'a.AllFailed')).toBe(true);
    expect(played(undefined, 'a.AllFailed')).toBe(false);
  });
});

it('lets nothing more begin in a template without a name while as many of its pods run as it allows', () => {
  const run = new PlayRun(
    workflowOf([
      steps([
        {
          name: 'work',
          inline: {
            parallelism: 1,
            dag: {
              tasks: [
                call('long', 'leaf'),
                call('short', 'leaf'),
                call('next', 'leaf', { depends: 'short' }),
              ],
            },
          },
        },
      ]),
      leaf('leaf'),
    ]),
  );
  run.look();
  run.look();
  expect(run.started).toContain('wf[0].work.short');
  run.end('wf[0].work.short');
  run.look();
  expect(run.started).not.toContain('wf[0].work.next');
  run.end('wf[0].work.long');
  run.look();
  expect(run.started).toContain('wf[0].work.next');
});

it('tells of progress only when a pass moved something', () => {
  const run = new PlayRun(
    workflowOf([steps([call('a', 'leaf')]), leaf('leaf')]),
  );
  run.look();
  const before = structuredClone(run.state);
  run.look();
  run.look();
  run.end('wf[0].a');
  expect(before.progress).toBe('0/1');
  expect(run.state.progress).toBe('1/1');
  expect(run.node('wf').children).toEqual([id('wf[0]')]);
});

it('is not looked at again for nothing while a task waits for words, another for a lock, and a pod runs', () => {
  const value = '{{tasks.pod.outputs.result}}';
  const run = new PlayRun(
    workflowOf([
      {
        name: 'main',
        dag: {
          tasks: [
            call('pod', 'leaf'),
            call('locked', 'locked'),
            call('lost', 'take', {
              arguments: { parameters: [{ name: 'x', value }] },
            }),
          ],
        },
      },
      leaf('leaf'),
      leaf('locked', { synchronization: { mutexes: [{ name: 'm' }] } }),
      leaf('take', { inputs: { parameters: [{ name: 'x' }] } }),
    ]),
    { lock: () => ({ held: 1, limit: 1 }) },
  );
  run.look();
  run.look();
  run.look();
  expect(run.node('wf.locked').phase).toBe('Pending');
  expect(run.node('wf.pod').phase).toBe('Running');
  expect(run.node('wf.lost')).toBeUndefined();
  expect(run.last.requeueAt).toBeUndefined();
});

it('is looked at again at once when a node became an error, since who waits for it may hear of it then only', () => {
  const run = new PlayRun(
    workflowOf([
      {
        name: 'main',
        dag: {
          failFast: false,
          tasks: [
            call('a', 'leaf', { withParam: 'no list' }),
            call('b', 'leaf'),
          ],
        },
      },
      leaf('leaf'),
    ]),
  );
  run.look();
  expect(run.node('wf.a').phase).toBe('Error');
  expect(run.last.requeueAt).toBe(run.now);
  run.look();
  expect(run.state.phase).toBe('Running');
  expect(run.last.requeueAt).toBeUndefined();
});

it('what comes after a step that was tried again hears of its last attempt', () => {
  const run = new PlayRun(
    workflowOf([
      steps([call('a', 'again')], [call('b', 'tell')]),
      leaf('again', { retryStrategy: { limit: 1 } }),
      say('tell', '{{inputs.parameters.x}}', {
        inputs: { parameters: [{ name: 'x' }] },
      }),
    ]),
  );
  run.workflow.spec.templates[0].steps[1][0].arguments = {
    parameters: [{ name: 'x', value: '{{steps.a.id}}' }],
  };
  run.look();
  run.fail('wf[0].a(0)');
  run.end('wf[0].a(1)');
  expect(saidBy(run, 'wf[1].b')).toBe(id('wf[0].a(1)'));
});

it('text that is no expression fails the template that has it', () => {
  const run = new PlayRun(workflowOf([say('main', '{{=1 +}}')]));
  run.look();
  expect(run.state).toMatchObject({
    phase: 'Error',
    message: expect.stringMatching(
      /^error in entry template execution: failed to evaluate expression: unexpected token EOF/,
    ),
  });
  expect(run.node('wf').type).toBe('Skipped');
});

it('an expression with quotes that has no value when its pod is made is an error of the step', () => {
  const run = new PlayRun(workflowOf([say('main', '{{=asInt("q")}}')]));
  run.look();
  expect(run.started).toEqual([]);
  expect(run.node('wf')).toMatchObject({
    type: 'Pod',
    phase: 'Error',
    message: expect.stringContaining('unrecognized character: U+005C'),
  });
});
