import type { NodeStatus } from '@backstage-mlops/argo-engine';
import type { Run } from '@backstage-mlops/mlops-core';
import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakePortal } from '../testUtils/FakePortal';
import { address, renderPage } from '../testUtils/renderPage';
import {
  graphOf,
  nodeOf,
  nodesOf,
  pipelineOf,
  runOf,
} from '../testUtils/samples';

const graph = graphOf({ name: 'read' }, { name: 'fit', loop: 'items' });
const at = (seconds: number) =>
  new Date(Date.parse('2026-01-01T10:00:00Z') + seconds * 1000).toISOString();
const ran = (from: number, to: number, more: Partial<NodeStatus> = {}) => ({
  startedAt: at(from),
  finishedAt: at(to),
  ...more,
});

function show(nodes: Run['nodes'], view?: string, plan = graph) {
  const run = runOf({ phase: 'Succeeded', finishedAt: at(90), nodes });
  const portal = new FakePortal()
    .answer('GET runs/train-1', run)
    .answer('GET runs/train-1/metrics', { items: [] })
    .answer('GET pipelines/leaves/train', pipelineOf({ graph: plan }));
  renderPage(portal, `/mlops/runs/train-1${view ? `?view=${view}` : ''}`);
  return portal;
}

/** A loop in which one round of forty failed. */
function loopOf(count: number) {
  return nodesOf(
    nodeOf('read', ran(0, 2, { children: ['fit(0:0)'] })),
    ...Array.from({ length: count }, (_, i) =>
      nodeOf(
        `fit(${i}:${i})`,
        ran(2, 12, { phase: i % 40 === 1 ? 'Failed' : 'Succeeded' }),
      ),
    ),
  );
}

/** A step that went well the second time. */
const triedAgain = nodesOf(
  nodeOf(
    'read',
    ran(0, 20, { type: 'Retry', children: ['read(0)', 'read(1)'] }),
  ),
  nodeOf(
    'read(0)',
    ran(0, 5, { phase: 'Failed', nodeFlag: { retried: true } }),
  ),
  nodeOf('read(1)', ran(8, 20, { nodeFlag: { retried: true } })),
);

describe('the timeline of a run', () => {
  const rows = async () =>
    within(
      await screen.findByRole('list', { name: 'When each step ran' }),
    ).getAllByRole('button');

  it('says of each row what it is, how it stands, and from when to when', async () => {
    const nodes = nodesOf(
      nodeOf('read', ran(2, 14)),
      nodeOf('fit(0:small)', ran(14.5, 74)),
    );
    show(nodes, 'timeline');
    expect((await rows()).map(row => row.getAttribute('aria-label'))).toEqual([
      'read, Succeeded, from 2 s to 14 s',
      'fit small, Succeeded, from 14.5 s to 1 min 14 s',
    ]);
    for (const mark of ['0 s', '15 s', '30 s', '45 s', '1 min'])
      expect(screen.getByText(mark)).toBeInTheDocument();
  });

  it('is one stop of the Tab key; arrows go from row to row and Enter chooses', async () => {
    show(nodesOf(nodeOf('read'), nodeOf('fit(0:small)')), 'timeline');
    const [read, fit] = await rows();
    // The step that is shown is where a reader comes in.
    expect(fit).toHaveAttribute('aria-pressed', 'true');
    expect([read.tabIndex, fit.tabIndex]).toEqual([-1, 0]);
    act(() => fit.focus());
    await userEvent.keyboard('{ArrowUp}');
    expect(read).toHaveFocus();
    expect([read.tabIndex, fit.tabIndex]).toEqual([0, -1]);
    await userEvent.keyboard('{ArrowUp}{Enter}');
    expect(address()).toBe('/mlops/runs/train-1?view=timeline&node=read');
    expect(read).toHaveAttribute('aria-pressed', 'true');
    await userEvent.keyboard('{End}');
    expect(fit).toHaveFocus();
  });

  it('folds a long loop with counts, keeps what failed, and opens it', async () => {
    show(loopOf(100), 'timeline&node=read');
    const loop = await screen.findByRole('button', {
      name: 'fit, 97 ok, 3 failed, from 2 s to 12 s',
    });
    expect(loop).toHaveAttribute('aria-expanded', 'false');
    // The step before it, the loop, and the three that failed.
    expect(await rows()).toHaveLength(5);
    await userEvent.click(loop);
    expect(loop).toHaveAttribute('aria-expanded', 'true');
    expect(await rows()).toHaveLength(102);
    await userEvent.click(loop);
    expect(await rows()).toHaveLength(5);
  });

  it('leads from an attempt to its own log, and says what it waited', async () => {
    const portal = show(triedAgain, 'timeline', graphOf({ name: 'read' }));
    const first = await screen.findByRole('button', {
      name: 'read, attempt 1, Failed, from 0 s to 5 s',
    });
    expect(
      screen.getByRole('button', {
        name: 'read, attempt 2, Succeeded, from 8 s to 20 s, after 3 s of waiting',
      }),
    ).toHaveAttribute('aria-pressed', 'true');
    // One row is chosen: that of the attempt, not that of the step.
    expect(
      screen.getByRole('button', { name: 'read, Succeeded, from 0 s to 20 s' }),
    ).toHaveAttribute('aria-pressed', 'false');
    // Seen below its step, an attempt needs no name.
    expect(first).toHaveTextContent(/^Attempt 1/);
    portal.log('train-1', 'read(0)').write('no rows\n');
    await userEvent.click(first);
    expect(await screen.findByText('no rows')).toBeInTheDocument();
    expect(first).toHaveAttribute('aria-pressed', 'true');
  });

  it('says that a step waits, and since when', async () => {
    const waiting = nodesOf(
      nodeOf('read', {
        phase: 'Pending',
        startedAt: at(3),
        finishedAt: undefined,
      }),
    );
    show(waiting, 'timeline');
    const row = await screen.findByRole('button', {
      name: 'read, Waiting, since 3 s',
    });
    expect(row).toHaveTextContent('Waiting');
  });
});

