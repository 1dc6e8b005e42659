import type { NodePhase, NodeStatus, NodeType, WorkflowState } from '../types';
import { nodeId } from './names';

/** Phases that never change again. */
export const isFulfilled = (node: NodeStatus) =>
  !['Pending', 'Running'].includes(node.phase);
/** Failed or Error. */
export const isBroken = (node: NodeStatus) =>
  node.phase === 'Failed' || node.phase === 'Error';
/** It ran to an end of its own. */
export const isCompleted = (node: NodeStatus) =>
  node.phase === 'Succeeded' || isBroken(node);
/** It waits for its pod or runs; a node that waits for a lock is not active. */
export const isActive = (node: NodeStatus) =>
  node.phase === 'Running' ||
  (node.phase === 'Pending' && !node.synchronizationStatus?.waiting);

/** What a new node is made of. */
export interface NewNode {
  name: string;
  displayName: string;
  type: NodeType;
  phase: NodePhase;
  message?: string;
  templateName?: string;
  templateRef?: NodeStatus['templateRef'];
  boundaryID?: string;
  nodeFlag?: NodeStatus['nodeFlag'];
}

/** Thrown by a pass that would make more nodes than `maxNodes`. @public */
export class TooManyNodesError extends Error {
  /** How many nodes the run may have. */
  readonly maxNodes: number;

  constructor(maxNodes: number) {
    super(`the run would have more than ${maxNodes} nodes`);
    this.name = 'TooManyNodesError';
    this.maxNodes = maxNodes;
  }
}

/** The nodes of one run during a pass: the only place where they change. */
export class Tree {
  /** Whether this pass made a node, moved one, or tied one to another. */
  hasChanged = false;
  /** Whether a node became an error in this pass; who waits for it may hear of it in the next one only. */
  hasFault = false;
  private readonly ids = new Map<string, string>();
  private count: number;

  constructor(
    private readonly workflowName: string,
    readonly nodes: WorkflowState['nodes'],
    private readonly now: string,
    private readonly maxNodes = Infinity,
  ) {
    this.count = Object.keys(nodes).length;
  }

  id(name: string): string {
    let id = this.ids.get(name);
    if (id === undefined) {
      id = nodeId(this.workflowName, name);
      this.ids.set(name, id);
    }
    return id;
  }

  find(name: string): NodeStatus | undefined {
    const node = this.nodes[this.id(name)];
    return node?.name === name ? node : undefined;
  }

  add(node: NewNode): NodeStatus {
    if (++this.count > this.maxNodes)
      throw new TooManyNodesError(this.maxNodes);
    const id = this.id(node.name);
    const created: NodeStatus = {
      id,
      ...node,
      children: [],
      startedAt: this.now,
    };
    if (!node.nodeFlag?.hooked && !node.nodeFlag?.retried)
      delete created.nodeFlag;
    for (const key of Object.keys(created))
      if (created[key] === undefined) delete created[key];
    if (isFulfilled(created)) created.finishedAt = this.now;
    this.nodes[id] = created;
    this.hasChanged = true;
    if (node.phase === 'Error') this.hasFault = true;
    return created;
  }

  /** Sets phase and message of a node that is not yet over; without a message the present one stays. */
  mark(
    node: NodeStatus,
    phase: NodePhase,
    message?: string,
    finishedAt = this.now,
  ): NodeStatus {
    if (isFulfilled(node)) return node;
    return this.force(node, phase, message, finishedAt);
  }

  /** As `mark`, also for a node that is over: who called it finds a fault in it. */
  force(
    node: NodeStatus,
    phase: NodePhase,
    message?: string,
    finishedAt = this.now,
  ): NodeStatus {
    if (node.phase !== phase) {
      this.hasChanged = true;
      if (phase === 'Error') this.hasFault = true;
    }
    if (message !== undefined && message !== (node.message ?? ''))
      this.hasChanged = true;
    node.phase = phase;
    if (message === '') delete node.message;
    else if (message !== undefined) node.message = message;
    if (isFulfilled(node)) {
      node.finishedAt ??= finishedAt;
      delete node.podRequested;
    }
    return node;
  }

  addChild(parentId: string, childName: string): void {
    const parent = this.nodes[parentId];
    const child = this.id(childName);
    if (!parent || parentId === child || parent.children.includes(child))
      return;
    parent.children.push(child);
    this.hasChanged = true;
  }

  childrenOf(node: NodeStatus): NodeStatus[] {
    return node.children
      .map(id => this.nodes[id])
      .filter(child => child !== undefined);
  }

  /** The attempts of a Retry node, oldest first. A hook that is tried again itself counts, as it does for the controller. */
  attemptsOf(node: NodeStatus): NodeStatus[] {
    return this.childrenOf(node).filter(child => child.nodeFlag?.retried);
  }

  /** Who speaks for a node: for a Retry its last attempt, unless the cache spoke. */
  giver(node: NodeStatus): NodeStatus {
    if (node.type !== 'Retry' || node.memoizationStatus?.hit) return node;
    const attempts = this.childrenOf(node).filter(
      child => !child.nodeFlag?.hooked,
    );
    return attempts.at(-1) ?? node;
  }

  /** Whether everything below a node is over, down to the last that hangs on it. */
  isOverBelow(node: NodeStatus, seen = new Set<NodeStatus>()): boolean {
    if (seen.has(node)) return true;
    seen.add(node);
    return node.children.length === 0
      ? isFulfilled(node)
      : this.childrenOf(node).every(child => this.isOverBelow(child, seen));
  }

  /** Something is not over that hangs on a node, at any depth. */
  hasOpenBelow(node: NodeStatus): boolean {
    const seen = new Set<NodeStatus>();
    const next = this.childrenOf(node);
    for (let child = next.pop(); child; child = next.pop()) {
      if (seen.has(child)) continue;
      if (!isFulfilled(child)) return true;
      seen.add(child);
      next.push(...this.childrenOf(child));
    }
    return false;
  }

  /** All hooks that were begun for a node are over. */
  hooksAreOver(node: NodeStatus): boolean {
    return this.childrenOf(node).every(
      child => !child.nodeFlag?.hooked || isFulfilled(child),
    );
  }

  /** Ids of the nodes that what comes next hangs on. Source: getOutboundNodes of operator.go. */
  outbound(id: string): string[] {
    const node = this.nodes[id];
    if (!node) return [];
    switch (node.type) {
      case 'TaskGroup':
        return node.children.length === 0
          ? [id]
          : node.children.flatMap(child => this.outbound(child));
      case 'Retry':
        return node.children.length > 0 ? [node.children.at(-1)!] : [];
      case 'Steps':
      case 'StepGroup':
      case 'DAG':
        if (node.memoizationStatus?.hit) return [id];
        return (node.outboundNodes ?? []).flatMap(child =>
          this.outbound(child),
        );
      default:
        return [id];
    }
  }
}
