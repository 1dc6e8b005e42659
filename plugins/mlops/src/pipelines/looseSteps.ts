/* Steps that stand in no plan: hooks and exit handlers, and all of them where the file cannot be read. */
import type { NodeStatus } from '@backstage-mlops/argo-engine';
import { attemptsOf, composites, groups } from './nodeKinds';
import { planName, roundOf } from './round';
import type { Step } from './stepTree';

type Nodes = Record<string, NodeStatus>;

/** What runs beside the plan: hooks and exit handlers. */
export function hooksOf(steps: Step[], nodes: Nodes): Step[] {
  const shown = new Set<string | undefined>();
  const visit = (step: Step): void => {
    shown.add(step.id);
    [...step.members, ...(step.attempts ?? [])].forEach(visit);
  };
  steps.forEach(visit);
  const isBesides = (node: NodeStatus): boolean =>
    Boolean(node.nodeFlag?.hooked) ||
    (node.boundaryID !== undefined &&
      nodes[node.boundaryID] !== undefined &&
      isBesides(nodes[node.boundaryID]));
  return Object.values(nodes)
    .filter(node => isOwn(node) && !shown.has(node.id) && isBesides(node))
    .sort(byStart)
    .map(node => {
      const name = node.displayName.replace(/^.*\.(?=onExit|hooks)/, '');
      return toLooseStep(node, nodes, name);
    });
}

/** Without a plan the nodes stand below each other as they began; the rounds of a loop stand together. */
export function withoutPlan(nodes: Nodes): Step[] {
  const all = Object.values(nodes).filter(isOwn).sort(byStart);
  const rounds = new Map<string, NodeStatus[]>();
  for (const node of all) {
    const key = loopKey(node) ?? node.id;
    const group = rounds.get(key);
    if (group) group.push(node);
    else rounds.set(key, [node]);
  }
  return [...rounds.values()].flatMap(group =>
    group.map(node => {
      const round = roundOf(node.displayName, group.length);
      if (!round) return toLooseStep(node, nodes, node.displayName);
      const name = planName(node.displayName);
      return { ...toLooseStep(node, nodes, name), looped: true, round };
    }),
  );
}

/** Rounds of one loop share a name within the same composite. */
function loopKey({ boundaryID, displayName }: NodeStatus): string | undefined {
  if (!roundOf(displayName, 0)) return undefined;
  return `${boundaryID ?? ''}/${planName(displayName)}`;
}

/** A node that is a step of its own: neither a frame nor an attempt. */
function isOwn({ type, nodeFlag }: NodeStatus): boolean {
  return !groups.has(type) && !composites.has(type) && !nodeFlag?.retried;
}

const byStart = (a: NodeStatus, b: NodeStatus) =>
  a.startedAt.localeCompare(b.startedAt);

function toLooseStep(node: NodeStatus, nodes: Nodes, name: string): Step {
  const tries = attemptsOf(node, nodes);
  const step = (of: NodeStatus): Step => ({
    id: of.id,
    nodeId: of.id,
    name,
    template: of.templateName ?? '',
    phase: of.phase,
    startedAt: of.startedAt,
    finishedAt: of.finishedAt,
    looped: false,
    members: [],
  });
  return {
    ...step(node),
    nodeId: (tries[tries.length - 1] ?? node).id,
    ...(tries.length > 1
      ? { attempts: tries.map((one, i) => ({ ...step(one), attempt: i + 1 })) }
      : {}),
  };
}
