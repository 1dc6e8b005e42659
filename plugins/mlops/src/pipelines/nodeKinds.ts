import type { NodeStatus } from '@backstage-mlops/argo-engine';

/** Types of nodes that only hold others together. */
export const groups = new Set(['StepGroup', 'TaskGroup']);
/** Types of nodes with a plan of their own. */
export const composites = new Set(['Steps', 'DAG']);

/** The attempts of a step that is tried again, oldest first; none for any other. */
export function attemptsOf(
  node: NodeStatus,
  nodes: Record<string, NodeStatus>,
): NodeStatus[] {
  if (node.type !== 'Retry') return [];
  return node.children
    .map(id => nodes[id])
    .filter(child => child?.name.startsWith(`${node.name}(`));
}
