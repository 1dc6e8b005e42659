import type { NodeStatus, PodObservation } from '../types';
import type { Processed } from './inputs';
import { podName } from './names';
import { replaceTagsIn } from '../expressions/tags';
import type { Call, Pass, Template } from './Pass';
import { isFulfilled } from './Tree';

/** Words of a run's end, as Argo says them. */
export const messages = {
  podDeadline: 'Pod was active on the node longer than the specified deadline',
  stepDeadline: 'Step exceeded its deadline',
  shutdown: (strategy: string) =>
    `workflow shutdown with strategy:  ${strategy}`,
  stopped: (strategy: string) => `Stopped with strategy '${strategy}'`,
};

/** Asks for a pod when the node is new; what happens to it is seen in later passes. */
export function executePod(
  pass: Pass,
  call: Call,
  node: NodeStatus,
  processed: Processed,
): NodeStatus {
  if (pass.input.pods[node.id] || node.podRequested) return node;
  if (pass.shutdown)
    return pass.tree.mark(node, 'Failed', messages.shutdown(pass.shutdown));
  const remaining = pass.remainingMs();
  if (remaining !== undefined && remaining <= 0)
    return pass.tree.mark(node, 'Failed', messages.stepDeadline);
  const name = podName(pass.name, call.nodeName, call.templateName);
  const template = replaceTagsIn(processed.template, {
    'pod.name': name,
    'node.name': call.nodeName,
  });
  node.podRequested = true;
  pass.start.push({
    nodeId: node.id,
    nodeName: call.nodeName,
    podName: name,
    templateName: call.templateName,
    template,
    captureResult: isResultUsed(call),
    ...deadlineOf(template, remaining),
  });
  return node;
}

// Argo captures standard output only when something in the calling template names it.
function isResultUsed({ caller, memberName }: Call): boolean {
  if (!caller || !memberName) return false;
  const kind = caller.steps ? 'steps' : 'tasks';
  return JSON.stringify(caller).includes(
    `${kind}.${memberName}.outputs.result`,
  );
}

function deadlineOf(
  template: Template,
  remainingMs: number | undefined,
): { activeDeadlineSeconds?: number } {
  const own = Number(template.activeDeadlineSeconds);
  const limits = [
    ...(template.activeDeadlineSeconds !== undefined && Number.isFinite(own)
      ? [own]
      : []),
    ...(remainingMs !== undefined ? [Math.max(0.001, remainingMs / 1000)] : []),
  ];
  return limits.length > 0
    ? { activeDeadlineSeconds: Math.min(...limits) }
    : {};
}

/** Brings what is known of the pods into their nodes. */
export function reconcilePods(pass: Pass): void {
  for (const [id, observed] of Object.entries(pass.input.pods)) {
    const node = pass.state.nodes[id];
    if (!node || isFulfilled(node)) continue;
    if (observed.startedAt && node.phase === 'Pending')
      node.startedAt = observed.startedAt;
    if (observed.phase === 'Pending') continue;
    if (observed.phase === 'Running') pass.tree.mark(node, 'Running');
    else endNode(pass, node, observed);
  }
}

function endNode(pass: Pass, node: NodeStatus, observed: PodObservation): void {
  const outputs = { ...observed.outputs };
  if (observed.exitCode !== undefined)
    outputs.exitCode = String(observed.exitCode);
  if (Object.keys(outputs).length > 0) node.outputs = outputs;
  delete node.podRequested;
  const { phase, message } = endOf(observed);
  const shut =
    pass.shutdown &&
    phase !== 'Succeeded' &&
    observed.executorFault === undefined;
  pass.tree.mark(
    node,
    shut ? 'Failed' : phase,
    shut ? messages.shutdown(pass.shutdown!) : message,
    observed.finishedAt ?? pass.now,
  );
}

// Source: inferFailedReason of Argo's operator.go: the main container speaks first, then what came before or after it.
function endOf(observed: PodObservation): {
  phase: 'Succeeded' | 'Failed' | 'Error';
  message?: string;
} {
  const { exitCode, executorFault: fault, message } = observed;
  if (observed.phase === 'Succeeded' && !fault) return { phase: 'Succeeded' };
  const said = message ? `: ${message}` : '';
  if (exitCode !== undefined && exitCode !== 0)
    return {
      phase: 'Failed',
      message: `main: Error (exit code ${exitCode})${said}`,
    };
  if (fault)
    return {
      phase: 'Error',
      message: `${fault.container}: Error (exit code ${fault.exitCode}): ${fault.message}`,
    };
  return { phase: observed.phase === 'Error' ? 'Error' : 'Failed', message };
}
