/*
 * What Argo's controller does, by the local engine: looks at each Workflow, starts pods as processes of this machine, writes the
 * nodes back. It keeps nothing of a workflow but its running pods: everything else is read from the object, as the real one does.
 */
import type {
  PodObservation,
  PodRequest,
  Workflow,
  WorkflowState,
} from '@backstage-mlops/argo-engine';
import type { LocalStepRunner } from '@backstage-mlops/mlops-executor';
import path from 'node:path';
import { Fault, type KubeObject, type Objects } from './objects.ts';
import type { PodLogs } from './PodLogs.ts';
import {
  initialState,
  isTerminal,
  operate,
  podName,
  waitForEnd,
} from './rooms.ts';

export interface ControllerOptions {
  objects: Objects;
  logs: PodLogs;
  runner: LocalStepRunner;
  folder: string;
  /** After a workflow's end; its logs go with its pods. */
  podsLiveMs: number;
}

interface Led {
  pods: Record<string, PodObservation>;
  folders: Map<string, string>;
  busy: boolean;
  again: boolean;
}

export class Controller {
  private readonly led = new Map<string, Led>();
  /** So many workflows that begin are looked at without knowing their template, as by a controller whose copy is late. */
  unheard = 0;
  private readonly options: ControllerOptions;

  constructor(options: ControllerOptions) {
    this.options = options;
    options.objects.on('change', ({ resource, object, type }) => {
      if (resource !== 'workflows') return;
      const { namespace, name, labels } = object.metadata;
      if (labels?.['test/recorded']) return;
      if (type === 'DELETED') this.drop(namespace, name);
      else this.look(namespace, name);
    });
  }

  private look(namespace: string, name: string): void {
    const key = `${namespace}/${name}`;
    const led = this.led.get(key) ?? {
      pods: {},
      folders: new Map(),
      busy: false,
      again: false,
    };
    this.led.set(key, led);
    if (led.busy) {
      led.again = true;
      return;
    }
    led.busy = true;
    // After the answer to whoever wrote the object.
    setTimeout(() => {
      this.pass(namespace, name, led)
        .catch(error => {
          if (!(error instanceof Fault && [404, 409].includes(error.code)))
            process.stderr.write(`${name}: ${error.stack}\n`);
        })
        .finally(() => {
          led.busy = false;
          if (led.again) {
            led.again = false;
            this.look(namespace, name);
          }
        });
    }, 5);
  }

  private drop(namespace: string, name: string): void {
    const led = this.led.get(`${namespace}/${name}`);
    this.led.delete(`${namespace}/${name}`);
    for (const folder of led?.folders.values() ?? [])
      this.options.runner.stop(folder, 'stopped', 1).catch(() => undefined);
  }

  private async pass(namespace: string, name: string, led: Led): Promise<void> {
    const { objects } = this.options;
    const object = objects.get('workflows', namespace, name);
    if (object.metadata.labels?.['workflows.argoproj.io/completed'] === 'true')
      return;
    if (this.misses(object)) return;
    const workflow = this.resolved(object);
    if (this.takesMetadata(object, workflow)) return;
    const state = stateOf(object);
    const result = operate({
      workflow,
      state,
      templates: (file, clusterScope) =>
        objects.find(
          clusterScope ? 'clusterworkflowtemplates' : 'workflowtemplates',
          clusterScope ? '' : namespace,
          file,
        ),
      pods: led.pods,
      now: new Date().toISOString(),
      shutdown: object.spec.shutdown || undefined,
    });
    const written = this.write(object, workflow, result.state);
    for (const nodeId of result.stop) {
      const folder = led.folders.get(nodeId);
      if (folder) await this.options.runner.stop(folder, 'stopped', 2);
    }
    for (const request of result.start)
      this.start(written, request, led).catch(error =>
        process.stderr.write(`${request.podName}: ${error.stack}\n`),
      );
    if (isTerminal(result.state)) this.finish(written);
    else if (result.requeueAt)
      setTimeout(
        () => this.look(namespace, name),
        Math.max(5, Date.parse(result.requeueAt) - Date.now()),
      );
  }

