/*
 * A namespace of a real cluster for the contract: what argo/base names is there, the bucket of its steps is served by this process,
 * and nothing of an earlier run of these tests is left. The portal then speaks as the service account that argo/base gives it. At the
 * end the namespace is as it was. `docs/cluster.md` says what all this expects of the cluster.
 */
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { waitFor } from '../support/portal.ts';
import { Borrowed } from './Borrowed.ts';
import { KubeApi } from './KubeApi.ts';
import { FolderBucket } from './server/FolderBucket.ts';
import { serveS3 } from './server/S3.ts';

const base = path.resolve(import.meta.dirname, '../../argo/base');
const bucketName = 'mlops';

/** This machine as pods reach it. */
export const realHost = process.env.MLOPS_TEST_HOST ?? '127.0.0.1';

/** Files whose steps have an image that the nodes of a real cluster can pull. */
export const withRealImage = (files: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(files).map(([name, text]) => [
      name,
      text.replaceAll(
        'image: tools',
        `image: ${process.env.MLOPS_TEST_IMAGE ?? 'busybox:1.37'}`,
      ),
    ]),
  );

export class RealCluster {
  readonly namespace: string;
  private readonly api: KubeApi;
  private readonly kubeconfig: string;
  private readonly folder: string;
  private readonly borrowed: Borrowed;
  private readonly filled: string[] = [];
  private s3?: http.Server;
  private token?: string;

  /** @param folder - of its own */
  constructor(kubeconfig: string, folder: string) {
    this.api = new KubeApi(kubeconfig);
    this.kubeconfig = kubeconfig;
    this.namespace =
      process.env.MLOPS_TEST_NAMESPACE ?? this.api.namespace ?? 'argo';
    this.folder = folder;
    this.borrowed = new Borrowed(this.api, this.namespace);
  }

  async prepare(): Promise<void> {
    await this.serveBucket();
    await this.sweep();
    await this.borrowed.giveBack();
    for (const object of manifests(this.namespace))
      if (object.kind !== 'ConfigMap') await this.borrowed.make(object);
    await this.nameBucket();
    await this.tokenOf('mlops-step', 'mlops-step.service-account-token');
    this.token = await this.tokenOf('mlops-portal', 'mlops-portal-token');
  }

  /** As `mlops`. */
  settings(gitUrl: string): Record<string, unknown> {
    const file = this.token
      ? path.join(this.folder, 'kubeconfig')
      : path.resolve(this.kubeconfig);
    if (this.token)
      fs.writeFileSync(file, this.api.withToken(this.token), { mode: 0o600 });
    return {
      engine: 'argo',
      externalUrl: `http://${realHost}:1`,
      gitops: { url: gitUrl },
      argo: {
        clusters: [
          {
            namespace: this.namespace,
            kubeconfig: { file },
            artifacts: {
              bucket: bucketName,
              endpoint: this.endpoint,
              forcePathStyle: true,
              accessKeyId: 'test',
              secretAccessKey: 'test-secret',
            },
          },
        ],
      },
    };
  }

  list(plural: string): Promise<any[]> {
    return this.borrowed.list(plural);
  }

  async stop(): Promise<void> {
    await this.sweep();
    for (const secret of this.filled)
      await this.patch('secrets', secret, { data: null });
    await this.borrowed.giveBack({ isLast: true });
    this.s3?.closeAllConnections();
    this.s3?.close();
  }

  private get endpoint(): string {
    return `http://${realHost}:${(this.s3!.address() as AddressInfo).port}`;
  }

  private async serveBucket(): Promise<void> {
    const bucket = new FolderBucket(path.join(this.folder, 'bucket'));
    this.s3 = http.createServer((request, response) => {
      serveS3(bucket, request, response).catch(() => response.destroy());
    });
    await new Promise<void>(resolve =>
      this.s3!.listen(0, realHost === '127.0.0.1' ? realHost : '::', resolve),
    );
  }

