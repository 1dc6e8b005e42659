/* What hooks are given, and what goes on when they cannot run. */
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

const given = (name: string, value: string) => ({
  parameters: [{ name, value }],
});

describe('the exit hook of a step', () => {
  it('is given an artifact of the step, and one of its own as it is', () => {
    const run = new PlayRun(
      workflowOf(
        [
          steps([
            call('a', 'give', {
              hooks: {
                exit: {
                  template: 'take',
                  arguments: {
                    artifacts: [
                      {
                        name: 'one',
                        from: '{{ steps.a.outputs.artifacts.d }}',
                      },
                      { name: 'two', raw: { data: 'x' } },
                    ],
                  },
                },
              },
            }),
          ]),
          leaf('give', {
            outputs: { artifacts: [{ name: 'd', path: '/out/d' }] },
          }),
          leaf('take', {
            inputs: {
              artifacts: [
                { name: 'one', path: '/one' },
                { name: 'two', path: '/two' },
              ],
            },
          }),
        ],
        { arguments: given('p', 'of the run') },
      ),
    );
    run.look();
    run.end('wf[0].a', {
      outputs: {
        artifacts: [{ name: 'd', path: '/out/d', s3: { key: 'k' } } as any],
      },
    });
    expect(run.last.start[0].nodeName).toBe('wf[0].a.onExit');
    expect(run.last.start[0].template.inputs.artifacts).toEqual([
      { name: 'one', path: '/one', s3: { key: 'k' } },
      { name: 'two', path: '/two', raw: { data: 'x' } },
    ]);
  });

  it('is given the arguments of the run when it has none of its own, as the exit handler of the run is', () => {
    const run = new PlayRun(
      workflowOf(
        [
          steps([call('a', 'leaf', { hooks: { exit: { template: 'bye' } } })]),
          leaf('leaf'),
          say('bye', '{{inputs.parameters.p}}', {
            inputs: { parameters: [{ name: 'p' }] },
          }),
        ],
        { arguments: given('p', 'of the run'), onExit: 'bye' },
      ),
    );
    run.look();
    run.end('wf[0].a');
    expect(saidBy(run, 'wf[0].a.onExit')).toBe('of the run');
    run.end('wf[0].a.onExit');
    expect(saidBy(run, 'wf.onExit')).toBe('of the run');
  });

  it('is not run when its expression is false, and goes before a task that waits for the step', () => {
    const exit = (expression: string) => ({
      hooks: { exit: { template: 'bye', expression } },
    });
    const run = new PlayRun(
      workflowOf([
        dag(
          call('a', 'leaf', exit("tasks.a.status == 'Failed'")),
          call('b', 'leaf', exit("tasks.b.status == 'Succeeded'")),
          call('c', 'leaf', { depends: 'a' }),
          call('d', 'leaf', { depends: 'b' }),
        ),
        leaf('leaf'),
        leaf('bye'),
      ]),
    );
    run.look();
    run.end('wf.a');
    run.end('wf.b');
    run.look();
    expect(run.started).toEqual(['wf.a', 'wf.b', 'wf.c', 'wf.b.onExit']);
    run.end('wf.b.onExit');
    run.look();
    expect(run.started).toContain('wf.d');
    run.end('wf.c');
    run.end('wf.d');
    expect(run.state.phase).toBe('Succeeded');
  });

  it('is not run, and not waited for, when the run is terminated', () => {
    const run = new PlayRun(
      workflowOf([
        steps([call('a', 'leaf', { hooks: { exit: { template: 'bye' } } })]),
        leaf('leaf'),
        leaf('bye'),
      ]),
    );
    run.look();
    run.look({ shutdown: 'Terminate' });
    run.look({ shutdown: 'Terminate' });
    expect(run.started).toEqual(['wf[0].a']);
    expect(run.state.phase).toBe('Failed');
  });

  it('is waited for when a DAG is stopped', () => {
    const run = new PlayRun(
      workflowOf([
        dag(call('a', 'leaf', { hooks: { exit: { template: 'bye' } } })),
        leaf('leaf'),
        leaf('bye'),
      ]),
    );
    run.look();
    run.look({ shutdown: 'Stop' });
    run.look({ shutdown: 'Stop' });
    expect(run.started).toEqual(['wf.a', 'wf.a.onExit']);
    expect(run.state.phase).toBe('Running');
    run.end('wf.a.onExit', {}, { shutdown: 'Stop' });
    expect(run.node('wf.a.onExit').phase).toBe('Succeeded');
    expect(run.state.phase).toBe('Failed');
  });
});

describe('a stop of a DAG', () => {
  it('ends it, whatever tasks have not begun yet', () => {
    const run = new PlayRun(
      workflowOf([
        dag(call('a', 'leaf'), call('b', 'leaf', { depends: 'a' })),
        leaf('leaf'),
      ]),
    );
    run.look();
    run.look({ shutdown: 'Stop' });
    expect(run.state.phase).toBe('Failed');
    expect(run.started).toEqual(['wf.a']);
  });

  it('lets the exit handler go on that is one', () => {
    const run = new PlayRun(
      workflowOf(
        [
          leaf('leaf'),
          {
            ...dag(call('x', 'leaf'), call('y', 'leaf', { depends: 'x' })),
            name: 'bye',
          },
        ],
        { onExit: 'bye' },
      ),
    );
    const stop = { shutdown: 'Stop' } as const;
    run.look();
    run.look(stop);
    run.end('wf.onExit.x', {}, stop);
    expect(run.started).toEqual(['wf', 'wf.onExit.x', 'wf.onExit.y']);
    expect(run.state.phase).toBe('Running');
    run.end('wf.onExit.y', {}, stop);
    expect(run.node('wf.onExit').phase).toBe('Succeeded');
    expect(run.state.phase).toBe('Failed');
  });
});

