import dagre from '@dagrejs/dagre';
import type { Leaf } from './foldLoops';
import type { StepEdge } from './stepTree';

/** Size of a step in the picture. */
export const box = { width: 172, height: 56 };

/** Where everything stands. */
export interface Drawing {
  leaves: (Leaf & { x: number; y: number })[];
  edges: (StepEdge & { points: { x: number; y: number }[] })[];
  width: number;
  height: number;
}

/** Places the steps from top to bottom, so that a phone shows the order without scrolling sideways. */
export function layoutGraph(leaves: Leaf[], edges: StepEdge[]): Drawing {
  const plan = new dagre.graphlib.Graph();
  plan.setGraph({
    rankdir: 'TB',
    nodesep: 20,
    ranksep: 34,
    marginx: 4,
    marginy: 4,
  });
  plan.setDefaultEdgeLabel(() => ({}));
  leaves.forEach(leaf => plan.setNode(leaf.id, { ...box }));
  const drawn = edges.filter(
    ({ from, to }) => plan.hasNode(from) && plan.hasNode(to),
  );
  drawn.forEach(({ from, to }) => plan.setEdge(from, to));
  dagre.layout(plan);
  const { width = box.width, height = box.height } = plan.graph();
  return {
    width,
    height,
    leaves: leaves.map(leaf => {
      const { x, y } = plan.node(leaf.id);
      return { ...leaf, x: x - box.width / 2, y: y - box.height / 2 };
    }),
    edges: drawn.map(edge => ({
      ...edge,
      points: plan.edge(edge.from, edge.to).points,
    })),
  };
}
