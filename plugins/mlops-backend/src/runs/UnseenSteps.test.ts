/* A run whose step is on the disk of another machine: the machine is gone for good, or it comes back. Real processes. */
import {
  initialState,
  newWorkflow,
  parseWorkflows,
} from '@backstage-mlops/argo-engine';
import { LocalStepRunner } from '@backstage-mlops/mlops-executor';
import {
  applyTrackingMigrations,
  FileArtifactStore,
} from '@backstage-mlops/mlops-tracking';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Leases, LeaseLostError, type Lease } from './Leases';
import { RunLoop } from './RunLoop';
import { RunStore } from './RunStore';
import { settleSteps } from './settleSteps';
import { Slots } from './Slots';
import { reclaimSteps } from './UnseenSteps';

jest.setTimeout(180_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_17'] });

describe.each(databases.eachSupportedId())('steps elsewhere on %s', id => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'unseen-'));
  let knex: Knex;
  let store: RunStore;
  let runner: LocalStepRunner;
  let count = 0;
  const loops: Promise<unknown>[] = [];
  const directories: string[] = [];
  beforeAll(async () => {
    fs.chmodSync(folder, 0o755);
    knex = await databases.init(id);
    store = new RunStore(knex);
    runner = new LocalStepRunner({
      artifacts: new FileArtifactStore(folder, knex),
      environments: [{ images: ['*'], mounts: [] }],
      fetchGit: async () => undefined,
    });
    await knex.migrate.latest({
      directory: path.resolve(__dirname, '../../migrations'),
    });
    await applyTrackingMigrations(knex);
  });
  afterAll(async () => {
    for (const directory of directories) await runner.clear(directory);
    await Promise.all(loops);
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const until = async (holds: () => Promise<boolean>) => {
    for (const end = Date.now() + 60_000; Date.now() < end; )
      if (await holds()) return;
      else await new Promise(resolve => setTimeout(resolve, 100));
    throw new Error('it never held');
  };
  const attempts = (run: string) => store.attempts.list(run);
  const lead = async (lease: Lease) => {
    const loop = new RunLoop(await store.get(lease.runId), lease, {
      store,
      runner,
      slots: new Slots(8),
      folder: path.join(folder, 'runs'),
      environment: {},
      orphanSeconds: 3600,
      size: { nodesPerRun: 100, depthPerRun: 10 },
      admission: async () => {},
      onChange: () => {},
      onEnd: async () => {},
      onTrouble: () => {},
    });
    const end = loop.toEnd();
    loops.push(end.catch(() => undefined));
    return { loop, end };
  };

  /** A run whose step goes on, left by its portal, while its machine has another name and its disk is not here. */
  const leave = async (retry = '') => {
    const name = `run-${count++}`;
    const { documents } = parseWorkflows(
      `apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: w}\nspec:\n  entrypoint: a\n  templates:\n  - name: a\n${retry}    container: {image: i, command: [sh, -c, 'test "{{retries}}" = 1 || sleep 3000']}\n`,
      'w.yaml',
    );
    const [document] = documents;
    const lease = await store.add(
      {
        summary: {
          id: name,
          project: 'p',
          pipeline: 'q',
          engine: 'local',
          phase: 'Pending',
          ref: 'main',
          commit: '0'.repeat(40),
          file: 'f',
          parameters: [],
          trigger: { kind: 'person', by: 'user:default/t' },
          createdAt: new Date().toISOString(),
          trackingRunId: name,
          notes: [],
        },
        workflow: newWorkflow({
          document,
          name,
          creationTimestamp: new Date().toISOString(),
        }),
        state: initialState(),
        isolation: 'namespaces',
        experimentId: '1',
      },
      name,
      { owner: 'first', until: new Leases(knex, 'first', -1).until() },
    );
    const { loop, end } = await lead(lease);
    let directory = '';
    await until(async () => {
      directory = (await attempts(name))[0]?.directory ?? '';
      return fs.existsSync(path.join(directory, 'start.json'));
    });
    await until(async () => (await store.get(name)).state.phase === 'Running');
    loop.giveUp();
    await expect(end).rejects.toThrow(LeaseLostError);
    directories.push(directory);
    const put = (host: string, place: string) =>
      knex('mlops_step_attempts')
        .where({ run_id: name, attempt: 0 })
        .update({ host, directory: place });
    const show = () => put(os.hostname(), directory);
    await put('elsewhere', `/elsewhere${directory}`);
    const second = new Leases(knex, 'second');
    return { name, show, lease: (await second.take(name))! };
  };
  const isMissed = (name: string) => async () =>
    Boolean(
      (
        await knex('mlops_step_attempts')
          .where({ run_id: name, attempt: 0 })
          .first('unseen_since')
      ).unseen_since,
    );
  const longAgo = (name: string) =>
    knex('mlops_step_attempts')
      .where({ run_id: name, attempt: 0 })
      .update({ unseen_since: Date.now() - 2 * 3600_000 });

  it('fail with their machine’s name when it stays away, and not before', async () => {
    const { name, show, lease } = await leave();
    const { end } = await lead(lease);
    await until(isMissed(name));
    expect((await store.get(name)).state.phase).toBe('Running');
    await longAgo(name);
    const state = await end;
    expect([state.phase, state.message]).toEqual([
      'Error',
      "the machine 'elsewhere' that ran the step is gone",
    ]);
    expect((await attempts(name)).map(item => item.state)).toEqual([
      'abandoned',
    ]);
    await show();
  });

  it('run again when their retryStrategy says so, after that', async () => {
    const { name, show, lease } = await leave(
      '    retryStrategy: {limit: 1, retryPolicy: OnError}\n',
    );
    const { end } = await lead(lease);
    await until(isMissed(name));
    expect(await attempts(name)).toHaveLength(1);
    await longAgo(name);
    expect((await end).phase).toBe('Succeeded');
    expect((await attempts(name)).map(item => item.state)).toEqual([
      'abandoned',
      'ended',
    ]);
    await show();
  });

  it('go on when their machine is back: it takes the run again', async () => {
    const { name, show, lease } = await leave();
    const { end } = await lead(lease);
    await until(isMissed(name));
    const lost = end.catch(error => error);
    await show();
    const [seized, ...more] = await reclaimSteps({
      attempts: store.attempts,
      leases: new Leases(knex, 'first'),
      runner,
      host: os.hostname(),
    });
    expect([seized.runId, more]).toEqual([name, []]);
    expect(await lost).toBeInstanceOf(LeaseLostError);
    const { loop, end: second } = await lead(seized);
    await until(async () => !(await isMissed(name)()));
    loop.requestShutdown('Terminate');
    await second;
    expect((await attempts(name)).map(item => item.state)).toEqual(['ended']);
  });

  it('are ended by their machine when others of the run go on elsewhere', async () => {
    const { name, show, lease } = await leave();
    const { end } = await lead(lease);
    await until(isMissed(name));
    await show();
    await store.savePass(lease, {
      state: (await store.get(name)).state,
      begun: [
        {
          nodeId: 'other',
          attempt: 0,
          directory: '/nowhere',
          state: 'open',
          host: 'second',
          createdAt: new Date().toISOString(),
        },
      ],
    });
    expect(
      await reclaimSteps({
        attempts: store.attempts,
        leases: new Leases(knex, 'first'),
        runner,
        host: os.hostname(),
      }),
    ).toEqual([]);
    expect((await end).message).toContain(
      'came back when another portal led the run, so it ended the step',
    );
  });

  it('that were still ending when their run was over are waited for so long, too', async () => {
    const { name, show, lease } = await leave();
    await store.savePass(lease, {
      state: { ...(await store.get(name)).state, phase: 'Failed' },
    });
    const settle = () =>
      settleSteps(lease, {
        store,
        runner,
        host: os.hostname(),
        orphanSeconds: 3600,
      });
    await settle();
    expect(await store.attempts.listUnsettled()).toContain(name);
    await longAgo(name);
    await settle();
    expect(await store.attempts.listUnsettled()).not.toContain(name);
    await show();
  });
});
