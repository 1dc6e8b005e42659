/* What the records of the controller do not show: times, ends from outside, words of exit handlers, locks of other runs. */
import { nodeId, operate } from '../index';
import { podName } from './names';
import {
  call,
  leaf,
  PlayRun,
  say,
  steps,
  workflowOf,
} from '../__testUtils__/playRun';

const id = (name: string) => nodeId('wf', name);
const argsOf = (run: PlayRun, name: string) =>
  run.last.start.find(item => item.nodeName === name)?.template.container.args;

describe('a stop', () => {
  const workflow = workflowOf(
    [
      steps([
        call('pod', 'leaf'),
        call('ask', 'ask'),
        call('locked', 'locked'),
        call('other', 'locked'),
      ]),
      leaf('leaf'),
      leaf('locked', { synchronization: { mutexes: [{ name: 'm' }] } }),
      { name: 'ask', suspend: {} },
      say('bye', '{{workflow.status}} {{workflow.duration}}'),
    ],
    { onExit: 'bye' },
  );
  const begun = () => {
    const run = new PlayRun(workflow);
    run.look();
    run.look();
    return run;
  };

  it('ends pods and waiting steps at once, and runs the exit handler', () => {
    const run = begun();
    run.nowMs += 90_000;
    run.look({ shutdown: 'Stop' });
    expect([...run.last.stop].sort()).toEqual(
      [id('wf[0].pod'), id('wf[0].locked')].sort(),
    );
    expect(run.node('wf[0].pod')).toMatchObject({
      phase: 'Failed',
      message: 'workflow shutdown with strategy:  Stop',
    });
    expect(run.node('wf[0].ask')).toMatchObject({
      phase: 'Failed',
      message: "Stopped with strategy 'Stop'",
    });
    expect(argsOf(run, 'wf.onExit')).toEqual(['Failed 90.000000']);
    expect(run.state.phase).toBe('Running');
    run.end('wf.onExit', {}, { shutdown: 'Stop' });
    expect(run.state).toMatchObject({
      phase: 'Failed',
      message: "Stopped with strategy 'Stop'",
    });
    expect(run.state.locks).toBeUndefined();
  });

  it('runs no exit handler when it is a termination', () => {
    const run = begun();
    run.look({ shutdown: 'Terminate' });
    expect(run.state.phase).toBe('Failed');
    expect(run.started).not.toContain('wf.onExit');
    expect(run.state.finishedAt).toBe(run.now);
    expect(run.state.locks).toBeUndefined();
  });

  it('changes nothing of a run that is over', () => {
    const run = begun();
    run.look({ shutdown: 'Terminate' });
    const { state } = run;
    expect(run.look()).toEqual({ state, start: [], stop: [], saves: [] });
  });

  it('ends a run that waits for its own lock', () => {
    const run = new PlayRun(
      workflowOf([leaf('main')], {
        synchronization: { mutexes: [{ name: 'w' }] },
      }),
      { lock: () => ({ held: 1, limit: 1 }) },
    );
    run.look();
    expect(run.state).toMatchObject({
      phase: 'Pending',
      message: 'Waiting for default/Mutex/w lock. Lock status: 0/1',
    });
    run.look({ shutdown: 'Stop' });
    expect(run.state).toMatchObject({
      phase: 'Failed',
      message: "Stopped with strategy 'Stop'",
    });
    expect(run.started).toEqual([]);
  });
});

