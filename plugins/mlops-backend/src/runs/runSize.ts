import type { NodeStatus } from '@backstage-mlops/argo-engine';

/** How large a run may grow. */
export interface RunSize {
  nodesPerRun: number;
  /** Calls of templates inside each other, the run's own included. */
  depthPerRun: number;
}

/** The sentence for the limit that a run passes, with both numbers; undefined when it passes none. */
export function excessOf(
  nodes: Record<string, NodeStatus>,
  { nodesPerRun, depthPerRun }: RunSize,
): string | undefined {
  const count = Object.keys(nodes).length;
  if (count > nodesPerRun)
    return `the run would have ${count} nodes; at most ${nodesPerRun} are allowed (mlops.limits.nodesPerRun)`;
  const depth = depthOf(nodes);
  return depth > depthPerRun
    ? `the run would have ${depth} calls inside each other; at most ${depthPerRun} are allowed (mlops.limits.depthPerRun)`
    : undefined;
}

// The boundary of a node is the call that it is made in.
function depthOf(nodes: Record<string, NodeStatus>): number {
  const known = new Map<string, number>();
  let deepest = 0;
  for (const { id } of Object.values(nodes)) {
    const way: string[] = [];
    let at: string | undefined = id;
    while (at !== undefined && nodes[at] && !known.has(at)) {
      way.push(at);
      at = nodes[at].boundaryID || undefined;
    }
    let depth = (at !== undefined && known.get(at)) || 0;
    for (const step of way.reverse()) known.set(step, ++depth);
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
