/* Ends that come from outside, and what is told of loops and of the whole run; as the controller of v4.1.2 does it. */
import {
  call,
  dag,
  leaf,
  PlayRun,
  steps,
  workflowOf,
} from '../__testUtils__/playRun';
import { resumeNode } from '../person/resumeNode';

const param = (name: string, value: string) => ({
  parameters: [{ name, value }],
});

describe('a stop', () => {
  it('ends what waits for a lock', () => {
    const locked = leaf('locked', {
      synchronization: { mutexes: [{ name: 'm' }] },
    });
    const tasks = ['a', 'b'].map(name => ({ name, template: 'locked' }));
    const run = new PlayRun(
      workflowOf([{ name: 'main', dag: { tasks } }, locked]),
    );
    run.look();
    run.look({ shutdown: 'Terminate' });
    expect(run.node('wf.b')).toMatchObject({
      phase: 'Failed',
      message: "Stopped with strategy 'Terminate'",
    });
    expect(run.state.phase).toBe('Failed');
    expect(run.node('wf.b').synchronizationStatus).toBeUndefined();
  });

  it('ends attempts of which none goes on, also when the last one succeeded', () => {
    const run = new PlayRun(
      workflowOf([leaf('main', { retryStrategy: { limit: 2 } })]),
    );
    run.look();
    run.end('wf(0)', {}, { shutdown: 'Stop' });
    expect(run.node('wf(0)').phase).toBe('Succeeded');
    expect(run.node('wf')).toMatchObject({
      phase: 'Failed',
      message: "Stopped with strategy 'Stop'",
    });
  });

  it('lets an exit handler that has begun come to its end', () => {
    const handler = { name: 'bye', steps: [[{ name: 's', template: 'main' }]] };
    const run = new PlayRun(
      workflowOf([leaf('main'), handler], { onExit: 'bye' }),
    );
    run.look();
    run.end('wf');
    run.end('wf.onExit[0].s', {}, { shutdown: 'Terminate' });
    expect(run.node('wf.onExit').phase).toBe('Succeeded');
    expect(run.state.phase).toBe('Succeeded');
  });

  it('lets a suspended step of an exit handler wait, and a termination ends it', () => {
    const handler = { name: 'bye', steps: [[{ name: 's', template: 'wait' }]] };
    const run = new PlayRun(
      workflowOf([leaf('main'), handler, { name: 'wait', suspend: {} }], {
        onExit: 'bye',
      }),
    );
    run.look();
    run.end('wf');
    run.look({ shutdown: 'Stop' });
    expect(run.node('wf.onExit[0].s').phase).toBe('Running');
    run.look({ shutdown: 'Terminate' });
    expect(run.node('wf.onExit[0].s')).toMatchObject({
      phase: 'Failed',
      message: "Stopped with strategy 'Terminate'",
    });
  });
});

describe('a loop', () => {
  it('is over when its items are, though one of them never began', () => {
    const work = leaf('work', {
      inputs: { parameters: [{ name: 'x' }] },
      memoize: {
        key: 'k-{{inputs.parameters.x}}',
        cache: { configMap: { name: 'c' } },
      },
    });
    const task = {
      name: 'a',
      template: 'work',
      arguments: param('x', '{{item}}'),
      withItems: ['not a key'],
    };
    const run = new PlayRun(
      workflowOf([{ name: 'main', dag: { tasks: [task] } }, work]),
    );
    run.look();
    expect(run.node('wf.a').phase).toBe('Error');
  });

  it('is over before the exit hooks of its items are, and what comes next waits for them', () => {
    const run = new PlayRun(
      workflowOf([
        {
          name: 'main',
          dag: {
            tasks: [
              { name: 'a', template: 'l', withItems: ['x'], onExit: 'l' },
              { name: 'b', template: 'l', depends: 'a' },
            ],
          },
        },
        leaf('l'),
      ]),
    );
    run.look();
    run.end('wf.a(0:x)');
    expect(run.node('wf.a').phase).toBe('Succeeded');
    expect(run.node('wf.b')).toBeUndefined();
  });

  it('is an error when an item lacks what its members name', () => {
    const task = {
      name: 'a',
      template: 'l',
      withItems: ['x'],
      arguments: param('x', '{{=item.k}}'),
    };
    const run = new PlayRun(
      workflowOf([{ name: 'main', dag: { tasks: [task] } }, leaf('l')]),
    );
    run.look();
    expect(run.node('wf.a')).toMatchObject({
      phase: 'Error',
      message: 'failed to evaluate expression: item.k is missing',
    });
  });

  it('is an error when an expression over an item fails', () => {
    const task = {
      name: 'a',
      template: 'l',
      withItems: ['x'],
      arguments: param('x', '{{=asInt(item)}}'),
    };
    const run = new PlayRun(
      workflowOf([{ name: 'main', dag: { tasks: [task] } }, leaf('l')]),
    );
    run.look();
    expect(run.node('wf.a').message).toMatch(/^failed to evaluate expression/);
  });
});