describe('the deadline of a run', () => {
  const workflow = workflowOf(
    [
      steps([call('pod', 'leaf'), call('ask', 'ask'), call('short', 'short')]),
      leaf('leaf'),
      leaf('short', { activeDeadlineSeconds: 10 }),
      { name: 'ask', suspend: {} },
      leaf('bye'),
    ],
    { activeDeadlineSeconds: 60, onExit: 'bye' },
  );

  it('is when the run is looked at again, and what its pods have at most', () => {
    const run = new PlayRun(workflow);
    run.look();
    const deadlines = Object.fromEntries(
      run.last.start.map(item => [item.nodeName, item.activeDeadlineSeconds]),
    );
    expect(deadlines).toEqual({ 'wf[0].pod': 60, 'wf[0].short': 10 });
    run.nowMs += 1000;
    run.look();
    expect(run.last.requeueAt).toBe('2026-01-01T00:01:00.000Z');
    run.nowMs += 58_999;
    run.look();
    expect(run.node('wf[0].pod').phase).toBe('Running');
  });

  it.each([
    ['pod', leaf('locked')],
    ['template of steps', { ...steps([call('in', 'leaf')]), name: 'locked' }],
  ])('ends a %s too that waits for its lock', (_what, template) => {
    const synchronization = { mutexes: [{ name: 'm' }] };
    const run = new PlayRun(
      workflowOf(
        [
          steps([call('a', 'locked')]),
          { ...template, synchronization },
          leaf('leaf'),
        ],
        { activeDeadlineSeconds: 60 },
      ),
      { lock: () => ({ held: 1, limit: 1 }) },
    );
    run.look();
    run.nowMs += 60_000;
    run.look();
    expect(run.node('wf[0].a')).toMatchObject({
      phase: 'Failed',
      message: 'Step exceeded its deadline',
    });
    run.look();
    expect(run.state.phase).toBe('Failed');
    expect(run.last.stop).toEqual([]);
  });

  it('ends everything but the exit handler', () => {
    const run = new PlayRun(workflow);
    run.look();
    run.look();
    run.nowMs += 60_000;
    run.look();
    for (const name of ['wf[0].pod', 'wf[0].ask'])
      expect(run.node(name)).toMatchObject({
        phase: 'Failed',
        message: 'Step exceeded its deadline',
      });
    expect(run.last.stop).toContain(id('wf[0].pod'));
    expect(run.started).toContain('wf.onExit');
    const exit = run.last.start.find(item => item.nodeName === 'wf.onExit');
    expect(exit?.activeDeadlineSeconds).toBeUndefined();
    run.nowMs += 60_000;
    run.look();
    expect(run.node('wf.onExit').phase).toBe('Running');
    run.end('wf.onExit');
    expect(run.state.phase).toBe('Failed');
  });

  it('is none when it is no number', () => {
    const run = new PlayRun(
      workflowOf([leaf('main')], { activeDeadlineSeconds: 'soon' }),
    );
    run.look();
    run.nowMs += 1e9;
    run.look();
    expect(run.last).not.toHaveProperty('requeueAt');
    expect(run.last.start).toEqual([]);
    run.end('wf');
    expect(run.state.phase).toBe('Succeeded');
    expect(run.node('wf')).not.toHaveProperty('podRequested');
  });

  it('has the run looked at again at once when it comes between two steps', () => {
    const run = new PlayRun(
      workflowOf(
        [steps([call('a', 'leaf')], [call('b', 'leaf')]), leaf('leaf')],
        {
          activeDeadlineSeconds: 60,
        },
      ),
    );
    run.look();
    run.nowMs += 60_000;
    run.end('wf[0].a');
    expect(run.started).toEqual(['wf[0].a']);
    expect(run.last.requeueAt).toBe(run.now);
  });

  it('lets no pod begin that has less than a second', () => {
    const chain = workflowOf(
      [
        steps([call('a', 'leaf')], [call('b', 'leaf')]),
        leaf('leaf', { activeDeadlineSeconds: 300 }),
      ],
      { activeDeadlineSeconds: 60 },
    );
    const late = (leftMs: number) => {
      const run = new PlayRun(chain);
      run.look();
      run.nowMs += 60_000 - leftMs;
      run.end('wf[0].a');
      return run;
    };
    expect(late(999).started).toEqual(['wf[0].a']);
    expect(late(999).last.requeueAt).toBe('2026-01-01T00:01:00.000Z');
    const last = late(1000);
    expect(last.started).toEqual(['wf[0].a', 'wf[1].b']);
    expect(last.last.start[0].activeDeadlineSeconds).toBe(1);
  });
});

