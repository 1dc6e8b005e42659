/*
 * A run as its reader sees it: the steps that the committed file plans, and for each the nodes that the engine has made of it
 * so far. A step that has not begun stands at its place; a loop shows its children as soon as they are known. Nodes belong to
 * the step whose name they carry within the same composite node (`boundaryID`), which holds for steps, DAGs and loops alike.
 */
import type { NodeStatus, PipelineGraph } from '@backstage-mlops/argo-engine';
import type { ShownPhase } from '../ui/State';
import { hooksOf, withoutPlan } from './looseSteps';
import { attemptsOf, composites, groups } from './nodeKinds';
import { planName, roundOf, type Round } from './round';

/** A step: planned, or made into a node. */
export interface Step {
  /** Unique in the tree: the node's id, or the place in the plan. */
  id: string;
  /** Node of the run; absent before it exists. */
  nodeId?: string;
  /** Node of the graph that it stands for; absent where no plan is known. */
  planId?: string;
  name: string;
  /** Which round of a loop it is. */
  round?: Round;
  /** Text of the condition under which a planned step runs. */
  when?: string;
  template: string;
  phase: ShownPhase;
  /** 1-based line in the pipeline file. */
  line?: number;
  startedAt?: string;
  finishedAt?: string;
  /** True when the step is one of several made by a loop. */
  looped: boolean;
  /** Steps inside; empty for a leaf. Of a step that was tried again, those of its last attempt. */
  members: Step[];
  /** Every attempt, oldest first, when there were several. */
  attempts?: Step[];
  /** Which attempt of its step it is; 1-based. */
  attempt?: number;
}

/** What is shown below a step: its attempts, else the steps inside it. */
export const below = (step: Step): Step[] => step.attempts ?? step.members;

/** Which step comes after which, between leaves. */
export interface StepEdge {
  from: string;
  to: string;
}

/** Steps of a run as a tree, with the order between its leaves. */
export interface StepTree {
  steps: Step[];
  edges: StepEdge[];
}

type Plan = PipelineGraph['nodes'][number];

class TreeBuilder {
  readonly edges: StepEdge[] = [];
  private readonly children = new Map<string, Plan[]>();
  private readonly byPlace = new Map<string, NodeStatus[]>();

  constructor(
    private readonly graph: PipelineGraph,
    private readonly nodes: Record<string, NodeStatus>,
  ) {
    for (const plan of graph.nodes)
      if (plan.parent) add(this.children, plan.parent, plan);
    for (const node of Object.values(nodes)) {
      if (groups.has(node.type) || node.nodeFlag?.retried) continue;
      const name = node.boundaryID ? planName(node.displayName) : '';
      add(this.byPlace, `${node.boundaryID ?? ''}/${name}`, node);
    }
  }

  /** The steps that stand for a planned one inside a composite: one, or one for each round of a loop. */
  build(plan: Plan, within: NodeStatus | undefined, above = ''): Step[] {
    const found = this.nodesOf(plan, within);
    if (found.length === 0)
      return [this.toStep(plan, undefined, `${above}/${plan.name}`)];
    return found.map(node => ({
      ...this.toStep(plan, node, node.id),
      ...asRound(node, found.length),
    }));
  }

  private nodesOf(plan: Plan, within: NodeStatus | undefined): NodeStatus[] {
    if (plan.parent === undefined) return this.rootNode();
    // A composite that has not begun has no nodes below it.
    if (!within) return [];
    return this.byPlace.get(`${within.id}/${plan.name}`) ?? [];
  }

  /** The node of the entrypoint: exit handlers stand beside it, with longer names. */
  private rootNode(): NodeStatus[] {
    const all = this.byPlace.get('/') ?? [];
    return [...all].sort((a, b) => a.name.length - b.name.length).slice(0, 1);
  }

  private toStep(plan: Plan, node: NodeStatus | undefined, id: string): Step {
    const tries = node ? attemptsOf(node, this.nodes) : [];
    // A step that is tried again stands for its last attempt.
    const at = tries[tries.length - 1] ?? node;
    const step = this.stepOf(plan, at, id);
    if (!node || tries.length === 0) return step;
    const { phase, startedAt, finishedAt } = node;
    const whole = { ...step, phase, startedAt, finishedAt };
    if (tries.length === 1) return whole;
    const attempts = tries.map((one, index) => ({
      ...this.stepOf(plan, one, one.id, one === at ? step.members : undefined),
      attempt: index + 1,
      looped: false,
    }));
    return { ...whole, attempts };
  }

  private stepOf(
    plan: Plan,
    node: NodeStatus | undefined,
    id: string,
    known?: Step[],
  ): Step {
    const enters = !node || composites.has(node.type);
    const members = known ?? (enters ? this.membersOf(plan, node, id) : []);
    return {
      id,
      ...(node ? { nodeId: node.id } : {}),
      planId: plan.id,
      name: plan.name,
      ...(plan.when !== undefined && !node ? { when: plan.when } : {}),
      template: node?.templateName ?? plan.template,
      phase: node?.phase ?? 'Planned',
      line: plan.line ?? plan.templateLine,
      startedAt: node?.startedAt,
      finishedAt: node?.finishedAt,
      looped: plan.loop !== undefined,
      members,
    };
  }

  private membersOf(plan: Plan, node: NodeStatus | undefined, id: string) {
    const inside = new Map<string, Step[]>();
    for (const child of this.children.get(plan.id) ?? [])
      inside.set(child.id, this.build(child, node, id));
    for (const { from, to } of this.graph.edges) {
      const before = inside.get(from);
      const after = inside.get(to);
      if (before && after) this.connect(before, after);
    }
    return [...inside.values()].flat();
  }

  private connect(before: Step[], after: Step[]) {
    const ends = before.flatMap(step => this.leaves(step, 'from'));
    const starts = after.flatMap(step => this.leaves(step, 'to'));
    for (const from of ends)
      for (const to of starts) this.edges.push({ from, to });
  }

  /** First or last leaves of a step: those inside it that nothing inside comes before or after. */
  private leaves(step: Step, side: 'from' | 'to'): string[] {
    if (step.members.length === 0) return [step.id];
    const all = step.members.flatMap(member => this.leaves(member, side));
    const own = new Set(step.members.flatMap(allLeaves));
    const other = side === 'from' ? 'to' : 'from';
    const bound = new Set(
      this.edges.filter(edge => own.has(edge[other])).map(edge => edge[side]),
    );
    return all.filter(id => !bound.has(id));
  }
}

/** Builds the tree of a run, or of the plan alone. */
export function toStepTree(
  graph: PipelineGraph,
  nodes: Record<string, NodeStatus> = {},
): StepTree {
  const root = graph.nodes.find(node => node.parent === undefined);
  if (!root) return { steps: withoutPlan(nodes), edges: [] };
  const builder = new TreeBuilder(graph, nodes);
  const steps = builder.build(root, undefined);
  // The entrypoint itself is the frame of the picture, not a step in it.
  const inside = steps.flatMap(step =>
    step.members.length > 0 ? step.members : [step],
  );
  return {
    steps: [...inside, ...hooksOf(inside, nodes)],
    edges: builder.edges,
  };
}

function asRound(node: NodeStatus, of: number): { round?: Round } {
  const round = roundOf(node.displayName, of);
  return round ? { round } : {};
}

/** Ids of all leaves below a step. */
function allLeaves(step: Step): string[] {
  return step.members.length > 0 ? step.members.flatMap(allLeaves) : [step.id];
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
