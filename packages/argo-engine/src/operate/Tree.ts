import type { NodePhase, NodeStatus, NodeType, WorkflowState } from '../types';
import { nodeId } from './names';

/** Phases that never change again. */
export const isFulfilled = (node: NodeStatus) =>
  !['Pending', 'Running'].includes(node.phase);
/** Failed or Error. */
export const isBroken = (node: NodeStatus) =>
  node.phase === 'Failed' || node.phase === 'Error';

/** What a new node is made of. */
export interface NewNode {
  name: string;
  displayName: string;
  type: NodeType;
  phase: NodePhase;
  message?: string;
  templateName?: string;
  boundaryID?: string;
}

/** The nodes of one run during a pass: the only place where they change. */
export class Tree {
  constructor(
    private readonly workflowName: string,
    readonly nodes: WorkflowState['nodes'],
    private readonly now: string,
  ) {}

  id(name: string): string {
    return nodeId(this.workflowName, name);
  }

  find(name: string): NodeStatus | undefined {
    const node = this.nodes[this.id(name)];
    return node?.name === name ? node : undefined;
  }

  add(node: NewNode): NodeStatus {
    const id = this.id(node.name);
    const created: NodeStatus = {
      id,
      ...node,
      children: [],
      startedAt: this.now,
    };
    for (const key of Object.keys(created))
      if (created[key] === undefined) delete created[key];
    if (isFulfilled(created)) created.finishedAt = this.now;
    this.nodes[id] = created;
    return created;
  }

  /** Sets the phase of a node that is not yet fulfilled. */
  mark(
    node: NodeStatus,
    phase: NodePhase,
    message?: string,
    finishedAt = this.now,
  ): NodeStatus {
    if (isFulfilled(node)) return node;
    node.phase = phase;
    if (message !== undefined && message !== '') node.message = message;
    if (isFulfilled(node)) node.finishedAt = finishedAt;
    return node;
  }

  addChild(parentId: string, childName: string): void {
    const parent = this.nodes[parentId];
    const child = this.id(childName);
    if (parent && parentId !== child && !parent.children.includes(child))
      parent.children.push(child);
  }

  /** Ids of the nodes that what comes next hangs on. */
  outbound(id: string): string[] {
    const node = this.nodes[id];
    if (!node) return [];
    switch (node.type) {
      case 'TaskGroup':
        return node.children.length === 0
          ? [id]
          : node.children.flatMap(child => this.outbound(child));
      case 'Retry':
        return node.children.length === 0
          ? [id]
          : [node.children[node.children.length - 1]];
      case 'Steps':
      case 'StepGroup':
      case 'DAG':
        return (node.outboundNodes ?? []).flatMap(child =>
          this.outbound(child),
        );
      default:
        return [id];
    }
  }
}