describe('times of a step', () => {
  it('counts the timeout of a template from the making of its node', () => {
    const run = new PlayRun(
      workflowOf([
        steps([call('a', 'm'), call('b', 'm')]),
        leaf('m', {
          timeout: '30s',
          synchronization: { mutexes: [{ name: 'm' }] },
        }),
      ]),
    );
    run.look();
    expect(run.started).toEqual(['wf[0].a']);
    expect(run.last.start[0].activeDeadlineSeconds).toBe(30);
    run.nowMs += 20_000;
    run.look();
    expect(run.last.requeueAt).toBe('2026-01-01T00:00:30.000Z');
    run.end('wf[0].a');
    run.look();
    expect(run.last.start[0] ?? run.pods[id('wf[0].b')]).toBeDefined();
    expect(run.started).toEqual(['wf[0].a', 'wf[0].b']);
  });

  it('fails a step that waits for its lock longer than its timeout', () => {
    const run = new PlayRun(
      workflowOf([
        steps([call('a', 'm')]),
        leaf('m', {
          timeout: '30s',
          synchronization: { mutexes: [{ name: 'm' }] },
        }),
      ]),
      { lock: () => ({ held: 1, limit: 1 }) },
    );
    run.look();
    expect(run.node('wf[0].a')).toMatchObject({
      phase: 'Pending',
      message: 'Waiting for default/Mutex/m lock. Lock status: 0/1',
      synchronizationStatus: { waiting: 'default/Mutex/m' },
    });
    run.nowMs += 29_999;
    run.look();
    expect(run.node('wf[0].a').phase).toBe('Pending');
    run.nowMs += 1;
    run.look();
    expect(run.node('wf[0]')).toMatchObject({
      phase: 'Failed',
      message: 'timeout',
    });
    expect(run.node('wf[0].a')).toMatchObject({
      phase: 'Failed',
      message: 'timeout',
    });
    expect(run.state.phase).toBe('Failed');
  });

  it('begins when its pod does, and is looked at again when its time of waiting is over', () => {
    const run = new PlayRun(
      workflowOf([
        steps([call('a', 'leaf'), call('w', 'w'), call('v', 'v')]),
        leaf('leaf'),
        { name: 'w', suspend: { duration: '20' } },
        { name: 'v', suspend: { duration: '10s' } },
      ]),
    );
    run.look();
    expect(run.last.requeueAt).toBe('2026-01-01T00:00:10.000Z');
    const startedAt = '2026-01-01T00:00:05.000Z';
    run.pods[id('wf[0].a')] = {
      nodeId: id('wf[0].a'),
      phase: 'Pending',
      startedAt,
    };
    run.look();
    expect(run.node('wf[0].a')).toMatchObject({ phase: 'Pending', startedAt });
    run.pods[id('wf[0].a')].phase = 'Running';
    run.pods[id('wf[0].a')].startedAt = '2026-01-01T00:00:06.000Z';
    run.look();
    expect(run.node('wf[0].a').phase).toBe('Running');
    run.pods[id('wf[0].a')].startedAt = '2026-01-01T00:00:09.000Z';
    run.look();
    expect(run.node('wf[0].a').startedAt).toBe('2026-01-01T00:00:06.000Z');
    run.nowMs += 10_000;
    run.look();
    expect(run.node('wf[0].v').phase).toBe('Succeeded');
    expect(run.node('wf[0].w').phase).toBe('Running');
    expect(run.last.requeueAt).toBe('2026-01-01T00:00:20.000Z');
  });

  it('waits between attempts, and says how long', () => {
    const run = new PlayRun(
      workflowOf([
        leaf('main', {
          retryStrategy: {
            limit: 3,
            backoff: { duration: '10', factor: 3, cap: '1m' },
          },
        }),
      ]),
    );
    run.look();
    run.fail('wf(0)');
    expect(run.node('wf').message).toBe('Backoff for 10 seconds');
    expect(run.last.requeueAt).toBe('2026-01-01T00:00:10.000Z');
    run.nowMs += 10_000;
    run.look();
    expect(run.started).toEqual(['wf(0)', 'wf(1)']);
    run.fail('wf(1)');
    expect(run.node('wf').message).toBe('Backoff for 30 seconds');
    run.nowMs += 30_000;
    run.look();
    run.fail('wf(2)');
    expect(run.node('wf').message).toBe('Backoff for 1 minute 0 seconds');
    run.nowMs += 59_999;
    run.look();
    expect(run.started).toHaveLength(3);
    run.nowMs += 1;
    run.look();
    expect(run.started).toHaveLength(4);
  });
});

