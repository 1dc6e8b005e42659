/* How much may run at the same time. Source: checkParallelism of Argo's operator.go. */
import type { NodeStatus } from '../types';
import {
  NodeFault,
  parallelismReached,
  type Pass,
  type Template,
} from './Pass';
import { isBroken, isFulfilled } from './Tree';

/** Throws when a call has to wait, or its parent has failed. */
export function checkParallelism(
  pass: Pass,
  template: Template,
  node: NodeStatus | undefined,
  boundaryID: string | undefined,
): void {
  const { parallelism } = pass.spec;
  if (parallelism !== undefined && pass.activePods >= Number(parallelism))
    throw parallelismReached();
  if (node && (template.steps || template.dag)) {
    if (template.failFast === true && hasBrokenChild(pass, node.id)) {
      if (pass.countActivePods(node.id) === 0) endFast(pass, node);
      throw parallelismReached();
    }
    if (
      template.parallelism !== undefined &&
      pass.countActivePods(node.id) >= Number(template.parallelism)
    )
      throw parallelismReached();
  }
  if (boundaryID === undefined || (node && !isFulfilled(node))) return;
  const limit = limitOfBoundary(pass, boundaryID);
  if (limit !== undefined && countActiveChildren(pass, boundaryID) >= limit)
    throw parallelismReached();
}

// The open group of a Steps node fails with it.
function endFast(pass: Pass, node: NodeStatus): void {
  const message =
    'template has failed or errored children and failFast enabled';
  for (const child of Object.values(pass.state.nodes))
    if (child.boundaryID === node.id && child.type === 'StepGroup')
      pass.tree.mark(child, 'Failed', message);
  pass.tree.mark(node, 'Failed', message);
}

function hasBrokenChild(pass: Pass, id: string): boolean {
  return Object.values(pass.state.nodes).some(
    node => node.boundaryID === id && isBroken(node),
  );
}

function limitOfBoundary(pass: Pass, id: string): number | undefined {
  const boundary = pass.state.nodes[id];
  if (!boundary) return undefined;
  try {
    const { template } = pass.resolveWritten(
      { template: boundary.templateName, templateRef: boundary.templateRef },
      undefined,
    );
    return template.parallelism === undefined
      ? undefined
      : Number(template.parallelism);
  } catch (error) {
    // A template without a name of its own has no limit that could be found.
    if (error instanceof NodeFault) return undefined;
    throw error;
  }
}

function countActiveChildren(pass: Pass, boundaryID: string): number {
  return Object.values(pass.state.nodes).filter(
    node =>
      node.boundaryID === boundaryID &&
      ['Pod', 'Steps', 'DAG'].includes(node.type) &&
      !isFulfilled(node),
  ).length;
}