describe('words of the whole run', () => {
  const give = (value: string) => ({
    name: value,
    steps: [[{ name: 's', template: 'l' }]],
    outputs: {
      parameters: [
        { name: 'o', globalName: 'g', valueFrom: { expression: `"${value}"` } },
      ],
    },
  });

  it('stay for the steps of a template as they were when it was looked at', () => {
    const reader = leaf('reader', {
      inputs: { parameters: [{ name: 'x' }] },
      container: { image: 'i', args: ['{{inputs.parameters.x}}'] },
    });
    const run = new PlayRun(
      workflowOf([
        {
          name: 'main',
          steps: [
            [{ name: 'one', template: 'first' }],
            [{ name: 'two', template: 'second' }],
            [
              {
                name: 'read',
                template: 'reader',
                arguments: param('x', '{{workflow.outputs.parameters.g}}'),
              },
            ],
          ],
        },
        give('first'),
        give('second'),
        leaf('l'),
        reader,
      ]),
    );
    run.look();
    run.end('wf[0].one[0].s');
    run.end('wf[1].two[0].s');
    expect(run.last.start[0].template.container.args).toEqual(['first']);
    expect(run.state.outputs?.parameters).toEqual([
      { name: 'g', value: 'second' },
    ]);
  });

  it('write a list or a map that an expression gives as Go prints it', () => {
    const run = new PlayRun(
      workflowOf([
        {
          name: 'main',
          steps: [[{ name: 's', template: 'l' }]],
          outputs: {
            parameters: [
              { name: 'a', valueFrom: { expression: '[1, 2.5, nil]' } },
              { name: 'b', valueFrom: { expression: '{"b": 1, "a": "x"}' } },
            ],
          },
        },
        leaf('l'),
      ]),
    );
    run.look();
    run.end('wf[0].s');
    expect(run.node('wf').outputs?.parameters).toEqual([
      { name: 'a', value: '[1 2.5 <nil>]' },
      { name: 'b', value: 'map[a:x b:1]' },
    ]);
  });
});

describe('the expression of a retry strategy', () => {
  it('is told as it is when it names what there is not', () => {
    const run = new PlayRun(
      workflowOf([leaf('main', { retryStrategy: { expression: 'no == 1' } })]),
    );
    run.look();
    run.fail('wf(0)');
    expect(run.state.message).toMatch(
      /^error in entry template execution: unknown name no \(1:1\)/,
    );
  });
});

describe('failFast', () => {
  const tried = leaf('tried', { retryStrategy: { limit: 1 } });

  it('lets no member begin after an attempt of another failed', () => {
    const run = new PlayRun(
      workflowOf([
        {
          name: 'main',
          parallelism: 1,
          failFast: true,
          // The attempt is the parent whose members are counted, so it is not over before they begin.
          retryStrategy: { limit: 0 },
          dag: {
            tasks: [
              { name: 'a', template: 'tried' },
              { name: 'b', template: 'tried', depends: 'a' },
            ],
          },
        },
        tried,
      ]),
    );
    run.look();
    run.fail('wf(0).a(0)');
    run.end('wf(0).a(1)');
    run.look();
    expect(run.started).toEqual(['wf(0).a(0)', 'wf(0).a(1)']);
    expect(run.node('wf(0)')).toMatchObject({
      phase: 'Failed',
      message: 'template has failed or errored children and failFast enabled',
    });
  });

  it('does not heed a step that a person failed: it is no pod', () => {
    const run = new PlayRun(
      workflowOf([
        {
          name: 'main',
          parallelism: 1,
          failFast: true,
          steps: [
            [{ name: 'a', template: 'wait', continueOn: { failed: true } }],
            [{ name: 'b', template: 'tried' }],
          ],
        },
        { name: 'wait', suspend: {} },
        tried,
      ]),
    );
    run.look();
    run.state = resumeNode(run.state, run.node('wf[0].a').id, {
      fails: true,
      message: 'no',
      now: run.now,
    });
    run.look();
    expect(run.started).toEqual(['wf[1].b(0)']);
  });
});

