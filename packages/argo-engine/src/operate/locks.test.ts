/* What nodes that wait for a lock leave to others, and behind. */
import {
  call,
  dag,
  leaf,
  PlayRun,
  steps,
  workflowOf,
} from '../__testUtils__/playRun';

const mutex = { mutexes: [{ name: 'm' }] };
const held = { lock: () => ({ held: 1, limit: 1 }) };

it('a task that gave up waiting is in no queue any more, while the run goes on', () => {
  const run = new PlayRun(
    workflowOf([
      dag(call('a', 'a'), call('b', 'leaf')),
      leaf('a', { timeout: '10s', synchronization: mutex }),
      leaf('leaf'),
    ]),
    held,
  );
  run.look();
  expect(run.state.locks!['default/Mutex/m'].waiting).toHaveLength(1);
  run.nowMs += 11_000;
  run.look();
  run.look();
  expect(run.node('wf.a')).toMatchObject({
    phase: 'Failed',
    message: 'timeout',
  });
  // The node says what it waited for until the run is over, as the controller's does.
  expect(run.node('wf.a').synchronizationStatus).toEqual({
    waiting: 'default/Mutex/m',
  });
  expect(run.state.phase).toBe('Running');
  expect(run.state.locks).toEqual({});
  run.end('wf.b');
  run.look();
  expect(run.state.phase).toBe('Failed');
  expect(run.node('wf.a')).not.toHaveProperty('synchronizationStatus');
});

it('a step that waits for a lock leaves its place among the parallel ones to another; one whose pod waits does not', () => {
  const run = new PlayRun(
    workflowOf(
      [
        dag(call('a', 'a'), call('b', 'leaf'), call('c', 'leaf')),
        leaf('a', { synchronization: mutex }),
        leaf('leaf'),
      ],
      { parallelism: 1 },
    ),
    held,
  );
  run.look();
  expect(run.started).toEqual(['wf.b']);
  const id = run.last.start[0].nodeId;
  run.pods[id] = { nodeId: id, phase: 'Pending' };
  run.look();
  run.look();
  expect(run.node('wf.a').phase).toBe('Pending');
  expect(run.started).toEqual(['wf.b']);
  run.end('wf.b');
  run.look();
  expect(run.started).toEqual(['wf.b', 'wf.c']);
});

it('a step says which of its locks it waits for now', () => {
  const run = new PlayRun(
    workflowOf([
      leaf('main', {
        synchronization: { mutexes: [{ name: 'm' }, { name: 'n' }] },
      }),
    ]),
  );
  const waitsFor = (taken: string) => {
    run.look({
      lock: name => ({ held: name.endsWith(taken) ? 1 : 0, limit: 1 }),
    });
    const { message, synchronizationStatus } = run.node('wf');
    return [message, synchronizationStatus?.waiting];
  };
  for (const name of ['default/Mutex/m', 'default/Mutex/n'])
    expect(waitsFor(name)).toEqual([
      `Waiting for ${name} lock. Lock status: 0/1`,
      name,
    ]);
  run.look();
  expect(run.started).toEqual(['wf']);
});

it('a lock goes from one to the next, and to nobody else meanwhile', () => {
  const run = new PlayRun(
    workflowOf([
      steps([call('a', 'leaf'), call('b', 'leaf'), call('c', 'leaf')]),
      leaf('leaf', { synchronization: mutex }),
    ]),
  );
  run.look();
  for (const [over, next] of [
    ['a', 'b'],
    ['b', 'c'],
  ]) {
    run.end(`wf[0].${over}`);
    for (let pass = 0; pass < 3; pass += 1) run.look();
    expect(run.started.at(-1)).toBe(`wf[0].${next}`);
  }
  expect(run.started).toHaveLength(3);
});

it('a step whose cache key is wrong says so when its turn has come', () => {
  const run = new PlayRun(
    workflowOf([
      leaf('main', { synchronization: mutex, memoize: { key: 'no key!' } }),
    ]),
  );
  run.look(held);
  expect(run.node('wf').phase).toBe('Pending');
  run.look();
  expect(run.node('wf')).toMatchObject({
    phase: 'Error',
    message: 'invalid cache key: no key!',
  });
});
