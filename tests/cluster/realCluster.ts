/*
 * A namespace of a real cluster for the contract: what argo/base names is there, the bucket of its steps is served by this process,
 * and nothing of an earlier run of these tests is left. The portal then speaks as the service account that argo/base gives it.
 * MLOPS_TEST_KUBECONFIG may do all this in the namespace; MLOPS_TEST_NAMESPACE is the namespace, else the one of the kubeconfig, else
 * `argo`; MLOPS_TEST_HOST is this machine as pods reach it, else 127.0.0.1.
 */
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { waitFor } from '../support/portal.ts';
import { KubeApi } from './KubeApi.ts';
import { FolderBucket } from './server/FolderBucket.ts';
import { serveS3 } from './server/S3.ts';

const base = path.resolve(import.meta.dirname, '../../argo/base');
const argo = '/apis/argoproj.io/v1alpha1';
const bucketName = 'mlops';

/** This machine as pods reach it. */
export const realHost = process.env.MLOPS_TEST_HOST ?? '127.0.0.1';

export class RealCluster {
  readonly namespace: string;
  private readonly api: KubeApi;
  private readonly kubeconfig: string;
  private readonly folder: string;
  private s3?: http.Server;
  private token?: string;

  /** @param folder - of its own */
  constructor(kubeconfig: string, folder: string) {
    this.api = new KubeApi(kubeconfig);
    this.kubeconfig = kubeconfig;
    this.namespace =
      process.env.MLOPS_TEST_NAMESPACE ?? this.api.namespace ?? 'argo';
    this.folder = folder;
  }

  async prepare(): Promise<void> {
    await this.serveBucket();
    await this.sweep();
    for (const object of manifests(this.namespace)) await this.ensure(object);
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

  async list(plural: string): Promise<any[]> {
    return (await this.api.must('GET', this.path(plural))).items;
  }

  async stop(): Promise<void> {
    await this.sweep();
    this.s3?.closeAllConnections();
    this.s3?.close();
  }

  private get endpoint(): string {
    return `http://${realHost}:${(this.s3!.address() as AddressInfo).port}`;
  }

  private path(plural: string, name?: string): string {
    const group = groups[plural] ?? '/api/v1';
    const all = `${group}/namespaces/${this.namespace}/${plural}`;
    return name === undefined ? all : `${all}/${name}`;
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

  // What is there stays as it is.
  private async ensure(object: any): Promise<void> {
    if (object.kind === 'Namespace') {
      await this.api.must('POST', '/api/v1/namespaces', object, [403, 409]);
      return;
    }
    // 403: somebody with more rights has put it there.
    const path = this.path(plurals[object.kind]);
    await this.api.must('POST', path, object, [403, 409]);
  }

  private async nameBucket(): Promise<void> {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'mlops-bucket', namespace: this.namespace },
      stringData: { accessKey: 'test', secretKey: 'test-secret' },
    };
    const repositories = manifests(this.namespace).find(
      ({ kind }) => kind === 'ConfigMap',
    );
    repositories.data.bucket = repositories.data.bucket
      .replace(/bucket: .*/, `bucket: ${bucketName}`)
      .replace(/endpoint: .*/, `endpoint: ${new URL(this.endpoint).host}`);
    for (const object of [secret, repositories]) {
      const plural = plurals[object.kind];
      const { name } = object.metadata;
      await this.api.must('DELETE', this.path(plural, name), undefined, [404]);
      await this.api.must('POST', this.path(plural), object);
    }
  }

  // A cluster without the controller that fills such Secrets gets the token from here. Undefined when it may not be read.
  private async tokenOf(
    account: string,
    secret: string,
  ): Promise<string | undefined> {
    const path = this.path('secrets', secret);
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
      `${this.path('serviceaccounts', account)}/token`,
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: 24 * 3600 },
      },
    );
    const { body } = await this.api.call(
      'GET',
      this.path('configmaps', 'kube-root-ca.crt'),
    );
    const patched = await this.api.call(
      'PATCH',
      path,
      {
        stringData: {
          token: status.token,
          namespace: this.namespace,
          'ca.crt': body?.data?.['ca.crt'] ?? this.api.authority,
        },
      },
      'application/merge-patch+json',
    );
    if (patched.status >= 300) throw new Error(JSON.stringify(patched.body));
    return status.token;
  }

  // Runs that other tests left would be found, and what another repository asks for would be in the way.
  private async sweep(): Promise<void> {
    const selector = encodeURIComponent('backstage-mlops/project=small');
    for (const plural of ['cronworkflows', 'workflows', 'workflowtemplates'])
      await this.api.must(
        'DELETE',
        `${this.path(plural)}?labelSelector=${selector}`,
        undefined,
        [404],
      );
    const shared = encodeURIComponent(
      'app.kubernetes.io/managed-by=backstage-mlops',
    );
    for (const plural of ['workflowtemplates', 'secrets'])
      await this.api.must(
        'DELETE',
        `${this.path(plural)}?labelSelector=${shared}`,
        undefined,
        [404],
      );
    // Where nobody collects what is deleted.
    for (const { metadata } of await this.list('cronworkflows'))
      if (metadata.deletionTimestamp)
        await this.api.call(
          'PATCH',
          this.path('cronworkflows', metadata.name),
          { metadata: { finalizers: null } },
          'application/merge-patch+json',
        );
    await waitFor(
      'the runs of earlier tests to go',
      async () =>
        (
          await this.api.must(
            'GET',
            `${this.path('workflows')}?labelSelector=${selector}`,
          )
        ).items.length === 0,
      60_000,
    );
  }
}

const plurals: Record<string, string> = {
  ServiceAccount: 'serviceaccounts',
  Secret: 'secrets',
  ConfigMap: 'configmaps',
  Role: 'roles',
  RoleBinding: 'rolebindings',
};

const groups: Record<string, string> = {
  roles: '/apis/rbac.authorization.k8s.io/v1',
  rolebindings: '/apis/rbac.authorization.k8s.io/v1',
  workflows: argo,
  workflowtemplates: argo,
  cronworkflows: argo,
};

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
