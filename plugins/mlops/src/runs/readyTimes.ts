import type { NodeStatus } from '@backstage-mlops/argo-engine';
import { attemptsOf } from '../pipelines/nodeKinds';

/**
 * When each node could have begun, in milliseconds since 1970: after the last of those before it ended, or as soon as the one
 * that holds it began; an attempt after the one before it. Nodes with nothing before them are absent.
 */
export function readyTimes(
  nodes: Record<string, NodeStatus>,
): Map<string, number> {
  const ready = new Map<string, number>();
  const later = (id: string, time: number) =>
    ready.set(id, Math.max(ready.get(id) ?? 0, time));
  for (const node of Object.values(nodes)) {
    const begin = Date.parse(node.startedAt);
    const end = node.finishedAt ? Date.parse(node.finishedAt) : Infinity;
    for (const id of node.children) {
      const child = nodes[id];
      if (child) later(id, end <= Date.parse(child.startedAt) ? end : begin);
    }
    const tries = attemptsOf(node, nodes);
    tries.slice(1).forEach((attempt, index) => {
      const before = tries[index].finishedAt;
      if (before) later(attempt.id, Date.parse(before));
    });
  }
  return ready;
}