it('a lock that is given back in a pass is taken in the same pass', () => {
  const inner = {
    name: 'inner',
    synchronization: { mutexes: [{ name: 'm' }] },
    steps: [[{ name: 's', template: 'l', when: 'false' }]],
  };
  const run = new PlayRun(
    workflowOf([
      {
        name: 'main',
        steps: [[{ name: 'a', template: 'inner', withItems: ['x', 'y'] }]],
      },
      inner,
      leaf('l'),
    ]),
  );
  run.look();
  expect(run.node('wf[0].a(1:y)').phase).toBe('Succeeded');
});

it('global outputs of the tasks of a DAG count, though its own outputs cannot be made', () => {
  const inner = {
    name: 'inner',
    dag: { tasks: [{ name: 's', template: 'l' }] },
    outputs: {
      parameters: [
        { name: 'o', globalName: 'g', valueFrom: { expression: '"v"' } },
      ],
    },
  };
  const run = new PlayRun(
    workflowOf([
      {
        name: 'main',
        dag: { tasks: [{ name: 'a', template: 'inner' }] },
        outputs: {
          parameters: [
            {
              name: 'o',
              valueFrom: { parameter: '{{tasks.a.outputs.result}}' },
            },
          ],
        },
      },
      inner,
      leaf('l'),
    ]),
  );
  run.look();
  run.end('wf.a.s');
  expect(run.state.phase).toBe('Error');
  expect(run.state.outputs?.parameters).toEqual([{ name: 'g', value: 'v' }]);
});

describe('a loop that failed behind a limit', () => {
  const limits = { parallelism: 1, failFast: true };
  const loop = { withItems: [1, 2, 3] };
  const told = 'template has failed or errored children and failFast enabled';

  it('ends its steps, and the run is looked at again for its end', () => {
    const run = new PlayRun(
      workflowOf(
        [{ ...steps([call('a', 'leaf', loop)]), ...limits }, leaf('leaf')],
        { onExit: 'leaf' },
      ),
    );
    run.look();
    run.look();
    expect(run.last.requeueAt).toBeUndefined();
    run.fail('wf[0].a(0:1)');
    expect(run.node('wf')).toMatchObject({ phase: 'Failed', message: told });
    expect(run.last.requeueAt).toBe(run.now);
    run.look();
    expect(run.last.start).toMatchObject([{ nodeName: 'wf.onExit' }]);
  });

  it('is given up with the tasks around it, from the inside out, where Argo waits for ever', () => {
    const run = new PlayRun(
      workflowOf(
        [
          dag(call('inner', 'inner')),
          { ...dag(call('a', 'leaf', loop)), ...limits, name: 'inner' },
          leaf('leaf'),
        ],
        { onExit: 'leaf' },
      ),
    );
    const message = 'nothing is under way that it could wait for';
    run.look();
    run.look();
    run.fail('wf.inner.a(0:1)');
    expect(run.node('wf.inner')).toMatchObject({ message: told });
    expect(run.last.requeueAt).toBe(run.now);
    run.look();
    expect(run.node('wf.inner.a')).toMatchObject({ phase: 'Error', message });
    expect(run.node('wf').phase).toBe('Running');
    run.look();
    expect(run.node('wf')).toMatchObject({ phase: 'Error', message });
    run.look();
    expect(run.last.start).toMatchObject([{ nodeName: 'wf.onExit' }]);
    run.end('wf.onExit');
    expect(run.state).toMatchObject({ phase: 'Error', message });
  });
});

it('a loop over a template that is written inside of its task has no template for what comes after it', () => {
  const inline = { container: { image: 'i', command: ['c'] } };
  const run = new PlayRun(
    workflowOf([
      dag(
        { name: 'one', inline },
        { name: 'after', template: 'leaf', depends: 'one' },
        { name: 'each', inline, withItems: ['x'] },
        { name: 'last', template: 'leaf', depends: 'each' },
      ),
      leaf('leaf'),
    ]),
  );
  run.look();
  run.end('wf.one');
  expect(run.node('wf.after').phase).toBe('Pending');
  run.end('wf.each(0:x)');
  run.look();
  expect([run.state.phase, run.state.message]).toEqual([
    'Error',
    'error in entry template execution: failed to get a template',
  ]);
});
