/*
 * Runs on one namespace of one cluster, through custom resources alone: no argo-server is needed. The copy that ListWatch keeps
 * is what the portal sees; every wish is written to the object that the cluster has now, and tried again when somebody else
 * wrote in between.
 */
import {
  ConflictError,
  InputError,
  NotFoundError,
  ServiceUnavailableError,
  type EngineFiles,
  type EngineFileState,
  type EngineHealth,
  type EngineListener,
  type EngineObservation,
  type EngineRun,
  type ResumeRequest,
  type RunValues,
  type WorkflowEngine,
} from '@backstage-mlops/mlops-core';
import type { WorkflowState } from '@backstage-mlops/argo-engine';
import { FileSync } from './files/FileSync';
import { KubeClient, mergePatch } from './kube/KubeClient';
import { isStatus, KubeError } from './kube/KubeError';
import { ListWatch, type KubeObject } from './kube/ListWatch';
import { followPodLog } from './logs/followPodLog';
import {
  podOf,
  refuseOver,
  resumed,
  retried,
  suspended,
} from './workflows/edits';
import type { ClusterDefaults } from './workflows/dress';
import {
  actionLabel,
  namesAnnotation,
  projectLabel,
  runLabel,
} from './workflows/labels';
import { isOutline, toKept } from './workflows/outline';
import { Beginnings } from './workflows/Beginnings';
import { RunObjects } from './workflows/RunObjects';
import type { OffloadedNodes } from './workflows/OffloadedNodes';
import { parseNamesText } from './workflows/templateRefs';
import { toManifests, toSecret } from './workflows/toManifests';
import { toForeignRun } from './workflows/toForeignRun';
import { toObservation } from './workflows/toObservation';
import { isOffloaded, withOffloaded } from './workflows/withOffloaded';

export interface ArgoWorkflowEngineOptions extends ClusterDefaults {
  name: string;
  client: KubeClient;
  /** Which Workflows of the namespace count at all. */
  selector?: string;
  artifacts?: WorkflowEngine['artifacts'];
  /** Argo's own, for workflows whose nodes it keeps there. */
  database?: OffloadedNodes;
  logger: { info(text: string): void; warn(text: string): void };
  /** Milliseconds; for tests. */
  relistMs?: number;
}

const group = '/apis/argoproj.io/v1alpha1';
const tries = 5;
const staleMs = 60_000;

export class ArgoWorkflowEngine implements WorkflowEngine {
  readonly name: string;
  readonly artifacts?: ArgoWorkflowEngineOptions['artifacts'];
  private watched?: ListWatch;
  private listener?: EngineListener;
  /** What objects say, unpacked once however often it is asked. */
  private readonly observations = new WeakMap<KubeObject, EngineObservation>();
  private readonly files: FileSync;
  private readonly objects: RunObjects;
  private readonly beginnings: Beginnings;

  constructor(private readonly options: ArgoWorkflowEngineOptions) {
    this.name = options.name;
    this.artifacts = options.artifacts;
    this.objects = new RunObjects(options);
    this.beginnings = new Beginnings({
      ...options,
      path: (plural, name) => this.path(plural, name),
      onTime: name => this.listener?.changed(name),
    });
    this.files = new FileSync({
      ...options,
      usedTemplates: () => this.usedTemplates(),
    });
  }

  async begin(listener: EngineListener): Promise<void> {
    const { client, selector, logger, relistMs } = this.options;
    this.listener = listener;
    let told = '';
    this.watched = new ListWatch({
      client,
      path: this.path('workflows'),
      labelSelector: selector,
      relistMs,
      kept: toKept,
      onChange: (name, object) => this.changed(name, object),
      onTrouble: message => {
        if (message !== told) logger.warn(`Cluster ${this.name}: ${message}`);
        told = message;
      },
    });
    this.watched.begin();
  }