  // Ends a workflow whose template is not known, in the words of the real one.
  private misses(object: KubeObject): boolean {
    const { objects } = this.options;
    const { name, namespace, labels } = object.metadata;
    const template = object.spec.workflowTemplateRef?.name;
    if (!template || object.status?.storedWorkflowTemplateSpec) return false;
    const isThere = objects.find('workflowtemplates', namespace, template);
    if (isThere && this.unheard === 0) return false;
    this.unheard = Math.max(0, this.unheard - 1);
    const now = new Date().toISOString();
    objects.replace('workflows', namespace, name, {
      ...object,
      metadata: {
        ...object.metadata,
        labels: {
          ...labels,
          'workflows.argoproj.io/phase': 'Error',
          'workflows.argoproj.io/completed': 'true',
        },
      },
      status: {
        phase: 'Error',
        message: `workflowtemplates.argoproj.io "${template}" not found`,
        startedAt: now,
        finishedAt: now,
        conditions: [{ type: 'Completed', status: 'True' }],
      },
    });
    return true;
  }

  // The spec of the template below that of the workflow, kept in the status as the real one does.
  private resolved(object: KubeObject): Workflow {
    const ref = object.spec.workflowTemplateRef;
    const stored =
      object.status?.storedWorkflowTemplateSpec ??
      (ref
        ? this.options.objects.get(
            'workflowtemplates',
            object.metadata.namespace,
            ref.name,
          ).spec
        : {});
    const { workflowTemplateRef: _ref, ...own } = object.spec;
    return {
      metadata: object.metadata as Workflow['metadata'],
      spec: {
        ...stored,
        ...own,
        arguments: object.spec.arguments ?? stored.arguments ?? {},
      },
    };
  }

  // Labels and annotations that the template gives its workflows; the write brings the next look.
  private takesMetadata(object: KubeObject, { spec }: Workflow): boolean {
    const { labels, annotations } = spec.workflowMetadata ?? {};
    const { metadata } = object;
    const next = {
      ...metadata,
      labels: { ...metadata.labels, ...labels },
      annotations: { ...metadata.annotations, ...annotations },
    };
    const has = (own: object = {}, wanted: object = {}) =>
      Object.entries(wanted).every(
        ([key, value]) => own[key as keyof typeof own] === value,
      );
    if (has(metadata.labels, labels) && has(metadata.annotations, annotations))
      return false;
    this.options.objects.replace(
      'workflows',
      metadata.namespace,
      metadata.name,
      { ...object, metadata: next },
    );
    return true;
  }

  private write(
    object: KubeObject,
    workflow: Workflow,
    state: WorkflowState,
  ): KubeObject {
    const over = isTerminal(state);
    const before = JSON.stringify(object.status ?? {});
    const status = {
      ...object.status,
      ...state,
      ...(object.spec.workflowTemplateRef
        ? { storedWorkflowTemplateSpec: workflow.spec }
        : {}),
    };
    delete status.suspended;
    const labels = {
      ...object.metadata.labels,
      'workflows.argoproj.io/phase': state.phase,
      ...(over ? { 'workflows.argoproj.io/completed': 'true' } : {}),
    };
    if (
      JSON.stringify(status) === before &&
      JSON.stringify(labels) === JSON.stringify(object.metadata.labels)
    )
      return object;
    const { namespace, name } = object.metadata;
    return this.options.objects.replace('workflows', namespace, name, {
      ...object,
      metadata: { ...object.metadata, labels },
      status,
    });
  }

