import type { NodeStatus, PodObservation } from '../types';
import { inputTexts, type Processed } from './inputs';
import { podName } from './names';
import { toGoJson } from '../expressions/expr/values';
import { expressionsIn, replaceTags, replaceTagsIn } from '../expressions/tags';
import type { Call, Pass, Template } from './Pass';
import { told } from './references';
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
  nodeOf: () => NodeStatus,
  processed: Processed,
): NodeStatus {
  const present = pass.tree.find(call.nodeName);
  if (present && (pass.input.pods[present.id] || present.podRequested))
    return present;
  // A hook that is tried again counts as an attempt of what it hooks on. Only a container can be begun under its name.
  if (present && present.phase !== 'Pending' && processed.template.script)
    return present;
  const node = nodeOf();
  if (!pass.mayExecute(call.onExit))
    return pass.tree.mark(
      node,
      'Failed',
      `workflow shutdown with strategy: ${pass.shutdown}`,
    );
  const remaining = call.onExit ? undefined : pass.remainingMs();
  // It has less than a second: no pod is made, and the next pass says so.
  if (remaining !== undefined && remaining < 1000) {
    pass.requeue(pass.nowMs + Math.max(0, remaining));
    return node;
  }
  const templateName =
    call.holder.inline || call.holder.templateRef
      ? processed.template.name ?? ''
      : call.holder.template;
  const name = podName(pass.name, call.nodeName, templateName);
  const template = told(() =>
    replaceTagsIn(processed.template, {
      ...pass.globals,
      ...inputTexts(processed.inputs),
      'pod.name': name,
      'node.name': call.nodeName,
    }),
  );
  refuseQuotes(template);
  node.podRequested = true;
  const globalNames = globalNamesOf(template);
  if (globalNames) node.globalNames = globalNames;
  if (call.onExit) node.onExitPod = true;
  pass.ask({
    nodeId: node.id,
    nodeName: call.nodeName,
    podName: name,
    templateName,
    template,
    captureResult: isResultUsed(pass, call),
    ...deadlineOf(template, remaining),
    ...timeoutOf(pass, node, template),
  });
  return node;
}

// Argo hands the template over as a text inside a text. An expression that is still there must be one with its quotes escaped, too.
function refuseQuotes(template: Template): void {
  for (const source of expressionsIn(template)) {
    const escaped = toGoJson(source).slice(1, -1);
    if (escaped !== source) told(() => replaceTags(`{{=${escaped}}}`, {}));
  }
}

// Who reports outputs knows their names alone.
function globalNamesOf(template: Template): Record<string, string> | undefined {
  const named = [
    ...(template.outputs?.parameters ?? []),
    ...(template.outputs?.artifacts ?? []),
  ].filter(item => item.globalName);
  return named.length === 0
    ? undefined
    : Object.fromEntries(named.map(item => [item.name, item.globalName]));
}

// Argo captures standard output only when something in the template around it names it, by the last part of the node's name.
function isResultUsed(pass: Pass, { nodeName, boundaryID }: Call): boolean {
  const around = pass.templateOfBoundary(boundaryID);
  if (!around) return false;
  const kind = around.dag ? 'tasks' : around.steps ? 'steps' : '';
  const name = memberNameOf(nodeName);
  const text = JSON.stringify(around);
  return [
    `${kind}.${name}.outputs.result`,
    `${kind}['${name}'].outputs.result`,
  ].some(words => text.includes(words));
}

// Without numbers of attempts and items of loops.
function memberNameOf(nodeName: string): string {
  let end = nodeName.length;
  for (;;) {
    const opener = { ')': '(', ']': '[' }[nodeName[end - 1]];
    if (!opener) break;
    end = nodeName.lastIndexOf(opener, end - 2);
    if (end < 0) return '';
  }
  return nodeName.slice(nodeName.lastIndexOf('.', end - 1) + 1, end);
}

// A template's timeout counts from the moment its node was made, waiting included.
function timeoutOf(
  pass: Pass,
  node: NodeStatus,
  template: Template,
): { activeDeadlineSeconds?: number } {
  if (!template.timeout) return {};
  const end = Date.parse(node.startedAt) + pass.durationMs(template.timeout);
  const left = Math.max(0.001, (end - pass.nowMs) / 1000);
  const { activeDeadlineSeconds = left } = deadlineOf(
    template,
    pass.remainingMs(),
  );
  return { activeDeadlineSeconds: Math.min(left, activeDeadlineSeconds) };
}

function deadlineOf(
  template: Template,
  remainingMs: number | undefined,
): { activeDeadlineSeconds?: number } {
  const own = Number(template.activeDeadlineSeconds ?? NaN);
  const limits = [
    ...(Number.isFinite(own) ? [own] : []),
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
  const globalNames = node.globalNames as Record<string, string> | undefined;
  for (const item of [
    ...(outputs.parameters ?? []),
    ...((outputs.artifacts ?? []) as { name: string; globalName?: string }[]),
  ])
    if (globalNames?.[item.name]) item.globalName = globalNames[item.name];
  delete node.globalNames;
  if (Object.keys(outputs).length > 0) node.outputs = outputs;
  const { phase, message } = endOf(observed);
  pass.tree.mark(node, phase, message, observed.finishedAt ?? pass.now);
  pass.addGlobalOutputs(node.outputs);
  if (phase === 'Succeeded') pass.saveToCache(node);
}

// Source: inferFailedReason of Argo's operator.go: the main container speaks first, then what came before or after it.
function endOf(observed: PodObservation): {
  phase: 'Succeeded' | 'Failed' | 'Error';
  message?: string;
} {
  const { exitCode, executorFault: fault, message, podMessage } = observed;
  if (podMessage && observed.phase !== 'Succeeded')
    return { phase: 'Failed', message: podMessage };
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
      message: `${fault.container}: Error (exit code ${fault.exitCode})${
        fault.message ? `: ${fault.message}` : ''
      }`,
    };
  return { phase: observed.phase === 'Error' ? 'Error' : 'Failed', message };
}
