/*
 * What the contract puts into a namespace that is not its own, and takes away again. Objects that it makes carry a label, and an object
 * in whose place it puts one of its own is kept in an annotation of that, so that the next run puts in order what a killed one left.
 */
import { waitFor } from '../support/portal.ts';
import type { KubeApi } from './KubeApi.ts';

const label = 'backstage-mlops/made-by';
const who = 'contract-test';
const before = 'backstage-mlops/before';

const argo = '/apis/argoproj.io/v1alpha1';
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const groups: Record<string, string> = {
  workflows: argo,
  workflowtemplates: argo,
  workflowtaskresults: argo,
  cronworkflows: argo,
  roles: rbac,
  rolebindings: rbac,
};
const plurals: Record<string, string> = {
  RoleBinding: 'rolebindings',
  Role: 'roles',
  Secret: 'secrets',
  ConfigMap: 'configmaps',
  ServiceAccount: 'serviceaccounts',
};

export class Borrowed {
  private readonly api: KubeApi;
  private readonly namespace: string;
  /** What was made, by kind and name, with what was there before; for who may not list a kind. */
  private readonly made = new Map<string, Map<string, string | undefined>>();

  constructor(api: KubeApi, namespace: string) {
    this.api = api;
    this.namespace = namespace;
  }

  path(plural: string, name?: string): string {
    const group = groups[plural] ?? '/api/v1';
    const all = `${group}/namespaces/${this.namespace}/${plural}`;
    return name === undefined ? all : `${all}/${name}`;
  }

  /** Objects of a kind; none when they may not be seen. */
  async list(plural: string, labelSelector = ''): Promise<any[]> {
    const answer = await this.api.must(
      'GET',
      `${this.path(plural)}?labelSelector=${encodeURIComponent(labelSelector)}`,
      undefined,
      [403, 404],
    );
    return answer?.items ?? [];
  }

  async delete(plural: string, name: string): Promise<void> {
    const path = this.path(plural, name);
    await this.api.must('DELETE', path, undefined, [403, 404]);
  }

  /** What is there stays as it is; 403: somebody with more rights has put it there. */
  async make(object: any): Promise<void> {
    const path =
      object.kind === 'Namespace'
        ? '/api/v1/namespaces'
        : this.path(plurals[object.kind]);
    const made = await this.api.must('POST', path, marked(object), [403, 409]);
    if (made) this.note(object);
  }

  /** In the place of the object of its name, until `giveBack`. */
  async replace(object: any): Promise<void> {
    const plural = plurals[object.kind];
    const { name } = object.metadata;
    const path = this.path(plural, name);
    const found = await this.api.must('GET', path, undefined, [404]);
    if (found) await this.delete(plural, name);
    const text = found && JSON.stringify(asMade(found));
    await this.api.must('POST', this.path(plural), marked(object, text));
    this.note(object, text);
  }

  /** Leaves the namespace as it was. One that was made for the contract goes when `isLast`. */
  async giveBack({ isLast = false } = {}): Promise<void> {
    for (const plural of Object.values(plurals)) {
      const items = new Map(this.made.get(plural));
      for (const { metadata } of await this.list(plural, `${label}=${who}`))
        items.set(metadata.name, metadata.annotations?.[before]);
      for (const [name, text] of items) {
        await this.delete(plural, name);
        if (text)
          await this.api.must('POST', this.path(plural), JSON.parse(text));
      }
      this.made.delete(plural);
    }
    if (isLast) await this.dropNamespace();
  }

  private note({ kind, metadata }: any, text?: string): void {
    const plural = plurals[kind];
    const names = this.made.get(plural) ?? new Map();
    this.made.set(plural, names.set(metadata.name, text));
  }

  // Where no controller empties a namespace that is deleted, it is let go from here: nothing is in it any more.
  private async dropNamespace(): Promise<void> {
    const path = `/api/v1/namespaces/${this.namespace}`;
    const read = async () => (await this.api.call('GET', path)).body;
    if ((await read())?.metadata?.labels?.[label] !== who) return;
    await this.api.must('DELETE', path, undefined, [403, 404]);
    const isGone = async () => (await read()).kind !== 'Namespace';
    await waitFor('the namespace to go', isGone, 20_000).catch(async () => {
      await this.api.call('PUT', `${path}/finalize`, {
        ...(await read()),
        spec: { finalizers: [] },
      });
    });
    await waitFor('the namespace to go', isGone, 60_000);
  }
}

function marked(object: any, text?: string): any {
  const { labels, annotations, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...labels, [label]: who },
      annotations: { ...annotations, ...(text ? { [before]: text } : {}) },
    },
  };
}

// As somebody would have made it.
function asMade(object: any): any {
  const { name, namespace, labels, annotations } = object.metadata;
  return { ...object, metadata: { name, namespace, labels, annotations } };
}
