/*
 * Goes on with a run that is over: what failed runs again, what succeeded stays. Source: FormulateRetryWorkflow of Argo's
 * workflow/util/util.go.
 */
import type { NodeStatus, WorkflowState } from '../types';

/** What is to run again. @public */
export interface RetryOptions {
  /** Ids of nodes that run again although they succeeded, with all that comes after them. */
  nodes?: string[];
  /** ISO 8601. */
  now: string;
}

/** What a retry does. @public */
export interface RetryPlan {
  /** Ids of pods and waiting steps that run again. */
  again: string[];
  /** Ids of those that stay. */
  kept: string[];
  /** The run as it goes on. */
  state: WorkflowState;
}

const leaves = ['Pod', 'Suspend', 'Skipped'];
const holders = ['Steps', 'StepGroup', 'DAG', 'TaskGroup', 'Retry'];
const isBroken = ({ phase }: NodeStatus) =>
  phase === 'Failed' || phase === 'Error';

/**
 * Plans a retry. Error when the run is not over, when nothing failed and no node is named, or when a named node is none of the
 * run's.
 *
 * @public
 */
export function planRetry(
  workflowName: string,
  state: WorkflowState,
  { nodes = [], now }: RetryOptions,
): RetryPlan {
  if (state.phase === 'Pending' || state.phase === 'Running')
    throw new Error(
      `the run is ${state.phase}; only a run that is over can be retried`,
    );
  const unknown = nodes.find(id => !state.nodes[id]);
  if (unknown) throw new Error(`there is no node '${unknown}' in this run`);
  if (state.phase === 'Succeeded' && nodes.length === 0)
    throw new Error('the run succeeded; name the nodes that are to run again');
  const next = structuredClone(state);
  const gone = goneNodes(next.nodes, nodes, workflowName);
  const reset = resetNodes(next.nodes, gone);
  for (const id of gone) delete next.nodes[id];
  for (const id of reset) begin(next.nodes[id], now);
  for (const node of Object.values(next.nodes)) {
    node.children = node.children.filter(id => next.nodes[id]);
    if (node.outboundNodes)
      node.outboundNodes = node.outboundNodes.filter(id => next.nodes[id]);
  }
  const isLeaf = (id: string) =>
    ['Pod', 'Suspend'].includes(state.nodes[id].type);
  return {
    again: [...gone].filter(isLeaf),
    kept: Object.keys(next.nodes).filter(isLeaf),
    state: {
      phase: 'Running',
      startedAt: now,
      nodes: next.nodes,
      ...(next.outputs ? { outputs: next.outputs } : {}),
    },
  };
}

// A failed leaf goes with everything after it; so does what a person named. Exit handlers run again at the new end.
function goneNodes(
  nodes: WorkflowState['nodes'],
  named: string[],
  workflowName: string,
): Set<string> {
  const gone = new Set<string>();
  const remove = (id: string) => {
    if (gone.has(id) || !nodes[id]) return;
    gone.add(id);
    nodes[id].children.forEach(remove);
    for (const other of Object.values(nodes))
      if (other.boundaryID === id) remove(other.id);
    afterHolders(nodes, id).forEach(remove);
  };
  const past = pastAttempts(nodes);
  for (const node of Object.values(nodes)) {
    if (past.has(node.id)) continue;
    if (node.name.startsWith(`${workflowName}.onExit`)) remove(node.id);
    if (node.name.startsWith(`${workflowName}.hooks.`)) remove(node.id);
    if (leaves.includes(node.type) && isBroken(node)) remove(node.id);
    // What was left out because of the failure is decided anew.
    if (node.phase === 'Omitted') remove(node.id);
  }
  for (const id of named) remove(past.get(id) ?? retryOf(nodes, id) ?? id);
  removeRetries(nodes, new Set([...gone, ...past.keys()]), remove);
  return gone;
}

// What hangs on a template that the node is in: its hooks, and what comes after it when its attempts are counted.
function afterHolders(nodes: WorkflowState['nodes'], id: string): string[] {
  const found: string[] = [];
  let holder = nodes[nodes[id].boundaryID ?? ''];
  for (; holder; holder = nodes[holder.boundaryID ?? '']) {
    const { id: within, children } = holder;
    found.push(
      ...children.filter(child => nodes[child]?.boundaryID !== within),
    );
    const retry = nodes[retryOf(nodes, within) ?? ''];
    found.push(
      ...(retry?.children ?? []).filter(
        child => !nodes[child]?.nodeFlag?.retried,
      ),
    );
  }
  return found;
}

const retryOf = (nodes: WorkflowState['nodes'], id: string) =>
  Object.values(nodes).find(
    node => node.type === 'Retry' && node.children.includes(id),
  )?.id;

/** All attempts but the last are history, with everything in them. Gives the Retry node of each. */
export function pastAttempts(
  nodes: WorkflowState['nodes'],
): Map<string, string> {
  const past = new Map<string, string>();
  for (const retry of Object.values(nodes)) {
    if (retry.type !== 'Retry') continue;
    const attempts = retry.children
      .map(id => nodes[id])
      .filter(child => child?.nodeFlag?.retried && !child.nodeFlag.hooked);
    for (const { name } of attempts.slice(0, -1))
      for (const node of Object.values(nodes))
        if (
          node.name === name ||
          node.name.startsWith(`${name}[`) ||
          node.name.startsWith(`${name}.`)
        )
          past.set(node.id, retry.id);
  }
  return past;
}

// A Retry that failed begins its attempts from the first.
function removeRetries(
  nodes: WorkflowState['nodes'],
  passedOver: Set<string>,
  remove: (id: string) => void,
): void {
  for (const node of Object.values(nodes))
    if (node.type === 'Retry' && isBroken(node) && !passedOver.has(node.id)) {
      const isLeafRetry = node.children.every(id =>
        ['Pod', 'Suspend', undefined].includes(nodes[id]?.type),
      );
      if (isLeafRetry) remove(node.id);
    }
}

// Everything that holds a removed node, or failed itself, is open again.
function resetNodes(
  nodes: WorkflowState['nodes'],
  gone: Set<string>,
): Set<string> {
  const reset = new Set<string>();
  const past = pastAttempts(nodes);
  const open = (id: string | undefined) => {
    const node = id === undefined ? undefined : nodes[id];
    if (!node || reset.has(node.id) || gone.has(node.id)) return;
    if (past.has(node.id)) return;
    if (!holders.includes(node.type)) return;
    reset.add(node.id);
    open(node.boundaryID);
    parentsOf(nodes, node.id).forEach(parent => {
      if (parent.type === 'Retry' || parent.type === 'TaskGroup')
        open(parent.id);
    });
  };
  for (const id of gone) {
    open(nodes[id].boundaryID);
    for (const parent of parentsOf(nodes, id))
      if (holders.includes(parent.type)) open(parent.id);
    for (const node of Object.values(nodes))
      if (node.type === 'StepGroup' && isInGroup(nodes[id], node))
        open(node.id);
  }
  for (const node of Object.values(nodes))
    if (holders.includes(node.type) && isBroken(node)) open(node.id);
  return reset;
}

const parentsOf = (nodes: WorkflowState['nodes'], id: string) =>
  Object.values(nodes).filter(node => node.children.includes(id));

const isInGroup = (node: NodeStatus, group: NodeStatus) =>
  node.name.startsWith(`${group.name}.`) &&
  node.boundaryID === group.boundaryID;

function begin(node: NodeStatus, now: string): void {
  node.phase = 'Running';
  node.startedAt = now;
  delete node.finishedAt;
  delete node.message;
  delete node.outputs;
  delete node.outboundNodes;
}
