import type { NodeStatus } from '@backstage-mlops/argo-engine';
import { graphOf, nodeOf, nodesOf } from '../testUtils/samples';
import { foldLoops, widestLoop } from './foldLoops';
import { toStepTree } from './stepTree';

function loopOf(phases: NodeStatus['phase'][]) {
  return toStepTree(
    graphOf(
      { name: 'read' },
      { name: 'fit', loop: 'items' },
      { name: 'judge' },
    ),
    nodesOf(...phases.map((phase, i) => nodeOf(`fit(${i}:${i})`, { phase }))),
  );
}

const many = (count: number): NodeStatus['phase'][] =>
  Array.from({ length: count }, () => 'Succeeded');

describe('foldLoops', () => {
  it('draws each round of a small loop', () => {
    expect(foldLoops(loopOf(many(widestLoop))).leaves).toHaveLength(
      widestLoop + 2,
    );
  });

  it('draws a wide loop as one step with one edge on each side, counting its rounds', () => {
    const { leaves, edges } = foldLoops(loopOf(many(widestLoop + 1)));
    const [read, fit, judge] = leaves;
    expect(leaves).toHaveLength(3);
    expect(fit.counts).toEqual({ Succeeded: widestLoop + 1 });
    expect(edges).toEqual([
      { from: read.id, to: fit.id },
      { from: fit.id, to: judge.id },
    ]);
  });

  it('leads from a folded loop to the round that failed', () => {
    const phases = many(20);
    phases[7] = 'Failed';
    phases[9] = 'Running';
    const [, loop] = foldLoops(loopOf(phases)).leaves;
    expect(loop).toMatchObject({ phase: 'Failed', nodeId: 'fit(7:7)' });
    expect(loop.counts).toEqual({ Succeeded: 18, Failed: 1, Running: 1 });
  });

  it('folds rounds that hold steps only in a picture of many nodes, with one edge on each side', () => {
    const graph = graphOf(
      { name: 'read' },
      { name: 'round', type: 'DAG', loop: 'items' },
      { name: 'judge' },
    );
    for (const name of ['fit', 'check'])
      graph.nodes.push({
        id: `main.round.${name}`,
        name,
        template: name,
        type: 'Pod',
        parent: 'main.round',
      });
    graph.edges.push({ from: 'main.round.fit', to: 'main.round.check' });
    const tree = toStepTree(
      graph,
      nodesOf(
        ...Array.from({ length: 9 }, (_, i) => [
          nodeOf(`round(${i}:${i})`, { type: 'DAG' }),
          nodeOf('fit', { id: `fit ${i}`, boundaryID: `round(${i}:${i})` }),
        ]).flat(),
      ),
    );
    // Both steps of each round, and one before and one after.
    expect(foldLoops(tree).leaves).toHaveLength(9 * 2 + 2);
    const { leaves, edges } = foldLoops(tree, true);
    expect(leaves.map(({ name }) => name)).toEqual(['read', 'round', 'judge']);
    expect(leaves[1].counts).toEqual({ Succeeded: 9 });
    expect(edges).toEqual([
      { from: leaves[0].id, to: leaves[1].id },
      { from: leaves[1].id, to: leaves[2].id },
    ]);
  });
});
