/*
 * What a client may rely on, asked of the small cluster and of a real one (MLOPS_TEST_KUBECONFIG): where both answer the same, tests
 * of ours on the one say something of the other.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { KubeApi } from './KubeApi.ts';
import { startCluster, type TestCluster } from './startCluster.ts';

const real = process.env.MLOPS_TEST_KUBECONFIG;

for (const kind of ['small', ...(real ? ['real'] : [])])
  describe(`the API of the ${kind} cluster`, () => {
    let api: KubeApi;
    let folder: string;
    let cluster: TestCluster | undefined;
    let namespace: string;

    before(async () => {
      folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-api-'));
      if (kind === 'small') {
        cluster = await startCluster(folder);
        const file = path.join(folder, 'kubeconfig');
        fs.writeFileSync(file, kubeconfig(cluster));
        api = new KubeApi(file);
      } else api = new KubeApi(real!);
      namespace = process.env.MLOPS_TEST_NAMESPACE ?? api.namespace ?? 'argo';
      await api.call('DELETE', `${templates()}?labelSelector=api-test`);
    });
    after(async () => {
      await api.call('DELETE', `${templates()}?labelSelector=api-test`);
      await cluster?.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    });

    const templates = (name?: string) =>
      `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/workflowtemplates${
        name ? `/${name}` : ''
      }`;
    const template = (name: string, more: Record<string, any> = {}) => ({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'WorkflowTemplate',
      ...more,
      metadata: { name, labels: { 'api-test': 'a' }, ...more.metadata },
      spec: { entrypoint: 'main', ...more.spec },
    });
    const made = async (name: string, more?: object) => {
      const { status, body } = await api.call(
        'POST',
        templates(),
        template(name, more),
      );
      assert.equal(status, 201, JSON.stringify(body));
      return body;
    };
    const mergePatch = 'application/merge-patch+json';
    const fails = (
      answer: { status: number; body: any },
      code: number,
      reason: string,
    ) =>
      assert.deepEqual(
        [answer.status, answer.body.kind, answer.body.reason],
        [code, 'Status', reason],
        JSON.stringify(answer.body),
      );

    it('refuses what has no kind, no good name, or a name that is taken', async () => {
      const { kind: _kind, ...kindless } = template('kindless');
      fails(await api.call('POST', templates(), kindless), 400, 'BadRequest');
      fails(
        await api.call('POST', templates(), template('No_Name')),
        422,
        'Invalid',
      );
      fails(
        await api.call(
          'POST',
          templates(),
          template('labelled', { metadata: { labels: { a: 'not good!' } } }),
        ),
        422,
        'Invalid',
      );
      await made('taken');
      fails(
        await api.call('POST', templates(), template('taken')),
        409,
        'AlreadyExists',
      );
    });

    it('refuses templates that lack what the CRDs demand', async () => {
      const memoize = { key: 'k', cache: { configMap: { name: 'c' } } };
      const suspend = {};
      for (const one of [
        { name: 'main', suspend, memoize },
        { name: 'main', suspend, steps: [] },
      ])
        fails(
          await api.call(
            'POST',
            templates(),
            template('strict', { spec: { templates: [one] } }),
          ),
          422,
          'Invalid',
        );
      await made('lenient', {
        spec: {
          templates: [
            { name: 'main', suspend, memoize: { ...memoize, maxAge: '' } },
          ],
        },
      });
    });

    it('replaces only what the caller has seen as it is', async () => {
      const first = await made('replaced');
      const { resourceVersion: _version, ...unversioned } = first.metadata;
      fails(
        await api.call('PUT', templates('replaced'), {
          ...first,
          metadata: unversioned,
        }),
        422,
        'Invalid',
      );
      const second = await api.must('PUT', templates('replaced'), {
        ...first,
        spec: { entrypoint: 'other' },
      });
      assert.notEqual(
        second.metadata.resourceVersion,
        first.metadata.resourceVersion,
      );
      fails(
        await api.call('PUT', templates('replaced'), first),
        409,
        'Conflict',
      );
      fails(
        await api.call(
          'PATCH',
          templates('replaced'),
          {
            metadata: {
              resourceVersion: first.metadata.resourceVersion,
              labels: { b: 'c' },
            },
          },
          mergePatch,
        ),
        409,
        'Conflict',
      );
    });

    it('writes nothing where nothing changes', async () => {
      const first = await made('same');
      const { body } = await api.call(
        'PATCH',
        templates('same'),
        { spec: { entrypoint: 'main' } },
        mergePatch,
      );
      assert.equal(
        body.metadata.resourceVersion,
        first.metadata.resourceVersion,
      );
    });

    it('tells a watch that an object left what it selects', async () => {
      const first = await made('leaves');
      const events = await api.watch(
        `${templates()}?watch=true&labelSelector=api-test%3Da&resourceVersion=${
          first.metadata.resourceVersion
        }&timeoutSeconds=60`,
        { until: seen => seen.length >= 2 },
        async () => {
          for (const value of ['b', 'c', 'a'])
            await api.call(
              'PATCH',
              templates('leaves'),
              { metadata: { labels: { 'api-test': value } } },
              mergePatch,
            );
        },
      );
      assert.deepEqual(
        events.map(({ type, object }) => [type, object.metadata.name]),
        [
          ['DELETED', 'leaves'],
          ['ADDED', 'leaves'],
        ],
      );
    });

    it('keeps what has a finalizer until that is gone', async () => {
      const first = await made('finalized', {
        metadata: { finalizers: ['example.org/wait'] },
      });
      const { status } = await api.call('DELETE', templates('finalized'));
      assert.equal(status, 200);
      const waiting = await api.must('GET', templates('finalized'));
      assert.ok(waiting.metadata.deletionTimestamp);
      const events = await api.watch(
        `${templates()}?watch=true&labelSelector=api-test&resourceVersion=${
          first.metadata.resourceVersion
        }&timeoutSeconds=60`,
        { until: seen => seen.length >= 2 },
        async () => {
          await api.call(
            'PATCH',
            templates('finalized'),
            { metadata: { finalizers: null } },
            mergePatch,
          );
        },
      );
      assert.deepEqual(
        events.map(({ type }) => type),
        ['MODIFIED', 'DELETED'],
      );
      fails(await api.call('GET', templates('finalized')), 404, 'NotFound');
    });

    it('deletes what is as the caller says, once', async () => {
      const { metadata } = await made('deleted');
      fails(
        await api.call('DELETE', templates('deleted'), {
          preconditions: { uid: metadata.uid, resourceVersion: '1' },
        }),
        409,
        'Conflict',
      );
      const gone = await api.must('DELETE', templates('deleted'), {
        preconditions: {
          uid: metadata.uid,
          resourceVersion: metadata.resourceVersion,
        },
      });
      assert.deepEqual(
        [gone.kind, gone.status, gone.details.name],
        ['Status', 'Success', 'deleted'],
      );
      fails(await api.call('DELETE', templates('deleted')), 404, 'NotFound');
    });

    it('keeps what is deleted without what belongs to it until the collector has let that go', async () => {
      await made('parent');
      const going = await api.must('DELETE', templates('parent'), {
        propagationPolicy: 'Orphan',
      });
      assert.equal(going.kind, 'WorkflowTemplate');
      assert.ok(going.metadata.deletionTimestamp);
      assert.deepEqual(going.metadata.finalizers, ['orphan']);
      await api.call(
        'PATCH',
        templates('parent'),
        { metadata: { finalizers: null } },
        mergePatch,
      );
    });

    it('gives the pages of a list as it was when it began', async () => {
      for (const name of ['page-a', 'page-b', 'page-c'])
        await made(name, { metadata: { labels: { 'api-test': 'page' } } });
      const list = `${templates()}?labelSelector=api-test%3Dpage&limit=2`;
      const first = await api.must('GET', list);
      assert.deepEqual(
        first.items.map((item: any) => item.metadata.name),
        ['page-a', 'page-b'],
      );
      await api.must('DELETE', templates('page-a'));
      await made('page-d', { metadata: { labels: { 'api-test': 'page' } } });
      const second = await api.must(
        'GET',
        `${list}&continue=${encodeURIComponent(first.metadata.continue)}`,
      );
      assert.deepEqual(
        second.items.map((item: any) => item.metadata.name),
        ['page-c'],
      );
      assert.equal(
        second.metadata.resourceVersion,
        first.metadata.resourceVersion,
      );
      assert.ok(!second.metadata.continue);
      // Items of a list say neither apiVersion nor kind only where the kind is built in.
      assert.equal(second.items[0].kind, 'WorkflowTemplate');
    });

    it('has no log of a pod that is not there', async () => {
      fails(
        await api.call(
          'GET',
          `/api/v1/namespaces/${namespace}/pods/nobody/log?container=main`,
        ),
        404,
        'NotFound',
      );
    });
  });

const kubeconfig = ({ url, token, caData }: TestCluster) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'small',
        cluster: { server: url, 'certificate-authority-data': caData },
      },
    ],
    users: [{ name: 'test', user: { token } }],
    contexts: [
      {
        name: 'small',
        context: { cluster: 'small', user: 'test', namespace: 'ml' },
      },
    ],
    'current-context': 'small',
  });
