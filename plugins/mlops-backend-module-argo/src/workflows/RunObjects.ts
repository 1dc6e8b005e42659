/*
 * The objects of a run on a cluster, made once however often they are asked for: what is there already is taken when it is the same,
 * and refused when somebody else made it.
 */
import { ConflictError } from '@backstage-mlops/mlops-core';
import { mergePatch, type KubeClient } from '../kube/KubeClient';
import { isStatus } from '../kube/KubeError';
import type { KubeObject } from '../kube/ListWatch';
import { digestAnnotation, runLabel, usedAnnotation } from './labels';

/** Far below the time after which a template that nobody uses goes. */
const usedAgainMs = 600_000;

export class RunObjects {
  constructor(
    private readonly options: {
      /** Name of the cluster. */
      name: string;
      namespace: string;
      client: KubeClient;
    },
  ) {}

  /** Its name holds the digest of its spec, so one that is there is the same. That it is used again keeps it from being swept. */
  async ensureTemplate(template: Record<string, any>): Promise<void> {
    const { name, annotations } = template.metadata;
    const made = await this.create(this.path('workflowtemplates'), template);
    if (made) return;
    const path = this.path('workflowtemplates', name);
    const { metadata }: KubeObject = await this.options.client.call({ path });
    const known = metadata.annotations ?? {};
    if (known[digestAnnotation] !== annotations[digestAnnotation])
      throw new ConflictError(
        `The cluster '${this.options.name}' has another WorkflowTemplate '${name}', which the portal did not make.`,
        'conflict',
      );
    const used = Date.parse(
      known[usedAnnotation] ?? metadata.creationTimestamp,
    );
    if (Date.now() - used < usedAgainMs) return;
    await this.options.client.call({
      method: 'PATCH',
      path,
      contentType: mergePatch,
      body: {
        metadata: {
          annotations: { [usedAnnotation]: new Date().toISOString() },
        },
      },
    });
  }

  async ensureSecret(secret: Record<string, any>): Promise<void> {
    const path = `/api/v1/namespaces/${this.options.namespace}/secrets`;
    await this.create(path, secret);
  }

  /** AlreadyExists is ours only when label and digest say so. ConflictError when they do not. */
  async ensureWorkflow(
    id: string,
    workflow: Record<string, any>,
  ): Promise<KubeObject> {
    const made = await this.create(this.path('workflows'), workflow);
    if (made) return made;
    const found: KubeObject = await this.options.client.call({
      path: this.path('workflows', id),
    });
    const { labels = {}, annotations = {} } = found.metadata;
    const wanted = workflow.metadata.annotations[digestAnnotation];
    if (labels[runLabel] !== id || annotations[digestAnnotation] !== wanted)
      throw new ConflictError(
        `The cluster '${this.options.name}' has another Workflow '${id}', which is not of this run.`,
        'conflict',
      );
    return found;
  }

  /** Makes the Secret go with its Workflow. */
  async own(secret: string, { metadata }: KubeObject): Promise<void> {
    await this.options.client.call({
      method: 'PATCH',
      path: `/api/v1/namespaces/${this.options.namespace}/secrets/${secret}`,
      contentType: mergePatch,
      body: {
        metadata: {
          ownerReferences: [
            {
              apiVersion: 'argoproj.io/v1alpha1',
              kind: 'Workflow',
              name: metadata.name,
              uid: metadata.uid,
            },
          ],
        },
      },
    });
  }

  // The object that was made; undefined when one of its name is there.
  private async create(
    path: string,
    body: Record<string, any>,
  ): Promise<KubeObject | undefined> {
    try {
      return await this.options.client.call({ method: 'POST', path, body });
    } catch (error) {
      if (isStatus(error, 409)) return undefined;
      throw error;
    }
  }

  private path(plural: string, name?: string): string {
    const base = `/apis/argoproj.io/v1alpha1/namespaces/${this.options.namespace}/${plural}`;
    return name === undefined ? base : `${base}/${encodeURIComponent(name)}`;
  }
}
