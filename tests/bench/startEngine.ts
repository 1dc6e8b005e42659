import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  applyTrackingMigrations,
  ClusterRuns,
  FileArtifactStore,
  Knex,
  Leases,
  LocalStepRunner,
  RunSupervisor,
  RunQueue,
  RunStore,
  RunTokens,
  TrackingService,
} from './rooms.ts';

/** An engine with state of its own. */
export interface Bench {
  /** Steps that run at the same time. */
  places: number;
  /** Runs a workflow to its end and gives its phase. */
  run(options: {
    id: string;
    workflow: unknown;
    state: unknown;
    isolation: 'namespaces' | 'none';
  }): Promise<string>;
  end(): Promise<void>;
}

export async function startEngine(): Promise<Bench> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mlops-bench-'));
  const knex = Knex({
    client: 'better-sqlite3',
    connection: { filename: path.join(folder, 'bench.sqlite') },
    useNullAsDefault: true,
    pool: { min: 1, max: 1 },
  });
  await knex.migrate.latest({
    directory: path.resolve(
      import.meta.dirname,
      '../../plugins/mlops-backend/migrations',
    ),
  });
  await applyTrackingMigrations(knex);
  const artifacts = new FileArtifactStore(path.join(folder, 'artifacts'), knex);
  const store = new RunStore(knex);
  const tracking = new TrackingService(knex, artifacts);
  const places = Math.max(2, os.availableParallelism());
  const waiting = new Map<string, (phase: string) => void>();
  const leases = new Leases(knex, 'bench');
  const logger = { error: console.error, warn: console.warn, info() {} };
  const tokens = await RunTokens.load(folder);
  const queue = new RunQueue(
    knex,
    { activeRunsPerProject: 10, activeRunsPerPerson: 10, queuedRuns: 10 },
    { complaint: async () => undefined },
  );
  const engine = new RunSupervisor({
    store,
    leases,
    alone: true,
    queue,
    clusters: new ClusterRuns({ engines: [], store, leases, tokens, logger }),
    size: { nodesPerRun: 5_000, depthPerRun: 50 },
    tracking,
    runner: new LocalStepRunner({
      artifacts,
      environments: [{ images: ['*'], mounts: [] }],
      fetchGit: async () => undefined,
    }),
    dataDirectory: folder,
    orphanSeconds: 3600,
    maxParallelSteps: places,
    trackingUri: 'http://127.0.0.1:1',
    tokens,
    logger,
    onChange: ({ id, phase }: { id: string; phase: string }) => {
      if (!['Pending', 'Running'].includes(phase)) waiting.get(id)?.(phase);
    },
  });
  await engine.begin();
  return {
    places,
    async run({ id, workflow, state, isolation }) {
      const createdAt = new Date().toISOString();
      const { runId, experimentId } = await tracking.startRun({
        experiment: 'bench',
        runName: id,
        user: 'user:default/guest',
        tags: {},
      });
      const run = {
        workflow,
        state,
        isolation,
        experimentId: String(experimentId),
        summary: {
          id,
          project: 'bench',
          pipeline: 'bench',
          engine: 'local',
          phase: 'Pending',
          ref: 'main',
          commit: '0'.repeat(40),
          file: 'bench.yaml',
          parameters: [],
          trigger: { kind: 'person', by: 'user:default/guest' },
          createdAt,
          trackingRunId: runId,
        },
      };
      const end = new Promise<string>(resolve => waiting.set(id, resolve));
      const lease = { owner: leases.owner, until: leases.until() };
      engine.start(run, await store.add(run, id, lease));
      return end;
    },
    async end() {
      await engine.shutDown();
      await knex.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
