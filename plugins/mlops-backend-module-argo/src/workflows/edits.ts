/*
 * What a person's wishes change in a Workflow object. Source: workflow/util/util.go (SuspendWorkflow, ResumeWorkflow,
 * FormulateRetryWorkflow); the object is read, changed and put back whole.
 */
import {
  podName,
  resumeNode,
  type NodeStatus,
  type WorkflowState,
} from '@backstage-mlops/argo-engine';
import {
  ConflictError,
  InputError,
  type ResumeRequest,
} from '@backstage-mlops/mlops-core';
import { gzipSync } from 'node:zlib';
import type { KubeObject } from '../kube/ListWatch';
import { actionLabel, archivingLabel, completedLabel } from './labels';
import { unheardTemplate } from './decideBeginning';
import { asOnCluster } from './nodeFiles';
import { toObservation } from './toObservation';

/** Marks the object as suspended. ConflictError when it is over, or suspended already. */
export function suspended(object: KubeObject): KubeObject {
  refuseOver(object);
  if (object.spec.suspend)
    throw new ConflictError('The run is suspended already.', 'conflict');
  return labelled(
    { ...object, spec: { ...object.spec, suspend: true } },
    'Suspend',
  );
}

/** Goes on with the run, or with one of its steps that wait. InputError when nothing waits. */
export function resumed(
  object: KubeObject,
  request: ResumeRequest,
  now: string,
): KubeObject {
  refuseOver(object);
  const { state } = toObservation(object);
  const waiting = Object.values(state.nodes).filter(
    node =>
      node.type === 'Suspend' &&
      node.phase === 'Running' &&
      (request.node === undefined || request.node === node.id),
  );
  const whole = request.node === undefined && object.spec.suspend;
  try {
    if (waiting.length === 0 && !whole)
      throw new Error(
        request.node === undefined
          ? 'nothing in this run waits for a person'
          : `node '${request.node}' does not wait for a person`,
      );
    const next = waiting.reduce(
      (before: WorkflowState, node) =>
        resumeNode(before, node.id, {
          parameters: request.parameters,
          fails: request.reject,
          message: request.reject ? 'rejected' : undefined,
          now,
        }),
      state,
    );
    const { suspend, ...spec } = object.spec;
    return labelled(
      withNodes(
        { ...object, spec: whole ? spec : object.spec },
        next.nodes,
        next.outputs,
      ),
      'Resume',
    );
  } catch (error) {
    throw new InputError(
      `The run cannot be resumed: ${(error as Error).message}.`,
      'invalid-field',
    );
  }
}

/** Opens a Workflow that is over, with the nodes of a plan. Gives the object, and the pods that must go before. */
export function retried(
  object: KubeObject,
  plan: { state: WorkflowState; parameters?: Record<string, string> },
): { object: KubeObject; pods: string[] } {
  const before = toObservation(object).state;
  const gone = Object.values(before.nodes).filter(
    node => node.type === 'Pod' && !plan.state.nodes[node.id],
  );
  const labels = { ...object.metadata.labels };
  delete labels[completedLabel];
  delete labels[archivingLabel];
  const { shutdown, ...spec } = object.spec;
  const { finishedAt, message, ...status } = object.status ?? {};
  const storedSpec = status.storedWorkflowTemplateSpec;
  const next: KubeObject = {
    ...object,
    metadata: { ...object.metadata, labels },
    spec: withParameters(spec, plan.parameters),
    status: {
      ...status,
      phase: '',
      startedAt: plan.state.startedAt,
      conditions: [
        ...(status.conditions ?? []).filter(
          (item: { type: string }) => item.type !== 'Completed',
        ),
        { type: 'Completed', status: 'False' },
      ],
      persistentVolumeClaims: [],
      ...(storedSpec
        ? {
            storedWorkflowTemplateSpec: withParameters(
              without(storedSpec, 'shutdown'),
              plan.parameters,
            ),
          }
        : {}),
    },
  };
  return {
    object: labelled(
      withNodes(next, plan.state.nodes, plan.state.outputs),
      'Retry',
    ),
    pods: gone.map(node => podOf(object, node)),
  };
}

/** Name of the pod of a node, by the format that the object names. */
export function podOf(object: KubeObject, node: NodeStatus): string {
  const format =
    object.metadata.annotations?.['workflows.argoproj.io/pod-name-format'];
  if (format === 'v1') return node.id;
  return podName(
    object.metadata.name,
    node.name,
    node.templateRef?.template ?? node.templateName ?? '',
  );
}

/** ConflictError when it is over; one that only begins again is not. */
export function refuseOver(object: KubeObject): void {
  const { metadata, status } = object;
  const isOver = metadata.labels?.[completedLabel] === 'true';
  if (isOver && unheardTemplate(object) === undefined)
    throw new ConflictError(
      `Run '${metadata.name}' is over: it is ${status?.phase}.`,
      'terminal-run',
    );
}

const labelled = (object: KubeObject, action: string): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    labels: { ...object.metadata.labels, [actionLabel]: action },
  },
});

function without(value: Record<string, any>, key: string) {
  const { [key]: _gone, ...rest } = value;
  return rest;
}

function withParameters(
  spec: Record<string, any>,
  given: Record<string, string> = {},
): Record<string, any> {
  if (Object.keys(given).length === 0) return spec;
  return {
    ...spec,
    arguments: {
      ...spec.arguments,
      parameters: (spec.arguments?.parameters ?? []).map(
        (parameter: { name: string; value?: string }) => ({
          ...parameter,
          value: given[parameter.name] ?? parameter.value,
        }),
      ),
    },
  };
}

// An empty text is no time to Argo: it would not read the whole object.
const withTimes = (nodes: Record<string, NodeStatus>) =>
  Object.fromEntries(
    Object.entries(nodes).map(([id, node]) => [
      id,
      { ...node, startedAt: node.startedAt || null },
    ]),
  );

// Nodes that came packed go back packed: they would not fit otherwise.
function withNodes(
  object: KubeObject,
  read: Record<string, NodeStatus>,
  outputs: unknown,
): KubeObject {
  const nodes = withTimes(asOnCluster(read, object));
  const {
    compressedNodes,
    nodes: _before,
    offloadNodeStatusVersion,
    offloadedNodes: _read,
    ...status
  } = object.status ?? {};
  return {
    ...object,
    status: {
      ...status,
      ...(outputs ? { outputs } : {}),
      // Those of Argo's database too: the controller puts them back there.
      ...(compressedNodes || offloadNodeStatusVersion
        ? {
            compressedNodes: gzipSync(JSON.stringify(nodes)).toString('base64'),
          }
        : { nodes }),
    },
  };
}