describe('the list of steps', () => {
  it('folds a long loop with counts; what failed stays in sight', async () => {
    show(loopOf(100), 'list&node=read');
    const loop = await screen.findByRole('button', {
      name: /^fit.*100 rounds: 97 ok, 3 failed/,
    });
    expect(loop).toHaveAttribute('aria-expanded', 'false');
    const rounds = () =>
      screen.getAllByRole('button', { name: /^fit(?!.*rounds)/ });
    expect(rounds()).toHaveLength(3);
    await userEvent.click(loop);
    expect(rounds()).toHaveLength(100);
  });

  it('keeps the chosen round of a folded loop in sight', async () => {
    show(loopOf(100), 'list&node=fit(50:50)');
    await screen.findByRole('button', { name: /100 rounds/ });
    const chosen = screen
      .getAllByRole('button', { pressed: true })
      .map(({ title }) => title);
    expect(chosen).toEqual(['Succeeded, 51 of 100: 50']);
  });

  it('shows the attempts of a step below it, each with its own log', async () => {
    const portal = show(triedAgain, 'list', graphOf({ name: 'read' }));
    const first = await screen.findByRole('button', { name: /^Attempt 1/ });
    expect(screen.getByRole('button', { name: /^Attempt 2/ })).toHaveAttribute(
      'aria-pressed',
      'true',
    );
    portal.log('train-1', 'read(0)').write('no rows\n');
    await userEvent.click(first);
    expect(await screen.findByText('no rows')).toBeInTheDocument();
  });

  it('leads from the node of a step that was tried again to its last attempt', async () => {
    const plan = graphOf({ name: 'read' });
    const portal = show(triedAgain, 'list&node=read', plan);
    portal.log('train-1', 'read(1)').write('all rows\n');
    expect(await screen.findByText('all rows')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Attempt 1' })).toHaveAttribute(
      'href',
      expect.stringContaining('node=read%280%29'),
    );
  });

  it('does not take the attempts of a step for those of the step after it', async () => {
    const nodes = {
      ...triedAgain,
      read: {
        ...triedAgain.read,
        children: ['read(0)', 'read(1)', 'judge'],
      },
      judge: nodeOf('judge', ran(20, 30)),
    };
    const plan = graphOf({ name: 'read' }, { name: 'judge' });
    show(nodes, 'list&node=judge', plan);
    const panel = await screen.findByRole('region', { name: 'judge' });
    expect(within(panel).queryByText('Attempt 1')).not.toBeInTheDocument();
  });

  it('comes first where a run has more than 300 nodes, and the graph folds its loop', async () => {
    show(loopOf(300));
    expect(
      await screen.findByRole('button', { name: /300 rounds/ }),
    ).toBeInTheDocument();
    await userEvent.click(screen.getByRole('radio', { name: 'Graph' }));
    expect(
      await screen.findByRole('button', { name: 'fit: 292 ok, 8 failed' }),
    ).toBeInTheDocument();
  });

  it('folds rounds that hold steps in the graph of a run with more than 300 nodes', async () => {
    const plan = graphOf({ name: 'round', type: 'DAG', loop: 'items' });
    plan.nodes.push({
      id: 'main.round.fit',
      name: 'fit',
      template: 'fit',
      type: 'Pod',
      parent: 'main.round',
    });
    const nodes = Array.from({ length: 150 }, (_, i) => [
      nodeOf(`round(${i}:${i})`, { type: 'DAG' }),
      nodeOf('fit', { id: `fit-${i}`, boundaryID: `round(${i}:${i})` }),
    ]);
    show(nodesOf(...nodes.flat()), 'graph', plan);
    expect(
      await screen.findByRole('button', { name: 'round: 150 ok' }),
    ).toBeInTheDocument();
  });
});

describe('the graph of a run', () => {
  it('waits for the plan, which knows the order of the steps', async () => {
    const run = runOf({ nodes: nodesOf(nodeOf('read', ran(0, 2))) });
    const portal = new FakePortal()
      .answer('GET runs/train-1', run)
      .answer('GET runs/train-1/metrics', { items: [] })
      .hang('GET pipelines/leaves/train');
    renderPage(portal, '/mlops/runs/train-1?view=graph');
    expect(
      await screen.findByRole('status', { name: 'Loading Steps' }),
    ).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /^read/ })).toBeNull();
  });
});
