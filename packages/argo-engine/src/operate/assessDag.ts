/*
 * The phase of a whole DAG: an omitted or skipped task inherits the phase of its branch, a failed branch decides at once, and
 * running tasks are waited for. Source: assessDAGPhase of Argo's dag.go.
 */
import type { NodePhase, NodeStatus } from '../types';
import type { Pass } from './Pass';
import { isBroken, isCompleted, isFulfilled } from './Tree';

export function assessDag(
  pass: Pass,
  dag: NodeStatus,
  targetIds: string[],
  {
    failFast,
    continuesOn,
    groups,
  }: {
    failFast: boolean;
    /** Loops whose items are all over although nobody looked at the loop; to be marked by the caller. */
    groups: [NodeStatus, NodePhase][];
    continuesOn(id: string, phase: NodePhase): boolean;
  },
): NodePhase {
  const targets = new Map<string, NodePhase | undefined>(
    targetIds.map(id => [id, undefined]),
  );
  const queue = dag.children.map(id => ({
    id,
    branch: 'Succeeded' as NodePhase,
  }));
  const seen = new Set<string>();
  for (let next = queue.shift(); next; next = queue.shift()) {
    const key = `${next.id} ${next.branch}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const node = pass.state.nodes[next.id];
    if (!node) return 'Running';
    const grouped = isFulfilled(node) ? undefined : phaseOfGroup(pass, node);
    if (grouped) groups.push([node, grouped]);
    else if (!isFulfilled(node)) return 'Running';
    const own = isCompleted(node) ? node.phase : next.branch;
    const branch = grouped ?? own;
    if (targets.has(node.id))
      targets.set(node.id, worse(targets.get(node.id), branch));
    queue.push(...childrenAfter(pass, node).map(id => ({ id, branch })));
  }
  let result: NodePhase = 'Succeeded';
  for (const [id, phase] of targets) {
    if (phase === undefined) {
      result = 'Running';
      if (!failFast) break;
    } else if (
      (phase === 'Failed' || phase === 'Error') &&
      !continuesOn(id, phase)
    ) {
      result = phase;
      if (failFast) break;
    }
  }
  return result;
}

// What a loop is by its items, when all of them are over.
function phaseOfGroup(pass: Pass, node: NodeStatus): NodePhase | undefined {
  if (node.type !== 'TaskGroup' || node.children.length === 0) return undefined;
  const items = node.children.map(id => pass.state.nodes[id]);
  if (!items.every(item => item && isFulfilled(item))) return undefined;
  return items.filter(isBroken).at(-1)?.phase ?? 'Succeeded';
}

// A Retry stands for its attempts: what comes after them comes after it.
function childrenAfter(pass: Pass, node: NodeStatus): string[] {
  if (node.type !== 'Retry') return node.children;
  const found: string[] = [];
  for (const id of [...node.children].reverse()) {
    const child = pass.state.nodes[id];
    if (!child) continue;
    if (child.nodeFlag?.hooked) found.push(id);
    else found.push(...child.children);
  }
  return found;
}

// The first fault that a target is reached with is the one that counts.
const worse = (a: NodePhase | undefined, b: NodePhase): NodePhase =>
  a === 'Failed' || a === 'Error' ? a : b;
