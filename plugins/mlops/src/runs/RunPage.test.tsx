import type { Run } from '@backstage-mlops/mlops-core';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakePortal } from '../testUtils/FakePortal';
import { address, goBack, renderPage } from '../testUtils/renderPage';
import {
  graphOf,
  nodeOf,
  nodesOf,
  pipelineOf,
  runOf,
} from '../testUtils/samples';

const graph = graphOf(
  { name: 'read', line: 10, templateLine: 30 },
  { name: 'fit', line: 12, templateLine: 40 },
  { name: 'judge', when: "'{{tasks.fit.outputs.parameters.good}}' == 'yes'" },
);
const running = runOf({
  nodes: nodesOf(
    nodeOf('read'),
    nodeOf('fit', { phase: 'Running', finishedAt: undefined }),
  ),
});
const failed = runOf({
  phase: 'Failed',
  finishedAt: '2026-01-01T10:00:02.000Z',
  cause: { node: 'fit', message: 'exit code 1: Error: no rows' },
  nodes: nodesOf(
    // What ran beside the failed step may end after it.
    nodeOf('read', { finishedAt: '2026-01-01T10:00:02.000Z' }),
    nodeOf('fit', { phase: 'Failed', message: 'Error (exit code 1)' }),
    nodeOf('judge', { type: 'Skipped', phase: 'Omitted' }),
  ),
});

function portalWith(run: Run) {
  const portal = new FakePortal()
    .answer('GET runs/train-1', run)
    .answer('GET runs/train-1/metrics', { items: [] })
    .answer('GET pipelines/leaves/train', pipelineOf({ graph }));
  const log = portal.log('train-1', 'fit');
  return { portal, log };
}