  private async nameBucket(): Promise<void> {
    await this.borrowed.make({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: testBucket, namespace: this.namespace },
      stringData: { accessKey: 'test', secretKey: 'test-secret' },
    });
    const repositories = manifests(this.namespace).find(
      ({ kind }) => kind === 'ConfigMap',
    );
    repositories.data.bucket = repositories.data.bucket
      .replaceAll('mlops-bucket', testBucket)
      .replace(/bucket: .*/, `bucket: ${bucketName}`)
      .replace(/endpoint: .*/, `endpoint: ${new URL(this.endpoint).host}`);
    await this.borrowed.replace(repositories);
  }

  private patch(plural: string, name: string, body: unknown) {
    return this.api.call(
      'PATCH',
      this.borrowed.path(plural, name),
      body,
      'application/merge-patch+json',
    );
  }

  // A cluster without the controller that fills such Secrets gets the token from here. Undefined when it may not be read.
  private async tokenOf(
    account: string,
    secret: string,
  ): Promise<string | undefined> {
    const path = this.borrowed.path('secrets', secret);
    if ((await this.api.call('GET', path)).status === 403) return undefined;
    const read = async () => {
      const { data } = await this.api.must('GET', path);
      return data?.token && Buffer.from(data.token, 'base64').toString();
    };
    const filled = await waitFor('a token', read, 10_000).catch(
      () => undefined,
    );
    if (filled) return filled as string;
    const { status } = await this.api.must(
      'POST',
      `${this.borrowed.path('serviceaccounts', account)}/token`,
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: 24 * 3600 },
      },
    );
    const { body } = await this.api.call(
      'GET',
      this.borrowed.path('configmaps', 'kube-root-ca.crt'),
    );
    const patched = await this.patch('secrets', secret, {
      stringData: {
        token: status.token,
        namespace: this.namespace,
        'ca.crt': body?.data?.['ca.crt'] ?? this.api.authority,
      },
    });
    if (patched.status >= 300) throw new Error(JSON.stringify(patched.body));
    this.filled.push(secret);
    return status.token;
  }

  // What the small project left in the namespace, and nothing of anybody else's.
  private async sweep(): Promise<void> {
    const { borrowed } = this;
    const ofProject = 'backstage-mlops/project=small';
    const runs = async () =>
      (await borrowed.list('workflows', ofProject)).map(
        ({ metadata }) => metadata.name as string,
      );
    const left = await runs();
    for (const plural of ['cronworkflows', 'workflows', 'workflowtemplates'])
      for (const { metadata } of await borrowed.list(plural, ofProject))
        await borrowed.delete(plural, metadata.name);
    for (const { metadata } of await borrowed.list(
      'workflowtemplates',
      'app.kubernetes.io/managed-by=backstage-mlops',
    ))
      if (metadata.name === 'shared.cluster.shared')
        await borrowed.delete('workflowtemplates', metadata.name);
    // Where nobody collects what is deleted.
    for (const { metadata } of await borrowed.list('cronworkflows', ofProject))
      if (metadata.deletionTimestamp)
        await this.patch('cronworkflows', metadata.name, {
          metadata: { finalizers: null },
        });
    for (const run of left)
      for (const [plural, label] of ownedByRuns)
        for (const { metadata } of await borrowed.list(
          plural,
          `${label}=${run}`,
        ))
          await borrowed.delete(plural, metadata.name);
    await waitFor(
      'the runs of these tests to go',
      async () => (await runs()).length === 0,
      60_000,
    );
  }
}

const testBucket = 'mlops-test-bucket';

const ownedByRuns = [
  ['secrets', 'backstage-mlops/run'],
  ['pods', 'workflows.argoproj.io/workflow'],
  ['workflowtaskresults', 'workflows.argoproj.io/workflow'],
];

// The objects of argo/base in another namespace, the namespace first.
function manifests(namespace: string): any[] {
  const objects = fs
    .readdirSync(base)
    .filter(file => file !== 'kustomization.yaml')
    .flatMap(file =>
      parseAllDocuments(fs.readFileSync(path.join(base, file), 'utf8')),
    )
    .map(document => document.toJS());
  for (const object of objects) {
    if (object.kind === 'Namespace') object.metadata.name = namespace;
    else object.metadata.namespace = namespace;
    for (const subject of object.subjects ?? []) subject.namespace = namespace;
  }
  const order = ['Namespace', 'ServiceAccount'];
  return objects.sort(
    (a, b) =>
      (order.indexOf(a.kind) + 1 || 9) - (order.indexOf(b.kind) + 1 || 9),
  );
}