  private async start(
    object: KubeObject,
    request: PodRequest,
    led: Led,
  ): Promise<void> {
    const { objects, runner, logs } = this.options;
    const { namespace, name, uid } = object.metadata;
    const { nodeId } = request;
    const pod = podName(name, request.nodeName, request.templateName);
    const folder = path.join(
      this.options.folder,
      `${uid}-${nodeId}-${Date.now()}`.replace(/[^\w.-]/g, '_'),
    );
    led.pods[nodeId] = { nodeId, phase: 'Pending' };
    led.folders.set(nodeId, folder);
    if (objects.find('pods', namespace, pod))
      objects.delete('pods', namespace, pod);
    objects.create('pods', namespace, {
      metadata: {
        name: pod,
        labels: { 'workflows.argoproj.io/workflow': name },
        ownerReferences: [{ kind: 'Workflow', name, uid }],
      },
      spec: { containers: [{ name: 'main' }] },
      status: { phase: 'Pending' },
    });
    await this.untilSecrets(request.template, namespace, led, name);
    await runner.start({
      attemptId: pod,
      directory: folder,
      request: {
        ...request,
        template: this.withSecrets(request.template, namespace),
      },
      env: {},
      isolation: 'namespaces',
      artifactKeyPrefix: `${name}/${pod}`,
    });
    logs.follow(pod, folder);
    this.phase(namespace, pod, 'Running');
    led.pods[nodeId] = {
      nodeId,
      phase: 'Running',
      startedAt: new Date().toISOString(),
    };
    this.look(namespace, name);
    await waitForEnd(folder);
    const { usage: _usage, ...seen } = await runner.observe(folder);
    led.pods[nodeId] = seen;
    this.phase(
      namespace,
      pod,
      seen.phase === 'Succeeded' ? 'Succeeded' : 'Failed',
    );
    this.look(namespace, name);
  }

  // A pod whose Secret is not there yet waits for it, as the kubelet does.
  private async untilSecrets(
    template: any,
    namespace: string,
    led: Led,
    workflow: string,
  ): Promise<void> {
    const names = ['container', 'script'].flatMap(part =>
      (template[part]?.env ?? []).flatMap(
        (item: any) => item.valueFrom?.secretKeyRef?.name ?? [],
      ),
    );
    const isThere = (name: string) =>
      this.options.objects.find('secrets', namespace, name) !== undefined;
    while (
      this.led.get(`${namespace}/${workflow}`) === led &&
      !names.every(isThere)
    )
      await new Promise(resolve => setTimeout(resolve, 50));
  }

  private withSecrets(template: any, namespace: string): any {
    const copy = structuredClone(template);
    for (const part of ['container', 'script'])
      for (const item of copy[part]?.env ?? []) {
        const from = item.valueFrom?.secretKeyRef;
        if (!from) continue;
        const secret = this.options.objects.get(
          'secrets',
          namespace,
          from.name,
        );
        item.value = Buffer.from(
          secret.data[from.key] ?? '',
          'base64',
        ).toString();
        delete item.valueFrom;
      }
    return copy;
  }

  private phase(namespace: string, pod: string, phase: string): void {
    const object = this.options.objects.find('pods', namespace, pod);
    if (object)
      this.options.objects.replace('pods', namespace, pod, {
        ...object,
        status: { ...object.status, phase },
      });
  }

  // Pods go a while after their workflow, as podGC asks.
  private finish(object: KubeObject): void {
    const { objects, logs, podsLiveMs } = this.options;
    const { namespace, name } = object.metadata;
    setTimeout(() => {
      for (const { metadata } of objects.list(
        'pods',
        namespace,
        pod => pod.metadata.labels?.['workflows.argoproj.io/workflow'] === name,
      )) {
        objects.delete('pods', namespace, metadata.name);
        logs.forget(metadata.name);
      }
    }, podsLiveMs);
  }
}

function stateOf({ status, spec }: KubeObject): WorkflowState {
  const {
    storedWorkflowTemplateSpec: _spec,
    conditions: _conditions,
    persistentVolumeClaims: _claims,
    ...state
  } = status ?? {};
  return {
    ...initialState(),
    ...state,
    phase: state.phase || (state.nodes ? 'Running' : 'Pending'),
    ...(spec.suspend ? { suspended: true } : {}),
  };
}
