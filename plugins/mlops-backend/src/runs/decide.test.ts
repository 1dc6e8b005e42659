/* One pass over real tables: what it looks up, what it leaves to be written, and where it ends a run. */
import { initialState, nodeId } from '@backstage-mlops/argo-engine';
import { TestDatabases } from '@backstage/backend-test-utils';
import path from 'node:path';
import type { Knex } from 'knex';
import { decide, type PassInput } from './decide';
import { Leases } from './Leases';
import { RunStore } from './RunStore';
import type { StoredRun } from './StoredRun';

const leaf = (name: string, more = {}) => ({
  name,
  container: { image: 'i', command: ['c'] },
  ...more,
});
const runOf = (templates: object[], stored: object = {}): StoredRun =>
  ({
    summary: {
      id: 'wf',
      project: 'one',
      pipeline: 'p',
      engine: 'local',
      phase: 'Running',
      ref: 'main',
      commit: 'c'.repeat(40),
      file: 'p.yaml',
      parameters: [],
      trigger: { kind: 'person', by: 'user:default/a' },
      createdAt: '2026-01-01T00:00:00.000Z',
      trackingRunId: 't',
      notes: [],
    },
    state: initialState(),
    isolation: 'namespaces',
    experimentId: '1',
    workflow: {
      metadata: { name: 'wf' },
      spec: { entrypoint: 'main', templates },
      stored,
    },
  } as any);

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