it('a hook of a task that runs begins while others wait for the task', () => {
  const expression = "tasks.a.status == 'Running'";
  const run = new PlayRun(
    workflowOf([
      dag(
        call('a', 'leaf', { hooks: { on: { template: 'leaf', expression } } }),
        call('b', 'leaf', { depends: 'a' }),
      ),
      leaf('leaf'),
    ]),
  );
  run.look();
  run.look();
  expect(run.started).toEqual(['wf.a', 'wf.a.hooks.on']);
});

describe('a hook of a step that waits for a person', () => {
  it('is given an empty text for what nobody supplied yet', () => {
    const run = new PlayRun(
      workflowOf([
        steps([
          call('ask', 'ask', {
            hooks: {
              asked: {
                template: 'tell',
                expression: "steps.ask.status == 'Running'",
                arguments: given(
                  'x',
                  '<{{steps.ask.outputs.parameters.answer}}>',
                ),
              },
            },
          }),
        ]),
        {
          name: 'ask',
          suspend: {},
          outputs: {
            parameters: [{ name: 'answer', valueFrom: { supplied: {} } }],
          },
        },
        say('tell', '{{inputs.parameters.x}}', {
          inputs: { parameters: [{ name: 'x' }] },
        }),
      ]),
    );
    run.look();
    expect(saidBy(run, 'wf[0].ask.hooks.asked')).toBe('<>');
  });
});

it('a hook without an expression is a fault of its task alone', () => {
  const run = new PlayRun(
    workflowOf([
      dag(
        call('a', 'leaf', { hooks: { running: { template: 'leaf' } } }),
        call('b', 'leaf'),
        call('c', 'leaf', { depends: 'a' }),
      ),
      leaf('leaf'),
    ]),
  );
  run.look();
  run.look();
  expect(run.node('wf.a')).toMatchObject({
    phase: 'Error',
    message: 'Expression required for hook wf.a.hooks.running',
  });
  expect(run.node('wf.b').phase).toBe('Running');
  expect(run.node('wf').phase).toBe('Running');
});

it('a hook that cannot be decided when its step is over breaks the group, of which the next pass hears', () => {
  const expression = "steps.a.status == 'Succeeded' && 1 + 'x' == 2";
  const run = new PlayRun(
    workflowOf([
      steps([
        call('a', 'leaf', { hooks: { odd: { template: 'leaf', expression } } }),
      ]),
      leaf('leaf'),
    ]),
  );
  run.look();
  run.end('wf[0].a');
  expect(run.node('wf[0]').phase).toBe('Error');
  expect(run.node('wf').phase).toBe('Running');
  expect(run.last.requeueAt).toBe(run.now);
  run.look();
  expect(run.state.phase).toBe('Failed');
});

it('a group that a hook broke is heard of when what else it began is over', () => {
  const run = new PlayRun(
    workflowOf([
      steps([
        call('a', 'leaf', {
          hooks: { odd: { template: 'leaf', expression: 'nosuch.x' } },
        }),
        call('b', 'leaf'),
      ]),
      leaf('leaf'),
    ]),
  );
  run.look();
  expect(run.node('wf[0]').phase).toBe('Error');
  run.end('wf[0].a');
  expect(run.state.phase).toBe('Failed');
  expect(run.started).toEqual(['wf[0].a', 'wf[0].b']);
});

it('a hook knows how its step stands, and of what it gave its output parameters alone', () => {
  const said = (value: string) => {
    const run = new PlayRun(
      workflowOf([
        steps([
          call('a', 'leaf', {
            hooks: {
              exit: {
                template: 'tell',
                arguments: { parameters: [{ name: 'x', value }] },
              },
            },
          }),
        ]),
        leaf('leaf'),
        say('tell', '{{inputs.parameters.x}}', {
          inputs: { parameters: [{ name: 'x' }] },
        }),
      ]),
    );
    run.look();
    run.end('wf[0].a', {
      outputs: { result: 'r', parameters: [{ name: 'p', value: '7' }] },
    });
    return saidBy(run, 'wf[0].a.onExit');
  };
  expect(said('{{steps.a.status}} {{steps.a.outputs.parameters.p}}')).toBe(
    'Succeeded 7',
  );
  expect(said('{{steps.a.outputs.result}}')).toBe('{{steps.a.outputs.result}}');
  expect(said('{{steps.a.id}}')).toBe('{{steps.a.id}}');
});

it('a task whose hook has a fault ends with it, and its exit hook does not begin', () => {
  const hooks = {
    bad: { template: 'leaf', expression: 'nosuch.x == 1' },
    exit: { template: 'leaf' },
  };
  const run = new PlayRun(
    workflowOf([
      dag(call('a', 'leaf', { hooks }), call('b', 'leaf', { depends: 'a' })),
      leaf('leaf'),
    ]),
  );
  run.look();
  run.end('wf.a');
  expect(run.node('wf.a')).toMatchObject({
    phase: 'Error',
    message: expect.stringMatching(/^unknown name nosuch/),
  });
  expect(run.node('wf.b').phase).toBe('Omitted');
  expect(run.started).toEqual(['wf.a']);
  expect(run.state.phase).toBe('Error');
});

it('a fault in the condition of a task’s exit hook keeps nothing back', () => {
  const hooks = { exit: { template: 'leaf', expression: 'nosuch.x == 1' } };
  const run = new PlayRun(
    workflowOf([
      dag(call('a', 'leaf', { hooks }), call('b', 'leaf', { depends: 'a' })),
      leaf('leaf'),
    ]),
  );
  run.look();
  run.end('wf.a');
  run.end('wf.b');
  expect(run.started).toEqual(['wf.a', 'wf.b']);
  expect(run.state.phase).toBe('Succeeded');
});
