/* How much may run at the same time. Source: checkParallelism of Argo's operator.go. */
import type { NodeStatus } from '../types';
import { parallelismReached, type Pass, type Template } from './Pass';
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
  const boundary = pass.state.nodes[boundaryID];
  const limits = pass.templateOfBoundary(boundaryID);
  if (!limits) return;
  if (limits.failFast === true && hasBrokenChild(pass, boundaryID)) {
    if (pass.countActivePods(boundaryID) === 0) endFast(pass, boundary);
    throw parallelismReached();
  }
  if (
    limits.parallelism !== undefined &&
    countActiveChildren(pass, boundaryID) >= Number(limits.parallelism)
  )
    throw parallelismReached();
}

// The innermost group of a Steps node fails with it; what looks at the group later may find it well.
function endFast(pass: Pass, node: NodeStatus): void {
  const message =
    'template has failed or errored children and failFast enabled';
  const group = node.type === 'Steps' && lastGroup(pass, node);
  if (group) pass.tree.force(group, 'Failed', message);
  pass.tree.force(node, 'Failed', message);
}

// The last group that a walk from parents to children comes to. Source: findLeafNodeWithType of operator.go.
function lastGroup(
  pass: Pass,
  node: NodeStatus,
  seen = new Set<string>(),
): NodeStatus | undefined {
  if (seen.has(node.id)) return undefined;
  seen.add(node.id);
  for (const child of pass.tree.childrenOf(node).reverse()) {
    const found = lastGroup(pass, child, seen);
    if (found) return found;
  }
  return node.type === 'StepGroup' ? node : undefined;
}

const countedTypes = ['Pod', 'Steps', 'DAG'];

function hasBrokenChild(pass: Pass, id: string): boolean {
  return Object.values(pass.state.nodes).some(
    node =>
      node.boundaryID === id &&
      countedTypes.includes(node.type) &&
      isBroken(node),
  );
}

function countActiveChildren(pass: Pass, boundaryID: string): number {
  return Object.values(pass.state.nodes).filter(
    node =>
      node.boundaryID === boundaryID &&
      countedTypes.includes(node.type) &&
      !isFulfilled(node),
  ).length;
}