  async end(): Promise<void> {
    await this.watched?.end();
    this.options.client.close();
    await this.options.database?.end();
  }

  health(): EngineHealth {
    const { heardAt, trouble, poisoned = [] } = this.watched ?? {};
    const at =
      heardAt === undefined ? undefined : new Date(heardAt).toISOString();
    if (heardAt === undefined)
      return {
        state: trouble ? 'failed' : 'stale',
        message: trouble
          ? `The cluster does not answer: ${trouble}`
          : 'The cluster has not answered yet.',
      };
    if (Date.now() - heardAt > staleMs)
      return {
        state: 'stale',
        message: `Nothing was heard of the cluster for a while: ${
          trouble ?? 'no answer'
        }`,
        heardAt: at,
      };
    return {
      state: 'ok',
      message:
        poisoned.length > 0
          ? `${poisoned.length} workflows cannot be read: ${poisoned
              .slice(0, 5)
              .join(', ')}`
          : 'The cluster answers.',
      heardAt: at,
    };
  }

  async submit(run: EngineRun): Promise<void> {
    const { templates, workflow, secret } = toManifests(run, this.options);
    await this.asked(async () => {
      // What a template refers to is there before it: who has heard of the last one has heard of all.
      for (const template of templates.toReversed())
        await this.objects.ensureTemplate(template);
      await this.objects.ensureSecret(secret);
      const object = await this.objects.ensureWorkflow(run.id, workflow);
      await this.objects.own(secret.metadata.name, object);
      this.watched?.take(object);
    });
  }

  sync(wanted: EngineFiles): Promise<EngineFileState[]> {
    return this.asked(() => this.files.sync(wanted));
  }

  async provide(id: string, values: RunValues): Promise<void> {
    const object =
      this.watched?.get(id) ?? (await this.asked(() => this.get(id)));
    const isOfTemplate =
      object.metadata.labels?.[projectLabel] !== undefined ||
      object.spec.workflowTemplateRef !== undefined;
    if (!isOfTemplate) return;
    const secret = toSecret(id, values, this.options);
    await this.asked(async () => {
      await this.objects.ensureSecret(secret);
      await this.objects.own(secret.metadata.name, object);
    });
  }

  async observe(
    id: string,
    { fresh = false } = {},
  ): Promise<EngineObservation | undefined> {
    const known = fresh ? undefined : this.watched?.get(id);
    const object =
      known && !isOutline(known)
        ? known
        : await this.asked(() => this.read(id));
    if (!object) {
      this.watched?.drop(id);
      return undefined;
    }
    const seen = await this.asked(() => this.beginnings.lookAfter(object));
    if (object !== known || seen.isWritten)
      this.watched?.take(seen.isWritten ? seen.object : object);
    return this.observationOf(seen.object);
  }

  async shutdown(id: string, strategy: 'Stop' | 'Terminate'): Promise<void> {
    await this.asked(async () => {
      refuseOver(await this.get(id));
      this.watched?.take(
        await this.options.client.call({
          method: 'PATCH',
          path: this.path('workflows', id),
          contentType: mergePatch,
          body: {
            metadata: { labels: { [actionLabel]: strategy } },
            spec: { shutdown: strategy },
          },
        }),
      );
    });
  }

  suspend(id: string): Promise<void> {
    return this.change(id, suspended);
  }

  resume(id: string, request: ResumeRequest): Promise<void> {
    return this.change(id, object =>
      resumed(object, request, new Date().toISOString()),
    );
  }

  async retry(
    id: string,
    plan: { state: WorkflowState; parameters?: Record<string, string> },
  ): Promise<void> {
    const before = await this.asked(() => this.get(id));
    const { pods } = retried(await this.whole(before), plan);
    await this.asked(async () => {
      for (const pod of pods)
        await this.gone({
          path: `/api/v1/namespaces/${this.options.namespace}/pods/${pod}`,
        });
    });
    await this.change(id, object => retried(object, plan).object);
  }