describe('a pass', () => {
  let knex: Knex;
  let store: RunStore;
  beforeAll(async () => {
    knex = await databases.init('SQLITE_3');
    await knex.migrate.latest({
      directory: path.resolve(__dirname, '../../migrations'),
    });
    store = new RunStore(knex);
  }, 60_000);
  beforeEach(async () => {
    for (const table of [
      'mlops_caches',
      'mlops_cache_uses',
      'mlops_lock_holders',
      'mlops_runs',
    ])
      await knex(table).delete();
    refused.length = 0;
  });

  const refused: string[] = [];
  const pass = (run: StoredRun, more: Partial<PassInput> = {}) =>
    decide(store, {
      run,
      state: initialState(),
      pods: {},
      controlled: false,
      onRefused: message => refused.push(message),
      size: { nodesPerRun: 100, depthPerRun: 50 },
      ...more,
    });
  const hold = (name: string, count: number) =>
    knex('mlops_lock_holders').insert({ name, run_id: 'other', count });

  it('looks up what the engine asks for, as often as it asks, and notes what was used', async () => {
    const memoized = (name: string, key: string) =>
      leaf(name, {
        memoize: { key, cache: { configMap: { name: 'c' } } },
      });
    const run = runOf([
      {
        name: 'main',
        steps: [[{ name: 'a', template: 'a' }], [{ name: 'b', template: 'b' }]],
      },
      memoized('a', 'k1'),
      memoized('b', 'k2'),
    ]);
    for (const key of ['k1', 'k2'])
      await knex('mlops_caches').insert({
        project: 'one',
        cache_name: 'c',
        key,
        run_id: 'earlier',
        node_id: 'n',
        outputs: null,
        created_at: new Date().toISOString(),
      });
    const { result, record } = await pass(run);
    expect(result.start).toEqual([]);
    expect(result.state.phase).toBe('Succeeded');
    expect(record.hits).toEqual([
      expect.objectContaining({ key: 'k1', fromRun: 'earlier' }),
      expect.objectContaining({ key: 'k2', fromRun: 'earlier' }),
    ]);
    expect(record.saves).toEqual([]);
    expect(record).not.toHaveProperty('locks');
    const again = await pass(run, {
      state: { ...result.state, phase: 'Running' },
    });
    expect(again.record.hits).toEqual([]);
  });

  it('asks for a step whose record is missing, and no record is used', async () => {
    const { result, record } = await pass(
      runOf([
        leaf('main', {
          memoize: { key: 'k', cache: { configMap: { name: 'c' } } },
        }),
      ]),
    );
    expect(result.start).toHaveLength(1);
    expect(record.hits).toEqual([]);
  });

  it('counts what other runs hold, takes what is free, and looks again soon while it waits', async () => {
    const run = runOf(
      [
        {
          name: 'main',
          steps: [
            [
              { name: 'a', template: 's' },
              { name: 'b', template: 's' },
            ],
          ],
        },
        leaf('s', {
          synchronization: {
            semaphores: [{ configMapKeyRef: { name: 'l', key: 'gpu' } }],
          },
        }),
      ],
      { limits: { 'default/ConfigMap/l/gpu': 3 } },
    );
    const free = await pass(run);
    expect(free.result.start).toHaveLength(2);
    expect(free.result.requeueAt).toBeUndefined();
    expect(free.record.locks).toEqual([
      { name: 'default/ConfigMap/l/gpu', count: 2, limit: 3 },
    ]);
    await hold('default/ConfigMap/l/gpu', 2);
    const before = Date.now();
    const tight = await pass(run);
    expect(tight.result.start).toHaveLength(1);
    const look = Date.parse(tight.result.requeueAt!);
    expect(look).toBeGreaterThanOrEqual(before + 1000);
    expect(look).toBeLessThanOrEqual(Date.now() + 1000);
    await hold('default/Mutex/m', 1);
    const mutex = await pass(
      runOf([leaf('main', { synchronization: { mutexes: [{ name: 'm' }] } })]),
    );
    expect(mutex.result.start).toEqual([]);
    expect(mutex.record.locks).toEqual([]);
  });

  it('sees locks in templates of other files', async () => {
    await hold('default/Mutex/m', 1);
    const file = {
      metadata: { name: 'lib' },
      spec: {
        templates: [
          leaf('far', { synchronization: { mutexes: [{ name: 'm' }] } }),
        ],
      },
    };
    const { result } = await pass(
      runOf(
        [
          {
            name: 'main',
            steps: [
              [{ name: 'a', templateRef: { name: 'lib', template: 'far' } }],
            ],
          },
        ],
        { templates: { lib: file } },
      ),
    );
    expect(
      Object.values(result.state.nodes).some(node =>
        /Waiting for default\/Mutex\/m/.test(node.message ?? ''),
      ),
    ).toBe(true);
  });

  it('ends a run that would have more nodes than are allowed, and starts none of them', async () => {
    const wide = (count: string) =>
      runOf([
        {
          name: 'main',
          steps: [[{ name: 'x', template: 'leaf', withSequence: { count } }]],
        },
        leaf('leaf'),
      ]);
    const limits = { size: { nodesPerRun: 6, depthPerRun: 50 } };
    expect((await pass(wide('4'), limits)).result.start).toHaveLength(4);
    const { result } = await pass(wide('5'), limits);
    expect(result.start).toEqual([]);
    expect(result.state).toMatchObject({
      phase: 'Error',
      message:
        'the run would have 7 nodes; at most 6 are allowed (mlops.limits.nodesPerRun)',
    });
    // A run that was larger before the limit was set goes on.
    const grown = (await pass(wide('5'))).result.state;
    const after = await pass(wide('5'), { ...limits, state: grown });
    expect(after.result.state.phase).toBe('Running');
  });

  it('ends a run of steps that wait, and one that would be far too large, without making its nodes', async () => {
    const limits = { size: { nodesPerRun: 6, depthPerRun: 50 } };
    const waiting = (count: string) =>
      runOf([
        {
          name: 'main',
          steps: [[{ name: 'x', template: 'wait', withSequence: { count } }]],
        },
        { name: 'wait', suspend: {} },
      ]);
    const ends = async (count: string) =>
      (await pass(waiting(count), limits)).result.state;
    expect(await ends('5')).toMatchObject({
      phase: 'Error',
      message: expect.stringMatching(/^the run would have 7 nodes/),
    });
    expect(await ends('50000')).toMatchObject({
      phase: 'Error',
      nodes: {},
      message:
        'the run would have more than 1012 nodes; at most 6 are allowed (mlops.limits.nodesPerRun)',
    });
  });

  it('ends the steps of a run that grew too large before it says so', async () => {
    const run = runOf([
      {
        name: 'main',
        steps: [
          [{ name: 'a', template: 'leaf' }],
          [{ name: 'x', template: 'leaf', withSequence: { count: '9' } }],
        ],
      },
      leaf('leaf'),
    ]);
    const first = await pass(run, {
      size: { nodesPerRun: 8, depthPerRun: 50 },
    });
    const id = nodeId('wf', 'wf[0].a');
    const { result } = await pass(run, {
      size: { nodesPerRun: 8, depthPerRun: 50 },
      state: first.result.state,
      pods: { [id]: { nodeId: id, phase: 'Succeeded', exitCode: 0 } },
    });
    expect(result.start).toEqual([]);
    expect(result.state).toMatchObject({
      phase: 'Error',
      message: expect.stringMatching(/^the run would have 13 nodes/),
    });
    expect(result.state.nodes[id].phase).toBe('Succeeded');
  });

  it('ends what goes on in a run that grew too large, and tells only steps with a process to stop', async () => {
    const run = runOf([
      {
        name: 'main',
        dag: {
          tasks: [
            { name: 'a', template: 'leaf' },
            { name: 'b', template: 'leaf' },
            {
              name: 'x',
              template: 'leaf',
              depends: 'a',
              withSequence: { count: '9' },
            },
          ],
        },
      },
      leaf('leaf'),
    ]);
    const size = { nodesPerRun: 8, depthPerRun: 50 };
    const { state } = (await pass(run, { size })).result;
    const [a, b] = [nodeId('wf', 'wf.a'), nodeId('wf', 'wf.b')];
    const { result } = await pass(run, {
      size,
      state,
      pods: {
        [a]: { nodeId: a, phase: 'Succeeded', exitCode: 0 },
        [b]: { nodeId: b, phase: 'Running' },
      },
    });
    expect(result.stop).toEqual([b]);
    const { message } = result.state;
    expect(message).toMatch(/^the run would have 13 nodes/);
    for (const id of [b, 'wf'])
      expect(result.state.nodes[id]).toMatchObject({
        phase: 'Failed',
        message,
        finishedAt: expect.any(String),
      });
    expect(result.state.startedAt).toBe(state.startedAt);
  });

  it('does what people asked in their order, and tells what cannot be done', async () => {
    const run = runOf([{ name: 'main', suspend: {} }]);
    const waiting = (await pass(run)).result.state;
    const leases = new Leases(knex, 'me');
    await store.add(run, 'hash', { owner: 'me', until: leases.until() });
    for (const control of [
      { kind: 'suspend' },
      { kind: 'suspend' },
      { kind: 'resume', node: 'wf', message: 'go' },
    ])
      await store.controls.add('wf', control as any);
    const untold = await pass(run, { state: waiting });
    expect(untold.record.controlsDone).toBeUndefined();
    expect(untold.result.state.nodes.wf.phase).toBe('Running');
    const told = await pass(run, { state: waiting, controlled: true });
    expect(told.record.controlsDone).toBe(3);
    expect(told.result.state.suspended).toBe(true);
    expect(told.result.state.nodes.wf.phase).toBe('Succeeded');
    expect(refused).toEqual(['The run is suspended already.']);
  });
});