describe('the end of a run', () => {
  it('gives the exit handler what failed, quoted once more', () => {
    const run = new PlayRun(
      workflowOf(
        [
          steps([call('a', 'leaf')]),
          leaf('leaf'),
          say('bye', '{{workflow.failures}}'),
        ],
        { onExit: 'bye' },
      ),
    );
    run.look();
    run.fail('wf[0].a', 3);
    const [text] = argsOf(run, 'wf.onExit');
    expect(JSON.parse(JSON.parse(text))).toContainEqual({
      displayName: 'a',
      message: 'main: Error (exit code 3)',
      templateName: 'leaf',
      phase: 'Failed',
      podName: podName('wf', 'wf[0].a', 'leaf'),
      finishedAt: '2026-01-01T00:00:00Z',
    });
    const good = new PlayRun(run.workflow);
    good.look();
    good.end('wf[0].a');
    expect(argsOf(good, 'wf.onExit')).toEqual(['"null"']);
  });

  it('gives the exit handler one failure as a list, and none as null', () => {
    const failures = (phase: 'Succeeded' | 'Failed') => {
      const run = new PlayRun(
        workflowOf([leaf('main'), say('bye', '{{workflow.failures}}')], {
          onExit: 'bye',
        }),
      );
      run.look();
      run.end('wf', { phase });
      return JSON.parse(JSON.parse(argsOf(run, 'wf.onExit')[0]));
    };
    expect(failures('Succeeded')).toBeNull();
    expect(failures('Failed')).toEqual([
      expect.objectContaining({ displayName: 'wf', phase: 'Failed' }),
    ]);
  });

  it('is an error when there is no such exit handler, and takes its phase when it fails', () => {
    const lost = new PlayRun(workflowOf([leaf('main')], { onExit: 'lost' }));
    lost.look();
    lost.end('wf');
    expect(lost.state).toMatchObject({
      phase: 'Error',
      message: 'error in exit template execution : template lost not found',
    });
    const bad = new PlayRun(
      workflowOf([leaf('main'), leaf('bye')], { onExit: 'bye' }),
    );
    bad.look();
    bad.end('wf');
    bad.fail('wf.onExit', 4);
    expect(bad.state).toMatchObject({
      phase: 'Failed',
      message: 'main: Error (exit code 4)',
    });
  });

  it('gives hooks of the run what their arguments say of it', () => {
    const hooked = say('hooked', '{{inputs.parameters.x}}', {
      inputs: { parameters: [{ name: 'x' }] },
    });
    const hook = (more: Record<string, any>, value: string) => ({
      template: 'hooked',
      arguments: { parameters: [{ name: 'x', value }] },
      ...more,
    });
    const run = new PlayRun(
      workflowOf([leaf('main'), hooked], {
        hooks: {
          exit: hook({}, "{{workflow.status}} {{=workflow.name + '!'}}"),
          run: hook(
            { expression: "workflow.status == 'Running'" },
            '{{workflow.name}} {{workflow.status}}',
          ),
        },
      }),
    );
    run.look();
    expect(run.started).toEqual(['wf']);
    run.look();
    expect(argsOf(run, 'wf.hooks.run')).toEqual(['wf Running']);
    run.end('wf.hooks.run');
    run.fail('wf');
    expect(argsOf(run, 'wf.onExit')).toEqual(['Failed wf!']);
    expect(run.node('wf.onExit').inputs!.parameters).toEqual([
      { name: 'x', value: 'Failed wf!' },
    ]);
  });

  it('gives the exit hook of a step that gave nothing what is known of it', () => {
    const run = new PlayRun(
      workflowOf([
        {
          name: 'main',
          dag: {
            tasks: [
              {
                name: 't',
                template: 'inner',
                hooks: {
                  exit: {
                    template: 'hooked',
                    arguments: {
                      parameters: [{ name: 'x', value: '{{tasks.t.status}}' }],
                    },
                  },
                },
              },
            ],
          },
        },
        { name: 'inner', steps: [[{ name: 'a', template: 'leaf' }]] },
        leaf('leaf'),
        say('hooked', '{{inputs.parameters.x}}', {
          inputs: { parameters: [{ name: 'x' }] },
        }),
      ]),
    );
    run.look();
    run.fail('wf.t[0].a');
    expect(argsOf(run, 'wf.t.onExit')).toEqual(['Failed']);
  });

  it('waits for the limit of pods before the exit handler', () => {
    const run = new PlayRun(
      workflowOf([leaf('main'), leaf('bye'), leaf('beside')], {
        onExit: 'bye',
        parallelism: 1,
        hooks: {
          beside: {
            template: 'beside',
            expression: "workflow.status == 'Succeeded'",
          },
        },
      }),
    );
    run.look();
    run.end('wf');
    expect(run.started).toEqual(['wf', 'wf.hooks.beside']);
    run.end('wf.hooks.beside');
    run.look();
    expect(run.started).toEqual(['wf', 'wf.hooks.beside', 'wf.onExit']);
    run.end('wf.onExit');
    expect(run.state.phase).toBe('Succeeded');
  });

  it('is an error when a step needs what nobody will ever give', () => {
    const run = new PlayRun(
      workflowOf([
        steps(
          [call('a', 'leaf')],
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
        leaf('leaf'),
        leaf('take', { inputs: { parameters: [{ name: 'x' }] } }),
      ]),
    );
    run.look();
    run.end('wf[0].a');
    run.look();
    expect(run.state.phase).toBe('Failed');
    expect(run.node('wf[1]')).toMatchObject({
      phase: 'Error',
      message: 'failed to resolve {{steps.a.outputs.parameters.p}}',
    });
  });

  it('is an error when templates call each other without end', () => {
    const run = new PlayRun(workflowOf([steps([call('again', 'main')])]));
    run.look();
    for (let pass = 0; pass < 3; pass += 1) run.look();
    expect(
      Object.values(run.state.nodes).find(node =>
        /Maximum recursion depth/.test(node.message ?? ''),
      ),
    ).toBeDefined();
  });
});

describe('locks', () => {
  const two = (synchronization: any, input = {}) => {
    const run = new PlayRun(
      workflowOf([
        steps([call('a', 's'), call('b', 's'), call('c', 's')]),
        leaf('s', { synchronization }),
      ]),
      input,
    );
    run.look();
    return run;
  };
  const semaphore = {
    semaphores: [{ configMapKeyRef: { name: 'limits', key: 'gpu' } }],
  };

  it('lets as many run as the limit says, those of other runs counted', () => {
    const asked: string[] = [];
    const lock = (name: string) => {
      asked.push(name);
      return { held: 1, limit: 3 };
    };
    const run = two(semaphore, { lock });
    expect(new Set(asked)).toEqual(new Set(['default/ConfigMap/limits/gpu']));
    expect(run.started).toEqual(['wf[0].a', 'wf[0].b']);
    expect(run.state.locks!['default/ConfigMap/limits/gpu']).toEqual({
      holding: [id('wf[0].a'), id('wf[0].b')],
      waiting: [id('wf[0].c')],
    });
    expect(run.node('wf[0].c').message).toBe(
      'Waiting for default/ConfigMap/limits/gpu lock. Lock status: 0/3',
    );
    run.end('wf[0].a');
    run.look();
    expect(run.started).toContain('wf[0].c');
    expect(run.node('wf[0].c').message).toBeUndefined();
    expect(run.node('wf[0].c').synchronizationStatus).toBeUndefined();
    run.end('wf[0].b');
    run.end('wf[0].c');
    run.look();
    expect(run.state.phase).toBe('Succeeded');
    expect(run.state.locks).toBeUndefined();
  });

  it('leaves nothing of the waiting with a node that ends before its turn', () => {
    const run = two({ mutexes: [{ name: 'm' }] });
    expect(run.node('wf[0].b').synchronizationStatus).toEqual({
      waiting: 'default/Mutex/m',
    });
    run.end('wf[0].a', {}, { shutdown: 'Terminate' });
    run.look({ shutdown: 'Terminate' });
    expect(run.state.phase).toBe('Failed');
    for (const name of ['wf[0].b', 'wf[0].c']) {
      expect(run.node(name).phase).toBe('Failed');
      expect(run.node(name).synchronizationStatus).toBeUndefined();
    }
    expect(run.state.locks).toBeUndefined();
  });

  it('forgets a lock that nobody holds or waits for while the run goes on', () => {
    const run = new PlayRun(
      workflowOf([
        steps([call('a', 's')], [call('z', 'leaf')]),
        leaf('s', { synchronization: { mutexes: [{ name: 'm' }] } }),
        leaf('leaf'),
      ]),
    );
    run.look();
    expect(Object.keys(run.state.locks!)).toEqual(['default/Mutex/m']);
    run.end('wf[0].a');
    run.look();
    expect(run.state.phase).toBe('Running');
    expect(run.state.locks).toEqual({});
  });

  it('names locks of other namespaces, old spellings and databases', () => {
    const names: string[] = [];
    const lock = (name: string) => {
      names.push(name);
      return { held: 0, limit: 9 };
    };
    two(
      {
        mutex: { name: 'm' },
        mutexes: [{ name: 'n', namespace: 'other' }],
        semaphores: [{ database: { key: 'k' } }],
      },
      { lock },
    );
    expect([...new Set(names)]).toEqual([
      'default/Mutex/m',
      'other/Mutex/n',
      'default/Database/k',
    ]);
  });
});

describe('words of a run', () => {
  it('say how it stands: nothing before it was looked at, unless it waited for its lock', () => {
    const text = '<{{workflow.status}}>';
    const fresh = new PlayRun(workflowOf([say('main', text)]));
    fresh.look();
    expect(argsOf(fresh, 'wf')).toEqual(['<>']);
    const later = new PlayRun(
      workflowOf([
        steps([call('a', 'leaf')], [call('b', 'b')]),
        leaf('leaf'),
        say('b', text),
      ]),
    );
    later.look();
    later.end('wf[0].a');
    expect(argsOf(later, 'wf[1].b')).toEqual(['<Running>']);
    const waited = new PlayRun(
      workflowOf([say('main', text)], {
        synchronization: { mutexes: [{ name: 'w' }] },
      }),
    );
    waited.look({ lock: () => ({ held: 1, limit: 1 }) });
    expect(waited.state.message).toMatch(/^Waiting for/);
    waited.look();
    expect(argsOf(waited, 'wf')).toEqual(['<Pending>']);
    expect(waited.state).toMatchObject({ phase: 'Running' });
    expect(waited.state).not.toHaveProperty('message');
  });

  const wordsOf = (text: string, metadata: any, spec: any = {}) => {
    const run = new PlayRun({
      metadata: { name: 'wf', ...metadata },
      spec: { entrypoint: 'main', templates: [say('main', text)], ...spec },
    });
    run.look();
    return argsOf(run, 'wf')[0];
  };

  it('are its names, labels, annotations, times and parameters', () => {
    expect(
      wordsOf(
        [
          'workflow.name',
          'workflow.namespace',
          'workflow.uid',
          'workflow.mainEntrypoint',
          'workflow.serviceAccountName',
          'workflow.creationTimestamp',
          'workflow.priority',
          'workflow.scheduledTime',
          'workflow.labels.team',
          'workflow.annotations.note',
          'workflow.parameters.p',
        ]
          .map(name => `{{${name}}}`)
          .join('|'),
        {
          namespace: 'ns',
          uid: 'u1',
          creationTimestamp: '2025-12-31T00:00:00Z',
          labels: { team: 't' },
          annotations: {
            note: 'n',
            'workflows.argoproj.io/scheduled-time': '2025-12-30T00:00:00Z',
          },
        },
        {
          serviceAccountName: 'sa',
          priority: 3,
          arguments: { parameters: [{ name: 'p', value: 5 }, { name: 'q' }] },
        },
      ),
    ).toBe(
      'wf|ns|u1|main|sa|2025-12-31T00:00:00Z|3|2025-12-30T00:00:00Z|t|n|5',
    );
  });

  it.each([
    ['00', '12 AM'],
    ['01', '01 AM'],
    ['11', '11 AM'],
    ['12', '12 PM'],
    ['13', '01 PM'],
    ['23', '11 PM'],
  ])('have %s o’clock as %s', (hour, text) => {
    const creationTimestamp = `2025-12-31T${hour}:00:00Z`;
    const words =
      '{{workflow.creationTimestamp.I}} {{workflow.creationTimestamp.p}}';
    expect(wordsOf(words, { creationTimestamp })).toBe(text);
  });

  it('are empty or stay where nothing is known', () => {
    expect(
      wordsOf(
        '{{workflow.namespace}}|{{workflow.uid}}|{{workflow.serviceAccountName}}|{{workflow.priority}}|{{workflow.scheduledTime}}|{{workflow.parameters.q}}',
        {},
        {
          arguments: {
            parameters: [{ name: 'q' }, { name: 'r', value: null }],
          },
        },
      ),
    ).toBe(
      'default|||{{workflow.priority}}|{{workflow.scheduledTime}}|{{workflow.parameters.q}}',
    );
    expect(
      wordsOf(
        '{{workflow.parameters}} {{workflow.parameters.json}}',
        {},
        {
          arguments: { parameters: [{ name: 'a', value: '1' }] },
        },
      ),
    ).toBe('[{"name":"a","value":"1"}] [{"name":"a","value":"1"}]');
  });

  it('have times and lists as Argo writes them', () => {
    const letters = [...'YymdHIMSLpAaBbZzs', 'RFC3339'];
    expect(
      wordsOf(
        letters
          .map(letter => `{{workflow.creationTimestamp.${letter}}}`)
          .join('|'),
        { creationTimestamp: '2026-03-04T13:05:09.700Z' },
      ),
    ).toBe(
      '2026|26|03|04|13|01|05|09|.000|PM|Wednesday|Wed|March|Mar|UTC|+0000|1772629509|2026-03-04T13:05:09Z',
    );
    expect(
      wordsOf(
        '{{workflow.creationTimestamp}} {{workflow.labels}} {{workflow.labels.json}} {{workflow.annotations}} {{workflow.labels.c}}',
        {
          creationTimestamp: '2026-03-04T00:05:09.700Z',
          labels: { b: '1', a: '<' },
        },
        { workflowMetadata: { labels: { c: 'added' } } },
      ),
    ).toBe(
      '2026-03-04T00:05:09Z {"a":"\\u003c","b":"1"} {"a":"\\u003c","b":"1"} null added',
    );
    expect(
      wordsOf(
        '{{workflow.parameters}}',
        {},
        {
          arguments: {
            parameters: [
              {
                description: 'd',
                enum: ['x', 1],
                value: 1,
                name: 'a',
                default: 'x',
              },
              { name: 'b', valueFrom: { parameter: 'c' } },
            ],
          },
        },
      ),
    ).toBe(
      '[{"name":"a","default":"x","value":"1","enum":["x","1"],"description":"d"},{"name":"b","valueFrom":{"parameter":"c"}}]',
    );
    expect(wordsOf('{{workflow.parameters}}', {})).toBe('null');
  });

  it('tell how long a run goes on', () => {
    const run = new PlayRun(
      workflowOf([
        steps([call('a', 'leaf')], [call('b', 'say')]),
        leaf('leaf'),
        say('say', '{{workflow.duration}}'),
      ]),
    );
    run.look();
    run.nowMs += 2_500;
    run.end('wf[0].a');
    expect(argsOf(run, 'wf[1].b')).toEqual(['2.500000']);
  });
});

describe('a pod', () => {
  it('is asked for once, under a name that says whose it is', () => {
    const run = new PlayRun(
      workflowOf([
        steps([
          call('a', 'leaf'),
          { name: 'in', inline: { container: { image: 'i', command: ['c'] } } },
          {
            name: 'ref',
            templateRef: { name: 'lib', template: 'far' },
          },
        ]),
        leaf('leaf'),
      ]),
      {
        templates: name =>
          name === 'lib'
            ? ({
                metadata: { name },
                spec: { templates: [leaf('far')] },
              } as any)
            : undefined,
      },
    );
    run.look();
    expect(
      run.last.start.map(item => [item.nodeName, item.templateName]),
    ).toEqual([
      ['wf[0].a', 'leaf'],
      ['wf[0].in', ''],
      ['wf[0].ref', 'far'],
    ]);
    const hash = (name: string) => id(name).slice('wf-'.length);
    expect(run.last.start.map(item => item.podName)).toEqual([
      `wf-leaf-${hash('wf[0].a')}`,
      `wf-${hash('wf[0].in')}`,
      `wf-far-${hash('wf[0].ref')}`,
    ]);
    run.look();
    expect(run.last.start).toEqual([]);
    const again = operate({
      workflow: run.workflow,
      state: new PlayRun(run.workflow).state,
      pods: {},
      now: run.now,
    });
    expect(again.start.map(item => item.nodeName)).toEqual([
      'wf[0].a',
      'wf[0].in',
    ]);
  });

  it.each([
    [
      { phase: 'Failed', exitCode: 2, message: 'why' },
      'Failed',
      'main: Error (exit code 2): why',
    ],
    [
      { phase: 'Failed', exitCode: 2, podMessage: 'evicted' },
      'Failed',
      'evicted',
    ],
    [{ phase: 'Succeeded', podMessage: 'fine' }, 'Succeeded', undefined],
    [
      {
        phase: 'Failed',
        exitCode: 0,
        executorFault: {
          container: 'wait',
          exitCode: 64,
          message: 'no such file',
        },
      },
      'Error',
      'wait: Error (exit code 64): no such file',
    ],
    [
      {
        phase: 'Succeeded',
        executorFault: { container: 'init', exitCode: 1, message: '' },
      },
      'Error',
      'init: Error (exit code 1)',
    ],
    [{ phase: 'Error', exitCode: undefined, message: 'lost' }, 'Error', 'lost'],
    [
      { phase: 'Failed', exitCode: undefined, message: 'ended' },
      'Failed',
      'ended',
    ],
  ])('that ended as %j is %s', (observed, phase, message) => {
    const run = new PlayRun(workflowOf([leaf('main')]));
    run.look();
    run.end('wf', observed as any);
    expect(run.node('wf').phase).toBe(phase);
    expect(run.node('wf').message).toBe(message);
  });
});