describe('RunPage', () => {
  it('says in one sentence where and why a run failed, with ways to the log line and to the line of the file', async () => {
    const { portal, log } = portalWith(failed);
    renderPage(portal, '/mlops/runs/train-1');
    const link = await screen.findByRole('link', { name: 'fit' });
    expect(link.parentElement).toHaveTextContent(
      'Failed after 2.0 s in fit: exit code 1: Error: no rows',
    );
    expect(link).toHaveAttribute(
      'href',
      '/mlops/runs/train-1?node=fit&tab=log&line=error',
    );
    expect(
      await screen.findByRole('link', { name: /^line 40 of .*train.yaml at/ }),
    ).toHaveAttribute(
      'href',
      `/mlops/projects/leaves/pipelines/train?ref=${failed.commit}&line=40`,
    );
    log.write('reading\nError: no rows\n');
    log.end();
    const line = await screen.findByText('Error: no rows');
    await waitFor(() =>
      expect(line.closest('[aria-current]')).toHaveAttribute(
        'aria-current',
        'location',
      ),
    );
  });

  it('shows two remarks, and of more the first with the others folded', async () => {
    const remarks = ['line 7: a', 'line 8: b', 'line 9: c'];
    const { portal } = portalWith(runOf({ notes: remarks.slice(0, 2) }));
    const page = renderPage(portal, '/mlops/runs/train-1');
    await screen.findByText(remarks[0]);
    expect(screen.getByText(remarks[1])).toBeVisible();
    page.unmount();
    const many = portalWith(runOf({ notes: remarks }));
    renderPage(many.portal, '/mlops/runs/train-1');
    await screen.findByText(remarks[0]);
    expect(screen.getByText(remarks[2])).not.toBeVisible();
    await userEvent.click(screen.getByText('2 more remarks'));
    expect(screen.getByText(remarks[2])).toBeVisible();
  });

  it('says why a run does not begin', async () => {
    const message = "The cluster 'argo': workflows is forbidden";
    const waiting = runOf({ phase: 'Pending', message, nodes: {} });
    renderPage(portalWith(waiting).portal, '/mlops/runs/train-1');
    expect(await screen.findByText(message)).toBeInTheDocument();
  });

  it('draws steps that have not begun from the committed file', async () => {
    renderPage(portalWith(running).portal, '/mlops/runs/train-1');
    expect(
      await screen.findByRole('button', { name: 'read: Succeeded' }),
    ).toBeInTheDocument();
    const judge = screen.getByRole('button', {
      name: /^judge: when good == yes, Not begun/,
    });
    expect(judge).toHaveTextContent('when good == yes');
    expect(judge).toHaveAttribute(
      'title',
      expect.stringContaining(
        "'{{tasks.fit.outputs.parameters.good}}' == 'yes'",
      ),
    );
  });

  it('shows the step that runs, and another one when it is chosen', async () => {
    renderPage(portalWith(running).portal, '/mlops/runs/train-1?view=list');
    const fit = await screen.findByRole('button', { name: /^fit/ });
    expect(fit).toHaveAttribute('aria-pressed', 'true');
    const read = screen.getByRole('button', { name: /^read/ });
    read.focus();
    await userEvent.keyboard('{Enter}');
    expect(address()).toBe('/mlops/runs/train-1?view=list&node=read');
    expect(read).toHaveAttribute('aria-pressed', 'true');
    expect(screen.getByRole('region', { name: 'read' })).toBeInTheDocument();
    // What is chosen already is no further step of the history.
    await userEvent.keyboard('{Enter}');
    goBack();
    expect(address()).toBe('/mlops/runs/train-1?view=list');
    expect(fit).toHaveAttribute('aria-pressed', 'true');
  });

  it('opens the file that the address names, and names the one that is opened', async () => {
    const [report, other] = ['report', 'other'].map(name => ({
      name,
      path: `/out/${name}`,
      s3: { key: name },
    }));
    const run = runOf({
      nodes: nodesOf(
        nodeOf('fit', { outputs: { artifacts: [report, other] } }),
      ),
    });
    const { portal } = portalWith(run);
    const route = 'GET runs/train-1/nodes/fit/artifacts/report';
    portal
      .answer(route, {
        entries: [
          { path: 'a.json', sizeBytes: 10 },
          { path: 'b.json', sizeBytes: 10 },
        ],
      })
      .answer(`${route}/a.json`, { says: 'this is a' })
      .answer(`${route}/b.json`, { says: 'this is b' });
    const at = '/mlops/runs/train-1?node=fit&tab=files';
    renderPage(portal, `${at}&artifact=report&file=a.json`);
    expect(await screen.findByText(/this is a/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'b.json' }));
    expect(await screen.findByText(/this is b/)).toBeInTheDocument();
    expect(address()).toBe(`${at}&artifact=report&file=b.json`);
  });

  it('says a change of state aloud, and not each second that passes', async () => {
    renderPage(portalWith(running).portal, '/mlops/runs/train-1');
    const sentence = await screen.findByText(/^Running for/);
    expect(screen.getByText('train-1: Running')).toHaveAttribute(
      'role',
      'status',
    );
    expect(sentence.closest('[role=status], [aria-live]')).toBeNull();
  });

  it('stops a run only after a second look', async () => {
    const { portal } = portalWith(running);
    portal.answer('POST runs/train-1/stop', {});
    renderPage(portal, '/mlops/runs/train-1');
    await userEvent.click(await screen.findByRole('button', { name: 'Stop' }));
    const dialog = await screen.findByRole('dialog');
    const posts = () => portal.asked.filter(({ method }) => method === 'POST');
    expect(posts()).toEqual([]);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Stop' }));
    await waitFor(() => expect(posts()).toHaveLength(1));
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
  });

  it('takes a stopped run for no failure: no cause, no line to mend', async () => {
    const stopped = {
      ...failed,
      message: "Stopped with strategy 'Stop'",
      cause: { node: 'fit', message: 'workflow shutdown' },
    };
    renderPage(portalWith(stopped).portal, '/mlops/runs/train-1');
    expect(await screen.findByText('Stopped after 2.0 s.')).toBeInTheDocument();
    expect(screen.getByText('train-1: Stopped')).toBeInTheDocument();
    expect(
      await screen.findByRole('button', { name: 'fit: Failed' }),
    ).toBeInTheDocument();
    expect(screen.queryByText(/Written in/)).not.toBeInTheDocument();
  });

  it('does not tell a run that is missing from one that may not be seen', async () => {
    const portal = new FakePortal().refuse(
      'GET runs/train-1',
      404,
      "There is no run 'train-1'.",
    );
    renderPage(portal, '/mlops/runs/train-1');
    expect(
      await screen.findByText('There is no such run, or you may not see it.'),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('heading', { name: 'Nothing to show', level: 1 }),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'Machine learning' }),
    ).toHaveAttribute('href', '/mlops');
  });

  it('shows figures for single values and a curve for a metric that moves', async () => {
    const { portal } = portalWith(running);
    const point = (step: number, value: number) => ({
      step,
      value,
      timestamp: '2026-01-01T10:00:00Z',
    });
    const of = (runName: string, key: string, ...points: unknown[]) => ({
      trackingRunId: runName,
      runName,
      key,
      points,
    });
    portal.answer('GET runs/train-1/metrics', {
      items: [
        of('train-1', 'accuracy', point(0, 0.5), point(0, 0.75)),
        of('a', 'loss', point(1, 2), point(2, 1)),
        of('b', 'loss', point(1, 4), point(2, 3)),
      ],
    });
    renderPage(portal, '/mlops/runs/train-1');
    const panel = await screen.findByRole('region', { name: 'Metrics' });
    expect(within(panel).getByText('accuracy').tagName).toBe('DT');
    expect(within(panel).getByText('0.750')).toBeInTheDocument();
    expect(
      within(panel).getByRole('img', {
        name: 'loss: a ends at 1, b ends at 3',
      }),
    ).toBeInTheDocument();
    expect(within(panel).getAllByRole('img')).toHaveLength(1);
  });

  it('retries after a look at what runs again', async () => {
    const { portal } = portalWith(failed);
    portal
      .answer('POST runs/train-1/retry-plan', {
        again: [{ id: 'fit', displayName: 'fit' }],
        kept: [{ id: 'read', displayName: 'read' }],
      })
      .answer('POST runs/train-1/retry', running);
    renderPage(portal, '/mlops/runs/train-1');
    await userEvent.click(await screen.findByRole('button', { name: 'Retry' }));
    const dialog = await screen.findByRole('dialog');
    expect(
      await within(dialog).findByText(/Runs again, .*: fit/),
    ).toBeInTheDocument();
    expect(
      within(dialog).getByText('Stays as it is: read'),
    ).toBeInTheDocument();
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Retry' }),
    );
    await waitFor(() =>
      expect(
        portal.asked.some(
          ({ method, where }) =>
            method === 'POST' && where === 'runs/train-1/retry',
        ),
      ).toBe(true),
    );
  });

  it('asks a person for what a waiting step needs', async () => {
    const waiting = runOf({
      nodes: nodesOf(
        nodeOf('read'),
        nodeOf('decide', {
          type: 'Suspend',
          phase: 'Running',
          finishedAt: undefined,
          inputs: {
            parameters: [{ name: 'answer', value: 'yes', enum: ['yes', 'no'] }],
          },
          outputs: {
            parameters: [
              { name: 'answer', value: null, valueFrom: { supplied: {} } },
            ],
          },
        }),
      ),
    });
    const { portal } = portalWith(waiting);
    portal.answer('POST runs/train-1/resume', waiting);
    renderPage(portal, '/mlops/runs/train-1');
    expect(
      await screen.findByRole('heading', { name: 'decide waits for a person' }),
    ).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Go on' }));
    await waitFor(() =>
      expect(
        portal.asked.find(({ where }) => where === 'runs/train-1/resume')?.body,
      ).toEqual({ node: 'decide', parameters: { answer: 'yes' } }),
    );
  });
});
