import { graphOf, nodeOf, nodesOf } from '../testUtils/samples';
import { foldRounds } from './foldRounds';
import { below, toStepTree } from './stepTree';

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

  it('shows each attempt of a step that was tried again, with the steps inside it', () => {
    const graph = graphOf({ name: 'inner', type: 'DAG' });
    graph.nodes.push({
      id: 'main.inner.fit',
      name: 'fit',
      template: 'fit',
      type: 'Pod',
      parent: 'main.inner',
    });
    const attempt = (name: string, phase: 'Failed' | 'Running') => [
      nodeOf(name, { type: 'DAG', phase, nodeFlag: { retried: true } }),
      nodeOf('fit', { id: `fit in ${name}`, boundaryID: name, phase }),
    ];
    const { steps } = toStepTree(
      graph,
      nodesOf(
        nodeOf('inner', {
          type: 'Retry',
          phase: 'Running',
          children: ['inner(0)', 'inner(1)'],
        }),
        ...attempt('inner(0)', 'Failed'),
        ...attempt('inner(1)', 'Running'),
      ),
    );
    expect(steps).toMatchObject([
      { id: 'inner', nodeId: 'inner(1)', phase: 'Running' },
    ]);
    expect(
      below(steps[0]).map(one => [
        one.attempt,
        one.phase,
        one.members.map(({ nodeId }) => nodeId),
      ]),
    ).toEqual([
      [1, 'Failed', ['fit in inner(0)']],
      [2, 'Running', ['fit in inner(1)']],
    ]);
  });

  it('takes the attempts of a round for no rounds, however many they are', () => {
    const names = Array.from({ length: 11 }, (_, i) => `fit(0:a)(${i})`);
    const { steps } = toStepTree(
      graphOf({ name: 'fit', loop: 'items' }),
      nodesOf(
        nodeOf('fit(0:a)', { type: 'Retry', children: names }),
        ...names.map(name => nodeOf(name, { nodeFlag: { retried: true } })),
      ),
    );
    expect(foldRounds(below(steps[0])).map(({ kind }) => kind)).toEqual(
      names.map(() => 'step'),
    );
  });

  it('shows no attempts of a step whose first try went well', () => {
    const { steps } = toStepTree(
      graphOf({ name: 'fit' }),
      nodesOf(
        nodeOf('fit', { type: 'Retry', children: ['fit(0)'] }),
        nodeOf('fit(0)', { nodeFlag: { retried: true } }),
      ),
    );
    expect(steps).toMatchObject([{ id: 'fit', nodeId: 'fit(0)' }]);
    expect(below(steps[0])).toEqual([]);
  });

  it('keeps rounds and attempts together where the file cannot be read', () => {
    const { steps } = toStepTree(
      { nodes: [], edges: [] },
      nodesOf(
        nodeOf('fit(0:a)', { startedAt: '2026-01-01T10:00:01Z' }),
        nodeOf('other', {
          type: 'Retry',
          startedAt: '2026-01-01T10:00:02Z',
          children: ['other(0)', 'other(1)'],
        }),
        nodeOf('other(0)', { nodeFlag: { retried: true } }),
        nodeOf('other(1)', { nodeFlag: { retried: true } }),
        nodeOf('fit(1:b)', { startedAt: '2026-01-01T10:00:03Z' }),
      ),
    );
    expect(
      steps.map(one => [one.name, one.round?.label, below(one).length]),
    ).toEqual([
      ['fit', 'a', 0],
      ['fit', 'b', 0],
      ['other', undefined, 2],
    ]);
  });
});
