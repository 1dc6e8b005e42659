/*
 * A cluster on a bad day: whatever happens to lists and watches, a run that goes on there is seen to its end within 35 s of the
 * fault, and the cluster is not flooded with calls.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { waitFor } from '../support/portal.ts';
import { SmallPortal, type SmallState } from '../support/smallPortal.ts';
import { contractPipelines } from './pipelines.ts';
import { serveRepository, type ServedRepository } from './servedRepository.ts';
import { startCluster, type TestCluster } from './startCluster.ts';

let repository: ServedRepository;
let cluster: TestCluster;
let portal: SmallPortal;
let state: SmallState;

before(async () => {
  repository = await serveRepository(contractPipelines);
  cluster = await startCluster(repository.folder);
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-faults-'));
  state = { data, seed: data, mlops: cluster.settings(repository.url) };
  portal = await SmallPortal.start(state);
});
after(async () => {
  await portal?.kill();
  await cluster?.stop();
  repository?.stop();
  fs.rmSync(state.data, { recursive: true, force: true });
});

const submit = async (pipeline: string) => {
  const { status, body } = await portal.call('POST', 'runs', {
    project: 'small',
    pipeline,
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body.id as string;
};
const phaseOf = async (id: string) =>
  (await portal.call('GET', `runs/${id}`)).body.phase;
const ends = (id: string, ms = 35_000) =>
  waitFor(
    `the end of ${id}`,
    async () =>
      ['Succeeded', 'Failed', 'Error'].includes(await phaseOf(id)) &&
      phaseOf(id),
    ms,
  );
const quiet = {
  failure: null,
  slowMs: 0,
  silentUntil: 0,
  duplicates: false,
  missing: 0,
  staleVersion: null,
  goneAs: 'status',
};

const faults: Record<string, () => Promise<unknown>> = {
  'connections that are cut': () => cluster.ask('reset-watches'),
  'a connection that went silent': () =>
    cluster.set({ silentUntil: Date.now() + 25_000 }),
  'slow answers': () => cluster.set({ slowMs: 1500 }),
  'too many requests': () =>
    cluster
      .set({
        failure: {
          status: 429,
          count: 4,
          retryAfter: 1,
          verbs: ['watch', 'list'],
        },
      })
      .then(() => cluster.ask('reset-watches')),
  'errors of the server': () =>
    cluster
      .set({ failure: { status: 500, count: 4, verbs: ['watch', 'list'] } })
      .then(() => cluster.ask('reset-watches')),
  'a version that is too old, as an answer': () =>
    cluster.set({ goneAs: 'status' }).then(() => cluster.ask('compact')),
  'a version that is too old, as an event': () =>
    cluster.set({ goneAs: 'event' }).then(() => cluster.ask('compact')),
  'an old list': async () => {
    const { version } = await cluster.set({});
    await cluster.set({ staleVersion: version - 3 });
    await cluster.ask('compact');
    setTimeout(() => void cluster.set({ staleVersion: null }), 6_000);
  },
  'events twice, and events that never come': () =>
    cluster.set({ duplicates: true, missing: 6 }),
};

describe('a cluster on a bad day', () => {
  for (const [name, begin] of Object.entries(faults))
    it(`goes on after ${name}`, async () => {
      await cluster.set(quiet);
      await cluster.ask('calls');
      const id = await submit('hello');
      await begin();
      assert.equal(await ends(id), 'Succeeded');
      const calls: { verb: string; at: number }[] = await cluster.ask('calls');
      const looks = calls.filter(({ verb }) =>
        ['list', 'watch'].includes(verb),
      );
      const seconds = Math.max(
        1,
        (Math.max(...calls.map(call => call.at)) - calls[0].at) / 1000,
      );
      assert.ok(
        looks.length / seconds < 3,
        `${looks.length} lists and watches in ${seconds.toFixed(1)} s`,
      );
      await cluster.set(quiet);
    });

  it('takes a run up again after a kill, submits nothing twice, and tells how pipelines stood until it can look', async () => {
    await cluster.set(quiet);
    const pipelines = async (): Promise<{ state: string }[]> =>
      (await portal.call('GET', 'sync?project=small')).body.items.filter(
        (item: any) => item.kind === 'pipeline',
      );
    const areSynced = (items: { state: string }[]) =>
      items.length > 0 && items.every(item => item.state === 'Synced');
    await waitFor(
      'git and cluster to agree',
      async () => areSynced(await pipelines()),
      120_000,
    );
    const id = await submit('hello');
    await portal.kill();
    await cluster.set({
      failure: { status: 500, count: 100_000, verbs: ['watch', 'list'] },
    });
    portal = await SmallPortal.start(state);
    assert.equal((await portal.call('POST', 'sync', {})).status, 200);
    const told = await pipelines();
    assert.ok(areSynced(told), JSON.stringify(told));
    await cluster.set(quiet);
    assert.equal(await ends(id), 'Succeeded');
    const workflows = await cluster.ask('list', {
      resource: 'workflows',
      namespace: 'ml',
    });
    assert.equal(
      workflows.filter((item: any) => item.metadata.name === id).length,
      1,
    );
  });

  it('begins a run again whose template the controller had not heard of, as the same workflow, and not one that somebody stopped', async () => {
    await cluster.set(quiet);
    const find = async (id: string) => {
      const all: any[] = await cluster.ask('list', {
        resource: 'workflows',
        namespace: 'ml',
      });
      return all.find(({ metadata }) => metadata.name === id);
    };
    await cluster.set({ unheard: 3 });
    const id = await submit('hello');
    const first: any = await waitFor('the workflow', () => find(id));
    const get = async () => (await portal.call('GET', `runs/${id}`)).body;
    await waitFor(
      'the run to wait',
      async () =>
        /has not heard of the run's WorkflowTemplate/.test(
          (
            await get()
          ).message,
        ),
      60_000,
    );
    await portal.kill();
    portal = await SmallPortal.start(state);
    assert.equal(await ends(id, 90_000), 'Succeeded');
    assert.equal((await get()).message, undefined);
    const last = await find(id);
    assert.equal(last.metadata.uid, first.metadata.uid);
    assert.equal(last.metadata.annotations['backstage-mlops/begun-again'], '3');
    await cluster.set({ unheard: 1000 });
    const stopped = await submit('hello');
    await waitFor('the end', async () => (await find(stopped))?.status?.phase);
    await portal.call('POST', `runs/${stopped}/terminate`);
    assert.equal(await ends(stopped, 90_000), 'Error');
    await cluster.set({ unheard: 0 });
    assert.equal((await find(stopped)).status.phase, 'Error');
  });

  it('keeps logs that outlive their pods', async () => {
    await cluster.set(quiet);
    const id = await submit('hello');
    assert.equal(await ends(id), 'Succeeded');
    // A run is over only when its logs are kept, so its pods may go at once.
    const pods: any[] = await cluster.ask('list', {
      resource: 'pods',
      namespace: 'ml',
    });
    for (const { metadata } of pods)
      if (metadata.name.startsWith(id))
        await cluster.ask('delete', {
          resource: 'pods',
          namespace: 'ml',
          name: metadata.name,
        });
    const { body: run } = await portal.call('GET', `runs/${id}`);
    for (const node of Object.values<any>(run.nodes).filter(
      item => item.type === 'Pod',
    )) {
      const { body } = await portal.call(
        'GET',
        `runs/${id}/nodes/${node.id}/log`,
      );
      assert.equal(body, 'hello you\n', node.displayName);
    }
  });

  it('shows a workflow that was started beside the portal', async () => {
    await cluster.set(quiet);
    const object = (name: string, labels: object) => ({
      resource: 'workflows',
      namespace: 'ml',
      object: {
        metadata: { name, labels },
        spec: {
          entrypoint: 'main',
          templates: [
            {
              name: 'main',
              script: {
                image: 'tools',
                command: ['sh'],
                source: 'echo beside',
              },
            },
          ],
        },
      },
    });
    await cluster.ask(
      'create',
      object('by-hand', {
        'backstage.io/kubernetes-id': 'small',
        'workflows.argoproj.io/creator': 'dana',
      }),
    );
    await waitFor(
      'the run',
      async () => (await portal.call('GET', 'runs/by-hand')).status === 200,
      60_000,
    );
    assert.equal(await ends('by-hand'), 'Succeeded');
    const { body: run } = await portal.call('GET', 'runs/by-hand');
    assert.deepEqual(run.trigger, { kind: 'cluster', by: 'dana' });
    assert.equal(run.project, 'small');
    const { body: log } = await portal.call(
      'GET',
      'runs/by-hand/nodes/by-hand/log',
    );
    assert.equal(log, 'beside\n');
  });

  it('tells a reader when nothing is heard of the cluster', async () => {
    await cluster.set(quiet);
    const id = await submit('long');
    await waitFor('the step', async () => (await phaseOf(id)) === 'Running');
    await cluster.set({
      failure: { status: 500, count: 1000 },
      silentUntil: Date.now() + 300_000,
    });
    await cluster.ask('reset-watches');
    const run: any = await waitFor(
      'the note',
      async () => {
        const { body } = await portal.call('GET', `runs/${id}`);
        return body.notes?.length > 0 && body;
      },
      180_000,
    );
    assert.match(run.notes[0], /Nothing was heard of the cluster/);
    const { body: health } = await portal.call('GET', 'health');
    assert.equal(health.engines.argo.state, 'stale');
    await cluster.set(quiet);
    await cluster.set({ failure: null });
    await waitFor(
      'the cluster to be heard again',
      async () =>
        (await portal.call('GET', 'health')).body.engines.argo.state === 'ok',
      120_000,
    );
    await portal.call('POST', `runs/${id}/terminate`);
    await ends(id);
  });

  it('says so when somebody deleted the workflow of a run', async () => {
    const id = await submit('long');
    await waitFor(
      'the workflow',
      async () => (await phaseOf(id)) === 'Running',
    );
    await cluster.ask('delete', {
      resource: 'workflows',
      namespace: 'ml',
      name: id,
    });
    assert.equal(await ends(id), 'Error');
    const { body } = await portal.call('GET', `runs/${id}`);
    assert.match(body.message, /gone from the cluster/);
  });

  it('refuses a workflow that asks for more than a pod may', async () => {
    const commit = repository.push({
      'pipelines/root.yaml': `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: root }
spec:
  entrypoint: main
  templates:
    - name: main
      podSpecPatch: '{"hostNetwork": true}'
      container: { image: tools, command: [id], securityContext: { privileged: true } }
`,
    });
    await waitFor(
      'the commit',
      async () =>
        (await portal.call('GET', 'projects/small')).body.commit === commit,
      10_000,
    );
    const id = await submit('root');
    assert.equal(await ends(id), 'Error');
    const { body } = await portal.call('GET', `runs/${id}`);
    assert.match(
      body.message,
      /spec\.templates\[0\]\.podSpecPatch, spec\.templates\[0\]\.container\.securityContext/,
    );
  });

  it('says why a run does not begin that the cluster forbids, and lets it begin or be stopped', async () => {
    await cluster.set({ ...quiet, forbidden: ['create workflows'] });
    const [first, second] = [await submit('hello'), await submit('hello')];
    for (const id of [first, second])
      await waitFor('the reason', async () => {
        const { body } = await portal.call('GET', `runs/${id}`);
        return (
          body.phase === 'Pending' &&
          /cannot create workflows/.test(body.message)
        );
      });
    await portal.call('POST', `runs/${second}/terminate`);
    assert.equal(await ends(second, 90_000), 'Failed');
    await cluster.set({ forbidden: [] });
    assert.equal(await ends(first, 90_000), 'Succeeded');
    const { body } = await portal.call('GET', `runs/${first}`);
    assert.equal(body.message, undefined);
  });

  it('ends a run that the API server refuses, with its words', async () => {
    const commit = repository.push({
      'pipelines/two.yaml': `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: two }
spec:
  entrypoint: main
  templates:
    - name: main
      container: { image: tools, command: [id] }
`,
    });
    await waitFor(
      'the commit',
      async () =>
        (await portal.call('GET', 'projects/small')).body.commit === commit,
      60_000,
    );
    await cluster.set({
      failure: { status: 422, count: 1, verbs: ['create'] },
    });
    const id = await submit('two');
    assert.equal(await ends(id), 'Error');
    const { body } = await portal.call('GET', `runs/${id}`);
    assert.match(body.message, /the server answers 422/);
  });
});
