/*
 * What a run is to people, whatever engine leads it: the same calls, phases, nodes and logs on this machine, on the small cluster,
 * and on a real one when MLOPS_TEST_KUBECONFIG names its kubeconfig (`realCluster.ts` says what it needs).
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { waitFor } from '../support/portal.ts';
import { parseAllDocuments } from 'yaml';
import { SmallPortal } from '../support/smallPortal.ts';
import { smallProject } from '../support/smallProject.ts';
import { contractPipelines, tick } from './pipelines.ts';
import { assertSameTree, recordings } from './recordings.ts';
import { RealCluster, realHost, withRealImage } from './realCluster.ts';
import { serveRepository, type ServedRepository } from './servedRepository.ts';
import { startCluster, type TestCluster } from './startCluster.ts';

const real = process.env.MLOPS_TEST_KUBECONFIG;
const engines = ['local', 'argo', ...(real ? ['real'] : [])];

for (const engine of engines)
  describe(`engine ${engine}`, () => {
    let repository: ServedRepository;
    let cluster: TestCluster | undefined;
    let actual: RealCluster | undefined;
    let portal: SmallPortal;
    let data: string;

    before(async () => {
      repository = await serveRepository(
        engine === 'real'
          ? withRealImage(contractPipelines)
          : contractPipelines,
        realHost,
      );
      if (engine === 'argo') cluster = await startCluster(repository.folder);
      data = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-contract-'));
      if (engine === 'real') {
        actual = new RealCluster(real!, data);
        await actual.prepare();
      }
      portal = await SmallPortal.start({
        data,
        seed: data,
        mlops: (cluster ?? actual)?.settings(repository.url) ?? {
          gitops: { url: repository.url },
        },
      });
    });
    after(async () => {
      await portal?.kill();
      await cluster?.stop();
      await actual?.stop();
      repository?.stop();
      fs.rmSync(data, { recursive: true, force: true });
    });

    const submit = async (pipeline: string, more: object = {}) => {
      const { status, body } = await portal.call('POST', 'runs', {
        project: 'small',
        pipeline,
        ...more,
      });
      assert.equal(status, 201, JSON.stringify(body));
      return body.id as string;
    };
    const get = async (id: string) =>
      (await portal.call('GET', `runs/${id}`)).body;
    const end = (id: string) =>
      waitFor(
        `the end of ${id}`,
        async () => {
          const run = await get(id);
          return ['Succeeded', 'Failed', 'Error'].includes(run.phase) && run;
        },
        // The first pods of a cluster may wait for their image.
        300_000,
      );
    const nodeOf = (run: any, displayName: string) => {
      const node: any = Object.values(run.nodes).find(
        (item: any) => item.displayName === displayName,
      );
      assert.ok(node, `no node ${displayName} in ${JSON.stringify(run.nodes)}`);
      return node;
    };
    const logOf = async (id: string, node: any) =>
      (await portal.call('GET', `runs/${id}/nodes/${node.id}/log`)).text;

    it('runs a graph to its end, with logs, parameters and artifacts', async () => {
      const run = await end(
        await submit('hello', { parameters: { who: 'world' } }),
      );
      assert.equal(run.phase, 'Succeeded', JSON.stringify(run));
      assert.equal(run.engine, engine === 'local' ? 'local' : 'argo');
      assert.deepEqual(run.parameters, [{ name: 'who', value: 'world' }]);
      for (const name of ['first', 'left', 'right']) {
        const node = nodeOf(run, name);
        assert.equal(node.phase, 'Succeeded');
        assert.equal(await logOf(run.id, node), 'hello world\n');
      }
      const left = nodeOf(run, 'left');
      const artifact = await portal.call(
        'GET',
        `runs/${run.id}/nodes/${left.id}/artifacts/out`,
      );
      assert.equal(artifact.body, 'bytes\n');
    });

    it('says why a run failed, and goes on from the failed step with other parameters', async () => {
      const id = await submit('fails');
      const failed = await end(id);
      assert.equal(failed.phase, 'Failed');
      assert.deepEqual(failed.cause, {
        node: 'bad',
        message: 'exit code 3: Error: no luck',
      });
      const good = nodeOf(failed, 'good');
      const { status, body } = await portal.call('POST', `runs/${id}/retry`, {
        parameters: { code: '0' },
      });
      assert.equal(status, 200, JSON.stringify(body));
      const retried = await end(id);
      assert.equal(retried.phase, 'Succeeded', JSON.stringify(retried));
      assert.equal(nodeOf(retried, 'good').finishedAt, good.finishedAt);
    });

    it('stops with exit handlers, terminates without', async () => {
      for (const [wish, hasHandler] of [
        ['stop', true],
        ['terminate', false],
      ] as const) {
        const id = await submit('long');
        await waitFor(`a step of ${id}`, async () =>
          Object.values((await get(id)).nodes ?? {}).some(
            (node: any) => node.phase === 'Running' && node.type === 'Pod',
          ),
        );
        const { status } = await portal.call('POST', `runs/${id}/${wish}`);
        assert.equal(status, 200);
        const run = await end(id);
        assert.equal(run.phase, 'Failed');
        const handler = Object.values(run.nodes).some((node: any) =>
          node.name.endsWith('.onExit'),
        );
        assert.equal(handler, hasHandler, wish);
        const again = await portal.call('POST', `runs/${id}/${wish}`);
        assert.equal(again.status, 409);
      }
    });

    it('waits for a person, and goes on with what the person says', async () => {
      const id = await submit('waits');
      const waiting: any = await waitFor('the question', async () => {
        const run = await get(id);
        return Object.values(run.nodes ?? {}).find(
          (node: any) => node.type === 'Suspend' && node.phase === 'Running',
        );
      });
      const wrong = await portal.call('POST', `runs/${id}/resume`, {
        node: waiting.id,
        parameters: { word: 'perhaps' },
      });
      assert.equal(wrong.status, 400, JSON.stringify(wrong.body));
      const right = await portal.call('POST', `runs/${id}/resume`, {
        node: waiting.id,
        parameters: { word: 'yes' },
      });
      assert.equal(right.status, 200, JSON.stringify(right.body));
      const run = await end(id);
      assert.equal(run.phase, 'Succeeded', JSON.stringify(run));
      assert.equal(await logOf(id, nodeOf(run, 'say')), 'word yes\n');
    });

    it('runs the same again as a run of its own', async () => {
      const first = await end(await submit('hello'));
      const { status, body } = await portal.call(
        'POST',
        `runs/${first.id}/resubmit`,
        { parameters: { who: 'again' } },
      );
      assert.equal(status, 201, JSON.stringify(body));
      const second = await end(body.id);
      assert.equal(second.commit, first.commit);
      assert.equal(
        await logOf(second.id, nodeOf(second, 'first')),
        'hello again\n',
      );
    });

    it('calls templates of another file of the project, and of what all projects share', async () => {
      const run = await end(await submit('calls'));
      assert.equal(run.phase, 'Succeeded', JSON.stringify(run));
      assert.equal(await logOf(run.id, nodeOf(run, 'one')), 'shared here\n');
      assert.equal(await logOf(run.id, nodeOf(run, 'two')), 'quiet\n');
      assert.deepEqual(nodeOf(run, 'block').templateRef, {
        name: 'blocks',
        template: 'twice',
      });
    });

    it('starts runs by a schedule while its file is there, and none when it is gone', async () => {
      const runsOf = async () =>
        (await portal.call('GET', 'runs?project=small&pipeline=env')).body
          .items;
      repository.push({ 'pipelines/tick.yaml': tick });
      const two: any[] = await waitFor(
        'two runs',
        async () => {
          const runs = (await runsOf()).filter(
            (run: any) => run.phase === 'Succeeded',
          );
          return runs.length >= 2 && runs;
        },
        120_000,
      );
      for (const run of two) {
        assert.equal(run.trigger.kind, 'schedule', JSON.stringify(run));
        assert.equal(run.trigger.by, 'tick');
        assert.equal(run.engine, engine === 'local' ? 'local' : 'argo');
      }
      const times = two.map(run => run.trigger.scheduledFor);
      assert.equal(new Set(times).size, times.length);
      const { body: project } = await portal.call('GET', 'projects/small');
      assert.ok(project.schedules[0].lastRun.id, JSON.stringify(project));
      const crons = async (): Promise<any[]> => {
        const all: any[] = actual
          ? await actual.list('cronworkflows')
          : await cluster!.ask('list', {
              resource: 'cronworkflows',
              namespace: 'ml',
            });
        // Other projects may have schedules in the same namespace.
        return all.filter(({ metadata }) => metadata.name === 'small.tick');
      };
      const isOnCluster = engine !== 'local';
      if (isOnCluster) {
        const zones = async () =>
          (await crons()).map((item: any) => item.spec.timezone);
        assert.deepEqual(await zones(), ['Europe/Berlin']);
        repository.push({
          'pipelines/tick.yaml': tick.replace('Europe/Berlin', 'Asia/Tokyo'),
        });
        await waitFor(
          'the schedule to change',
          async () => (await zones())[0] === 'Asia/Tokyo',
          60_000,
        );
        // A cluster whose garbage collector does not work.
        await cluster?.set({ collector: false });
      }
      repository.push({ 'pipelines/tick.yaml': null });
      await waitFor(
        'the schedule to go',
        async () =>
          (
            await portal.call('GET', 'sync?project=small')
          ).body.items.every((item: any) => item.kind !== 'schedule') &&
          (!isOnCluster || (await crons()).every(isQuiet)),
        60_000,
      );
      await waitFor('the last run to end', async () =>
        (
          await runsOf()
        ).every((run: any) =>
          ['Succeeded', 'Failed', 'Error'].includes(run.phase),
        ),
      );
      const over = await runsOf();
      assert.deepEqual(
        over.filter((run: any) => run.phase !== 'Succeeded'),
        [],
      );
      const count = over.length;
      await new Promise(resolve => setTimeout(resolve, 3_000));
      assert.equal((await runsOf()).length, count);
      if (isOnCluster) {
        // The portal looks again at a commit, and helps where nobody let the runs go for five seconds.
        await new Promise(resolve => setTimeout(resolve, 4_000));
        repository.push({ 'notes.md': 'A commit.' });
        await waitFor(
          'the CronWorkflow to be gone',
          async () => (await crons()).length === 0,
          120_000,
        );
      }
      await cluster?.set({ collector: true });
      // Its runs are still there.
      assert.equal((await runsOf()).length, count);
    });

    if (engine === 'argo')
      it('has the cluster have the pipelines of git, so that what is submitted there is a run like any other', async () => {
        const syncOf = async (name: string) =>
          (await portal.call('GET', 'sync?project=small')).body.items.find(
            (item: any) => item.kind === 'pipeline' && item.name === name,
          );
        const templates = async (): Promise<any[]> =>
          cluster!.ask('list', {
            resource: 'workflowtemplates',
            namespace: 'ml',
          });
        const nameIs = (name: string) => async () =>
          (await templates()).find(item => item.metadata.name === name);
        // Somebody has the name already.
        await cluster!.ask('create', {
          resource: 'workflowtemplates',
          namespace: 'ml',
          object: { metadata: { name: 'small.mine' }, spec: { theirs: true } },
        });
        const commit = repository.push({
          'pipelines/mine.yaml': contractPipelines[
            'pipelines/env.yaml'
          ].replace('name: env', 'name: mine'),
          'pipelines/limited.yaml': contractPipelines['pipelines/env.yaml']
            .replace('name: env', 'name: limited')
            .replace(
              'spec:',
              `spec:
  synchronization:
    semaphores: [{ configMapKeyRef: { name: limits, key: train } }]`,
            ),
        });
        const foreign: any = await waitFor(
          'the foreign template to be told',
          async () => {
            const item = await syncOf('mine');
            return item?.state === 'Failed' && item;
          },
          60_000,
        );
        assert.match(foreign.message, /another WorkflowTemplate 'small.mine'/);
        const theirs = (await nameIs('small.mine')())!;
        assert.deepEqual(theirs.spec, { theirs: true });
        assert.equal(theirs.metadata.labels, undefined);
        await waitFor(
          'git and cluster to agree',
          async () => (await syncOf('env'))?.state === 'Synced',
          60_000,
        );
        const made = (await nameIs('small.env')())!;
        assert.equal(
          made.metadata.annotations['backstage-mlops/commit'],
          commit,
        );
        await cluster!.ask('create', {
          resource: 'workflows',
          namespace: 'ml',
          object: {
            metadata: {
              name: 'from-template',
              labels: { 'workflows.argoproj.io/creator': 'dana' },
            },
            spec: { workflowTemplateRef: { name: 'small.env' } },
          },
        });
        await waitFor(
          'the run',
          async () =>
            (await portal.call('GET', 'runs/from-template')).status === 200,
          60_000,
        );
        const run = await end('from-template');
        // Its step needs the token of the run, which the portal brought after the pod.
        assert.equal(run.phase, 'Succeeded', JSON.stringify(run));
        assert.equal(run.pipeline, 'env');
        assert.equal(run.commit, commit);
        assert.deepEqual(run.trigger, { kind: 'cluster', by: 'dana' });
        const told = await waitFor('the missing limit to be told', async () => {
          const item = await syncOf('limited');
          return item?.state === 'Failed' && item;
        });
        assert.match(told.message, /no ConfigMap 'limits'.*key 'train'/);
        await cluster!.ask('create', {
          resource: 'configmaps',
          namespace: 'ml',
          object: { metadata: { name: 'limits' }, data: { train: '1' } },
        });
        const changed = contractPipelines['pipelines/env.yaml'].replace(
          'test -n',
          'echo new; test -n',
        );
        repository.push({
          'pipelines/env.yaml': changed,
          'pipelines/mine.yaml': null,
        });
        await waitFor(
          'the template to change',
          async () =>
            JSON.stringify((await nameIs('small.env')())?.spec).includes(
              'echo new',
            ),
          60_000,
        );
        assert.ok(await nameIs('small.mine')(), 'what is not ours stays');
        await waitFor(
          'the limit to be seen',
          async () => (await syncOf('limited'))?.state === 'Synced',
          120_000,
        );
        // A file that goes takes its template along.
        repository.push({ 'pipelines/three.yaml': null });
        await waitFor(
          'the template to go',
          async () => (await nameIs('small.three')()) === undefined,
          60_000,
        );
      });

    if (engine === 'argo')
      it('shows the trees and logs that a real controller recorded, as they were recorded', async () => {
        const all = recordings();
        assert.ok(all.length > 45, `${all.length} recordings`);
        for (const [index, { name, manifest, recorded }] of all.entries()) {
          await cluster!.ask('create', {
            resource: 'workflows',
            namespace: 'ml',
            object: {
              metadata: {
                name,
                labels: {
                  'test/recorded': 'true',
                  'backstage.io/kubernetes-id': 'small',
                },
              },
              spec: manifest.spec,
            },
          });
          await cluster!.ask('play', {
            namespace: 'ml',
            name,
            recorded,
            // The controller packs trees that are large.
            ...(index % 3 === 1 ? { nodes: 'packed' } : {}),
          });
        }
        for (const item of all) {
          const run = await waitFor(
            `the end of ${item.name}`,
            async () => {
              const seen = await get(item.name);
              return (
                ['Succeeded', 'Failed', 'Error'].includes(seen.phase) && seen
              );
            },
            120_000,
          );
          assertSameTree(run, item);
          for (const { id, type, phase, log = [] } of item.recorded.nodes)
            if (type === 'Pod' && phase !== 'Pending')
              assert.equal(
                await logOf(item.name, { id }),
                log.map((line: string) => `${line}\n`).join(''),
                `${item.name}: log of ${id}`,
              );
        }
      });

    if (engine === 'argo')
      it('says so when the tree of a workflow lies in a database that nobody named', async () => {
        const [{ manifest, recorded }] = recordings();
        await cluster!.ask('create', {
          resource: 'workflows',
          namespace: 'ml',
          object: {
            metadata: {
              name: 'elsewhere',
              labels: {
                'test/recorded': 'true',
                'backstage.io/kubernetes-id': 'small',
              },
            },
            spec: manifest.spec,
          },
        });
        await cluster!.ask('play', {
          namespace: 'ml',
          name: 'elsewhere',
          recorded,
          nodes: { offloadedAs: 'fnv:1' },
        });
        await waitFor('the run', async () => (await get('elsewhere')).phase);
        const run = await end('elsewhere');
        assert.match(run.message, /database of Argo.*nodeStatusOffLoad/);
      });

    if (engine === 'argo')
      it('makes no call that the shipped role does not allow, and the role allows none in vain', async () => {
        // A template that was made long ago is marked when a run asks for it again.
        const templates: any[] = await cluster!.ask('list', {
          resource: 'workflowtemplates',
          namespace: 'ml',
        });
        for (const { metadata, ...object } of templates)
          if (metadata.labels?.['backstage-mlops/pinned'])
            await cluster!.ask('replace', {
              resource: 'workflowtemplates',
              namespace: 'ml',
              object: {
                ...object,
                metadata: {
                  ...metadata,
                  resourceVersion: undefined,
                  annotations: {
                    ...metadata.annotations,
                    'backstage-mlops/used-at': '2026-01-01T00:00:00Z',
                  },
                },
              },
            });
        const { body: waiting } = await portal.call('POST', 'runs', {
          project: 'small',
          pipeline: 'waits',
        });
        await waitFor('the question', async () =>
          Object.values((await get(waiting.id)).nodes ?? {}).some(
            (node: any) => node.type === 'Suspend',
          ),
        );
        await portal.call('POST', `runs/${waiting.id}/suspend`);
        await portal.call('POST', `runs/${waiting.id}/terminate`);
        await end(waiting.id);
        repository.push({
          'mlproject.yaml': smallProject.replace(
            'spec:',
            'spec:\n  retention: { runs: { last: 1 } }',
          ),
        });
        const old = (
          await portal.call('GET', 'runs?project=small&pipeline=hello')
        ).body.items.at(-1).id;
        const inBucket = async () =>
          (
            await fetch(`${cluster!.s3}/artifacts?list-type=2&prefix=${old}/`)
          ).text();
        assert.match(await inBucket(), /<Key>/);
        await waitFor('retention', async () => {
          const { body } = await portal.call(
            'POST',
            'projects/small/retention',
            {},
          );
          return body.items?.length > 0;
        });
        assert.doesNotMatch(await inBucket(), /<Key>/);
        assert.equal((await portal.call('GET', `runs/${old}`)).status, 404);
        const made = new Set(
          (await cluster!.ask('calls')).map(
            (call: any) => `${call.verb} ${call.resource}`,
          ),
        );
        assert.deepEqual([...made].sort(), allowedByRole().sort());
      });

    it('gives a step the environment of its run', async () => {
      const run = await end(await submit('env'));
      assert.equal(run.phase, 'Succeeded', JSON.stringify(run));
      const [node] = Object.values(run.nodes);
      assert.match(
        await logOf(run.id, node),
        new RegExp(`run ${run.id} at http`),
      );
    });
  });

// On its way out, it starts nothing any more.
const isQuiet = ({ metadata, spec }: any) =>
  metadata.deletionTimestamp !== undefined && spec.suspend === true;

// Verbs of the role that argo/ gives the portal.
function allowedByRole(): string[] {
  const file = path.resolve(import.meta.dirname, '../../argo/base/rbac.yaml');
  const role = parseAllDocuments(fs.readFileSync(file, 'utf8'))
    .map(document => document.toJS())
    .find(
      ({ kind, metadata }) =>
        kind === 'Role' && metadata.name === 'mlops-portal',
    );
  return role.rules.flatMap((rule: any) =>
    rule.verbs.flatMap((verb: string) =>
      rule.resources.map((resource: string) => `${verb} ${resource}`),
    ),
  );
}
