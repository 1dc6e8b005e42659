/*
 * Why a run failed: from its root down to the step whose failure was carried up. Argo's tree does not say it outright. A failure that was
 * looked for is none of the reasons: steps that went on name another child in their message, and a task of a DAG whose failure others
 * depended on has children that ran.
 */
import type { NodeStatus } from '@backstage-mlops/argo-engine';

type Nodes = Record<string, NodeStatus>;

/** The node at the root of a failure: the first step that made the run fail, not the groups around it. @public */
export function findCause(
  nodes: Record<string, NodeStatus>,
): NodeStatus | undefined {
  const all = Object.values(nodes);
  const tops = all.filter(node => isBroken(node) && !node.boundaryID);
  // Where the root itself is well, its exit handler is not.
  const top = tops.find(node => node.id === node.name) ?? first(tops);
  return top ? below(top, nodes) : first(all.filter(isBroken));
}

function below(node: NodeStatus, nodes: Nodes): NodeStatus {
  const broken = brokenParts(node, nodes);
  return broken ? below(broken, nodes) : node;
}

/** The part of a node that made it fail; undefined when it failed by itself. */
function brokenParts(node: NodeStatus, nodes: Nodes): NodeStatus | undefined {
  switch (node.type) {
    case 'Steps':
      return named(node, nodes) ?? first(members(node, nodes).filter(isBroken));
    case 'StepGroup':
      return named(node, nodes) ?? first(brokenChildren(node, nodes));
    case 'DAG': {
      const broken = members(node, nodes).filter(isBroken);
      const ways = new Ways(nodes);
      return first(broken.filter(task => ways.carryUp(task))) ?? first(broken);
    }
    case 'TaskGroup':
      return first(parts(node, nodes).filter(isBroken));
    case 'Retry':
      // The last attempt is the one that counts.
      return parts(node, nodes).filter(isBroken).pop();
    default:
      return undefined;
  }
}

const isBroken = ({ phase }: NodeStatus) =>
  phase === 'Failed' || phase === 'Error';

const first = (nodes: NodeStatus[]): NodeStatus | undefined =>
  [...nodes].sort((a, b) =>
    (a.finishedAt ?? '') < (b.finishedAt ?? '') ? -1 : 1,
  )[0];

/** The child that a message names, by its id or by its name. */
function named(node: NodeStatus, nodes: Nodes): NodeStatus | undefined {
  const message = node.message ?? '';
  const id = /^child '(.+)' failed$/.exec(message)?.[1];
  if (id !== undefined) return nodes[id];
  const errored = /^step group deemed errored due to child (.+?) error: /;
  const name = errored.exec(message)?.[1];
  return name === undefined
    ? undefined
    : Object.values(nodes).find(other => other.name === name);
}

const members = ({ id }: NodeStatus, nodes: Nodes) =>
  Object.values(nodes).filter(
    node => node.boundaryID === id && !isPart(node) && !isHook(node),
  );

const isHook = ({ nodeFlag }: NodeStatus) => nodeFlag?.hooked === true;

// An item of a loop or an attempt: its whole speaks for it.
const isPart = ({ name }: NodeStatus) => /\(.*\)$/.test(name);

const parts = (node: NodeStatus, nodes: Nodes) =>
  childrenOf(node, nodes).filter(child =>
    child.name.startsWith(`${node.name}(`),
  );

const brokenChildren = (node: NodeStatus, nodes: Nodes) =>
  childrenOf(node, nodes).filter(isBroken);

const childrenOf = ({ children }: NodeStatus, nodes: Nodes) =>
  children.map(id => nodes[id]).filter(child => child !== undefined);

/** The ways from the tasks of a DAG to its end. */
class Ways {
  private readonly known = new Map<string, boolean>();

  constructor(private readonly nodes: Nodes) {}

  /** Whether a task's failure reached the end: nothing ran because of it, or only on some of its ways. */
  carryUp(task: NodeStatus): boolean {
    const known = this.known.get(task.id);
    if (known !== undefined) return known;
    const next = followers(task, this.nodes);
    const isCarried =
      next.length === 0 ||
      next.some(other => other.phase === 'Omitted' && this.carryUp(other));
    this.known.set(task.id, isCarried);
    return isCarried;
  }
}

// What comes next hangs on the last nodes of a task that has nodes of its own.
function followers(task: NodeStatus, nodes: Nodes): NodeStatus[] {
  const ends = [task, ...(task.outboundNodes ?? []).map(id => nodes[id])];
  return ends
    .filter(end => end !== undefined)
    .flatMap(end => childrenOf(end, nodes))
    .filter(
      child =>
        child.boundaryID === task.boundaryID &&
        !isHook(child) &&
        !child.name.startsWith(`${task.name}(`),
    );
}
