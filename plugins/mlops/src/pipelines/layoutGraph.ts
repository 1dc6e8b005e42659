import dagre from '@dagrejs/dagre';
import type { NodeStatus, PipelineGraph } from '@backstage-mlops/argo-engine';

/** A step as it is drawn: what the file says, and what the run knows of it. */
export interface DrawnNode {
  id: string;
  /** Node of the run; absent before it exists. */
  nodeId?: string;
  name: string;
  template: string;
  phase: string;
  line?: number;
  x: number;
  y: number;
}

export interface Drawing {
  nodes: DrawnNode[];
  edges: { from: string; to: string; points: { x: number; y: number }[] }[];
  width: number;
  height: number;
}

export const box = { width: 176, height: 52 };
const composite = new Set(['Steps', 'DAG']);

/**
 * The picture of a run: steps of the file that have not begun stand beside those that have; a loop shows its children as soon as
 * they are known. Composites are drawn as their members.
 */
export function mergeGraph(
  graph: PipelineGraph,
  nodes: Record<string, NodeStatus> = {},
): { nodes: Omit<DrawnNode, 'x' | 'y'>[]; edges: PipelineGraph['edges'] } {
  const all = Object.values(nodes);
  const parts: Omit<DrawnNode, 'x' | 'y'>[] = [];
  const standsFor = new Map<string, string[]>();
  const leaves = graph.nodes.filter(node => !composite.has(node.type));
  for (const leaf of leaves) {
    const known = all.filter(node => matches(node, leaf.name, leaf.template));
    const shown = known.length > 0 ? known : [undefined];
    standsFor.set(
      leaf.id,
      shown.map(node => node?.id ?? leaf.id),
    );
    for (const node of shown)
      parts.push({
        id: node?.id ?? leaf.id,
        nodeId: node?.id,
        name:
          node?.displayName ?? (leaf.loop ? `${leaf.name} (each)` : leaf.name),
        template: leaf.template,
        phase: node?.phase ?? 'Planned',
        line: leaf.line ?? leaf.templateLine,
      });
  }
  const ends = (id: string, side: 'in' | 'out'): string[] => {
    if (standsFor.has(id)) return standsFor.get(id)!;
    const members = graph.nodes.filter(node => node.parent === id);
    const inner = members.filter(
      member =>
        !graph.edges.some(
          edge =>
            (side === 'in' ? edge.to : edge.from) === member.id &&
            members.some(
              other => other.id === (side === 'in' ? edge.from : edge.to),
            ),
        ),
    );
    return inner.flatMap(member => ends(member.id, side));
  };
  const edges = graph.edges.flatMap(({ from, to }) =>
    ends(from, 'out').flatMap(start =>
      ends(to, 'in').map(end => ({ from: start, to: end })),
    ),
  );
  return { nodes: dedupe(parts), edges };
}

function matches(node: NodeStatus, name: string, template: string): boolean {
  if (node.type !== 'Pod' && node.type !== 'Skipped') return false;
  return (
    node.templateName === template &&
    (node.displayName === name ||
      node.displayName.startsWith(`${name}(`) ||
      node.boundaryID === undefined)
  );
}

function dedupe<T extends { id: string }>(items: T[]): T[] {
  return [...new Map(items.map(item => [item.id, item])).values()];
}

/** Places the steps from top to bottom. */
export function layoutGraph(
  graph: PipelineGraph,
  nodes?: Record<string, NodeStatus>,
): Drawing {
  const merged = mergeGraph(graph, nodes);
  const plan = new dagre.graphlib.Graph();
  plan.setGraph({
    rankdir: 'TB',
    nodesep: 24,
    ranksep: 36,
    marginx: 8,
    marginy: 8,
  });
  plan.setDefaultEdgeLabel(() => ({}));
  merged.nodes.forEach(node => plan.setNode(node.id, { ...box }));
  merged.edges.forEach(({ from, to }) => plan.setEdge(from, to));
  dagre.layout(plan);
  const { width = 200, height = 100 } = plan.graph();
  return {
    width,
    height,
    nodes: merged.nodes.map(node => ({
      ...node,
      x: plan.node(node.id).x - box.width / 2,
      y: plan.node(node.id).y - box.height / 2,
    })),
    edges: merged.edges.map(({ from, to }) => ({
      from,
      to,
      points: plan.edge(from, to).points,
    })),
  };
}
