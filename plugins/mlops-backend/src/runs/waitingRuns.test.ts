/* Three hundred runs of one project, more than may be active at once: each has its turn in its order, also over restarts. */
import {
  initialState,
  newWorkflow,
  parseWorkflows,
} from '@backstage-mlops/argo-engine';
import { LocalStepRunner } from '@backstage-mlops/mlops-executor';
import {
  applyTrackingMigrations,
  FileArtifactStore,
  TrackingService,
} from '@backstage-mlops/mlops-tracking';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ClusterRuns } from './ClusterRuns';
import { Leases } from './Leases';
import { RunSupervisor } from './RunSupervisor';
import { RunQueue } from './RunQueue';
import { RunStore } from './RunStore';
import { RunTokens } from './token';

const count = 300;
const cap = 3;
const jen = 'user:default/jen';
const idOf = (at: number) => `run-${String(at).padStart(3, '0')}`;
const all = Array.from({ length: count }, (_, at) => idOf(at));
const logger = mockServices.logger.mock();
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_17'] });

// It skips its only step, so a run is all engine and database and no process.
const [document] = parseWorkflows(
  `apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: { name: short }
spec:
  entrypoint: main
  templates:
    - name: main
      steps: [[{ name: never, template: nothing, when: 'false' }]]
    - name: nothing
      container: { image: any, command: ['true'] }`,
  'short.yaml',
).documents;

describe.each(databases.eachSupportedId())('on %s', databaseId => {
  let knex: Knex;
  let store: RunStore;
  let folder: string;
  let engine: RunSupervisor;
  let queue: RunQueue;
  let leases: Leases;
  let onSuccess = () => {};

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'mlops-waiting-'));
    knex = await databases.init(databaseId);
    await knex.migrate.latest({
      directory: resolvePackagePath(
        '@backstage-mlops/plugin-mlops-backend',
        'migrations',
      ),
    });
    await applyTrackingMigrations(knex);
    store = new RunStore(knex);
  }, 60_000);
  afterAll(async () => {
    await engine?.shutDown();
    await rm(folder, { recursive: true, force: true });
  });

  /** A portal's engine that lets so many runs of a project be active. */
  async function begin(owner: string, activeRunsPerProject: number) {
    const artifacts = new FileArtifactStore(path.join(folder, 'a'), knex);
    const tokens = await RunTokens.load(folder);
    leases = new Leases(knex, owner);
    queue = new RunQueue(
      knex,
      { activeRunsPerProject, activeRunsPerPerson: count, queuedRuns: count },
      { complaint: async () => undefined },
    );
    engine = new RunSupervisor({
      store,
      leases,
      alone: true,
      queue,
      // Without clusters nothing is asked of what else it works with.
      clusters: new ClusterRuns({
        engines: [],
        store,
        leases,
        tokens,
        logger,
      } as any),
      size: { nodesPerRun: 100, depthPerRun: 10 },
      tracking: new TrackingService(knex, artifacts),
      runner: new LocalStepRunner({
        artifacts,
        environments: [],
        fetchGit: async () => undefined,
      }),
      dataDirectory: folder,
      orphanSeconds: 3600,
      maxParallelSteps: 2,
      trackingUri: 'http://127.0.0.1:1',
      tokens,
      logger,
      onChange: ({ phase }) => {
        if (phase === 'Succeeded') onSuccess();
      },
    });
    await engine.begin();
  }

  async function submit(id: string) {
    const run = {
      workflow: newWorkflow({
        document,
        name: id,
        creationTimestamp: '2026-01-01T00:00:00.000Z',
      }),
      state: initialState(),
      isolation: 'namespaces' as const,
      experimentId: '1',
      summary: {
        id,
        project: 'busy',
        pipeline: 'short',
        engine: 'local' as const,
        phase: 'Pending' as const,
        ref: 'main',
        commit: '0'.repeat(40),
        file: 'short.yaml',
        parameters: [],
        trigger: { kind: 'person' as const, by: jen },
        createdAt: new Date().toISOString(),
        trackingRunId: `tracking-${id}`,
        notes: [],
      },
    };
    const lease = { owner: leases.owner, until: leases.until() };
    engine.start(run, await store.add(run, id, lease));
  }

  const placeOf = async (id: string) => {
    const [run] = await queue.withPlaces([{ id, phase: 'Pending' }]);
    return run.queue;
  };
  const inOrder = () => knex('mlops_runs').orderBy('sequence');
  it('runs 300 in their order, each told its place, and loses none when the portal starts anew in the middle', async () => {
    await begin('closed', 0);
    for (const id of all) await submit(id);
    expect(engine.activeRuns).toBe(count);
    expect(await queue.waiting()).toBe(count);
    for (const at of [0, 1, 149, count - 1])
      expect(await placeOf(idOf(at))).toEqual({
        position: at + 1,
        message: `Waits as number ${
          at + 1
        }: project 'busy' has 0 of 0 active runs.`,
      });
    await engine.shutDown();

    let successes = 0;
    const middle = new Promise<void>(resolve => {
      onSuccess = () => {
        successes += 1;
        if (successes === 100) resolve(engine.shutDown());
      };
    });
    await begin('first', cap);
    await middle;
    const waiting = await inOrder().whereNull('admitted_at').pluck('id');
    expect(waiting.length).toBeGreaterThan(0);
    expect(waiting).toEqual([...waiting].sort());
    expect((await placeOf(waiting[0]))?.position ?? 1).toBe(1);
    expect((await placeOf(waiting.at(-1)))?.position).toBeGreaterThan(
      waiting.length - cap - 1,
    );

    const end = new Promise<void>(resolve => {
      onSuccess = () => {
        successes += 1;
        if (successes === count) resolve();
      };
    });
    await begin('second', cap);
    await end;
    expect(await queue.waiting()).toBe(0);
    const rows = await inOrder().select(
      'id',
      'phase',
      'admitted_at',
      'finished_at',
      'state',
    );
    expect(rows.map(({ id }) => id)).toEqual(all);
    // A portal that starts takes them in looks of fifty; within one, whoever is ready first may have a free place first.
    const turns = [...rows].sort((a, b) =>
      a.admitted_at.localeCompare(b.admitted_at),
    );
    turns.forEach(({ id }, turn) =>
      expect(Math.abs(all.indexOf(id) - turn)).toBeLessThan(50),
    );
    for (const { admitted_at: at } of rows)
      expect(
        rows.filter(row => row.admitted_at <= at && row.finished_at > at)
          .length,
      ).toBeLessThanOrEqual(cap);
    // Each went through its workflow once.
    for (const { id, state } of rows) {
      const { nodes } = JSON.parse(state);
      expect(
        Object.values<any>(nodes).map(({ name, phase }) => `${name} ${phase}`),
      ).toEqual([
        `${id} Succeeded`,
        `${id}[0] Succeeded`,
        `${id}[0].never Skipped`,
      ]);
    }
    expect(new Set(rows.map(({ phase }) => phase))).toEqual(
      new Set(['Succeeded']),
    );
  }, 300_000);
});
