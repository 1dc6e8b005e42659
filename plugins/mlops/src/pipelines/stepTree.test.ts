import { graphOf, nodeOf, nodesOf } from '../testUtils/samples';
import { toStepTree } from './stepTree';

describe('toStepTree', () => {
  it('shows the plan before any run, in its order', () => {
    const tree = toStepTree(
      graphOf({ name: 'fit', line: 4 }, { name: 'judge', when: 'a == b' }),
    );
    expect(tree.steps).toMatchObject([
      { name: 'fit', phase: 'Planned', line: 4 },
      { name: 'judge', phase: 'Planned', when: 'a == b' },
    ]);
    expect(tree.edges).toEqual([
      { from: tree.steps[0].id, to: tree.steps[1].id },
    ]);
  });

  it('puts nodes at the places of their steps and keeps what has not begun', () => {
    const tree = toStepTree(
      graphOf({ name: 'fit' }, { name: 'judge' }),
      nodesOf(nodeOf('fit', { phase: 'Running', finishedAt: undefined })),
    );
    expect(tree.steps).toMatchObject([
      { name: 'fit', phase: 'Running', nodeId: 'fit' },
      { name: 'judge', phase: 'Planned' },
    ]);
    expect(tree.edges).toHaveLength(1);
  });

  it('makes a step of each round of a loop, named by the name in its item', () => {
    const tree = toStepTree(
      graphOf({ name: 'fit', loop: 'items' }, { name: 'judge' }),
      nodesOf(
        nodeOf('fit', { id: 'group', type: 'TaskGroup' }),
        nodeOf('fit(0:l2:0.1,name:small)'),
        nodeOf('fit(1:l2:0.2,name:large)'),
      ),
    );
    expect(tree.steps.slice(0, 2).map(step => step.round)).toEqual([
      { number: 1, of: 2, item: 'l2:0.1,name:small', label: 'small' },
      { number: 2, of: 2, item: 'l2:0.2,name:large', label: 'large' },
    ]);
    // Both rounds lead to the step after the loop.
    expect(tree.edges.map(({ to }) => to)).toEqual([
      tree.steps[2].id,
      tree.steps[2].id,
    ]);
  });

  it.each([
    ['fit(0:0.05)', '0.05'],
    ['fit(0:l2:0.1,rate:0.2)', undefined],
    [`fit(0:${'long'.repeat(9)})`, undefined],
  ])('calls the round of %s %s', (displayName, label) => {
    const tree = toStepTree(
      graphOf({ name: 'fit', loop: 'items' }),
      nodesOf(nodeOf(displayName)),
    );
    expect(tree.steps[0].round?.label).toBe(label);
  });

  it('draws edges from and to the steps within a composite', () => {
    const graph = graphOf({ name: 'inner', type: 'DAG' }, { name: 'judge' });
    graph.nodes.push({
      id: 'main.inner.fit',
      name: 'fit',
      template: 'fit',
      type: 'Pod',
      parent: 'main.inner',
    });
    const tree = toStepTree(graph);
    const fit = tree.steps[0].members[0];
    expect(fit.name).toBe('fit');
    expect(tree.edges).toEqual([{ from: fit.id, to: tree.steps[1].id }]);
  });

  it('takes the entrypoint, not the exit handler beside it, for the run', () => {
    const handler = nodeOf('train-1.onExit', {
      name: 'train-1.onExit',
      boundaryID: undefined,
    });
    const tree = toStepTree(graphOf({ name: 'fit' }), {
      [handler.id]: handler,
      ...nodesOf(nodeOf('fit')),
    });
    expect(tree.steps.map(({ name }) => name)).toEqual(['fit']);
  });

  it('lists the nodes as they began where the file cannot be read', () => {
    const tree = toStepTree(
      { nodes: [], edges: [] },
      nodesOf(
        nodeOf('second', { startedAt: '2026-01-01T10:00:09Z' }),
        nodeOf('first', { startedAt: '2026-01-01T10:00:01Z' }),
      ),
    );
    expect(tree.steps.map(({ name }) => name)).toEqual(['first', 'second']);
  });
});