  async remove(id: string): Promise<void> {
    await this.asked(() => this.gone({ path: this.path('workflows', id) }));
    this.watched?.drop(id);
  }

  followLog(
    id: string,
    nodeId: string,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    return followPodLog({
      client: this.options.client,
      namespace: this.options.namespace,
      signal,
      look: async () => {
        const known = this.watched?.get(id);
        const object =
          known && !isOutline(known)
            ? known
            : await this.asked(() => this.read(id));
        const { state } = (object && (await this.observationOf(object))) ?? {};
        const node = state?.nodes[nodeId];
        return node && { pod: podOf(object!, node), phase: node.phase };
      },
    });
  }

  private async observationOf(object: KubeObject): Promise<EngineObservation> {
    const known = this.observations.get(object);
    if (known) return known;
    const seen = toObservation(await this.whole(object));
    if (!seen.nodesMissing) this.observations.set(object, seen);
    return seen;
  }

  // Nodes that Argo moved to its own database are read from there.
  private async whole(object: KubeObject): Promise<KubeObject> {
    const { database } = this.options;
    return database && isOffloaded(object)
      ? withOffloaded(object, database)
      : object;
  }

  private changed(name: string, object: KubeObject | undefined): void {
    if (object && !object.metadata.labels?.[runLabel]) {
      const found = toForeignRun(object);
      if (found) this.listener?.found(found);
    }
    this.listener?.changed(name);
  }

  private path(plural: string, name?: string): string {
    const base = `${group}/namespaces/${this.options.namespace}/${plural}`;
    return name === undefined ? base : `${base}/${encodeURIComponent(name)}`;
  }

  private async read(id: string): Promise<KubeObject | undefined> {
    try {
      return await this.options.client.call({
        path: this.path('workflows', id),
      });
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  }

  private async get(id: string): Promise<KubeObject> {
    const object = await this.read(id);
    if (!object)
      throw new NotFoundError(
        `The cluster '${this.name}' has no workflow '${id}' any more.`,
        'not-found',
      );
    return object;
  }

  // Reads, changes, and puts back what nobody else changed meanwhile.
  private async change(
    id: string,
    edit: (object: KubeObject) => KubeObject,
  ): Promise<void> {
    await this.asked(async () => {
      for (let round = 1; ; round++) {
        const next = edit(await this.whole(await this.get(id)));
        try {
          this.watched?.take(
            await this.options.client.call({
              method: 'PUT',
              path: this.path('workflows', id),
              body: next,
            }),
          );
          return;
        } catch (error) {
          if (!isStatus(error, 409) || round >= tries) throw error;
        }
      }
    });
  }

  private async gone(call: { path: string }): Promise<void> {
    try {
      await this.options.client.call({ ...call, method: 'DELETE' });
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  }

  // Unknown while the cluster is not heard, or when only some of its workflows are looked at.
  private usedTemplates(): Set<string> | undefined {
    const { watched } = this;
    if (this.options.selector || !watched || this.health().state !== 'ok')
      return undefined;
    return new Set(
      watched.names.flatMap(name => {
        const { metadata, spec } = watched.get(name)!;
        return [
          spec?.workflowTemplateRef?.name ?? [],
          ...parseNamesText(metadata.annotations?.[namesAnnotation]).keys(),
        ].flat();
      }),
    );
  }

  // What the cluster says, in the portal's classes of faults.
  private async asked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      const message = `The cluster '${this.name}': ${error.message}`;
      if (error.status === 404) throw new NotFoundError(message, 'not-found');
      if (error.status === 409) throw new ConflictError(message, 'conflict');
      // It will not take it later either.
      if ([400, 413, 422].includes(error.status))
        throw new InputError(message, 'invalid-file', { cause: error });
      throw new ServiceUnavailableError(message, 'unavailable', {
        cause: error,
      });
    }
  }
}
