import type { Run } from '@backstage-mlops/mlops-core';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakePortal } from '../testUtils/FakePortal';
import { address, renderPage } from '../testUtils/renderPage';
import {
  detailOf,
  nodeOf,
  nodesOf,
  pipelineOf,
  runOf,
} from '../testUtils/samples';

const failed = runOf({
  phase: 'Failed',
  finishedAt: '2026-01-01T10:00:02.000Z',
  parameters: [{ name: 'seed', value: '11' }],
  nodes: nodesOf(nodeOf('fit', { phase: 'Failed' })),
});
const running = runOf({
  nodes: nodesOf(nodeOf('fit', { phase: 'Running', finishedAt: undefined })),
});

function portalWith(run: Run) {
  const portal = new FakePortal()
    .answer(`GET runs/${run.id}`, run)
    .answer(`GET runs/${run.id}/metrics`, { items: [] })
    .answer('GET pipelines/leaves/train', pipelineOf())
    .answer('GET projects/leaves', detailOf())
    .answer('POST runs/train-1/retry-plan', {
      again: [{ id: 'fit', displayName: 'fit' }],
      kept: [{ id: 'read', displayName: 'read' }],
    })
    .answer('POST runs/train-1/retry', run)
    .answer('POST runs/train-1/terminate', run)
    .answer('POST runs/train-1/resubmit', () => runOf({ id: 'train-2' }))
    .answer('GET runs/train-2', runOf({ id: 'train-2' }))
    .answer('GET runs/train-2/metrics', { items: [] });
  portal.log('train-1', 'fit').end();
  return portal;
}
const button = (name: string) => screen.findByRole('button', { name });
const sent = (portal: FakePortal, route: string) =>
  portal.asked.filter(item => item.method === 'POST' && item.where === route);

describe('RunActions', () => {
  it('offers nothing that needs a file of a run that is in none, and asks for none', async () => {
    const portal = portalWith({ ...failed, file: '' });
    renderPage(portal, '/mlops/runs/train-1');
    await button('Retry');
    for (const name of ['Run again', 'Change and run', 'Change this step'])
      expect(screen.queryByText(name)).not.toBeInTheDocument();
    expect(portal.asked.map(({ where }) => where)).not.toContainEqual(
      expect.stringMatching(/^pipelines/),
    );
  });

  it('shows what a retry means, and retries with another value of a parameter', async () => {
    const portal = portalWith(failed);
    renderPage(portal, '/mlops/runs/train-1');
    await userEvent.click(await button('Retry'));
    const dialog = within(await screen.findByRole('dialog'));
    expect(
      await dialog.findByText('Runs again, with all that comes after: fit'),
    ).toBeInTheDocument();
    expect(dialog.getByText('Stays as it is: read')).toBeInTheDocument();
    await userEvent.click(dialog.getByText('Parameters of what runs again'));
    const seed = dialog.getByRole('textbox', { name: 'seed' });
    expect(seed).toHaveValue('11');
    await userEvent.clear(seed);
    await userEvent.type(seed, '12');
    await userEvent.click(dialog.getByRole('button', { name: 'Retry' }));
    await waitFor(() =>
      expect(
        sent(portal, 'runs/train-1/retry').map(({ body }) => body),
      ).toEqual([{ parameters: { seed: '12' } }]),
    );
  });

  it('ends a run at once when that is chosen', async () => {
    const portal = portalWith(running);
    renderPage(portal, '/mlops/runs/train-1');
    await userEvent.click(await button('Stop'));
    const dialog = within(await screen.findByRole('dialog'));
    await userEvent.click(dialog.getByRole('button', { name: 'End at once' }));
    await waitFor(() =>
      expect(sent(portal, 'runs/train-1/terminate')).toHaveLength(1),
    );
    expect(sent(portal, 'runs/train-1/stop')).toEqual([]);
  });

  it('fills the form with the parameters of the run, and resubmits it with its commit', async () => {
    const portal = portalWith(failed).answer(
      'GET pipelines/leaves/train',
      pipelineOf({
        parameters: [{ name: 'seed', value: '7', required: false }],
      }),
    );
    renderPage(portal, '/mlops/runs/train-1');
    await userEvent.click(
      await screen.findByRole('link', { name: 'Change and run' }),
    );
    const seed = await screen.findByRole('textbox', { name: 'seed' });
    expect(seed).toHaveValue('11');
    expect(screen.getByText(/inputs of run train-1/)).toBeInTheDocument();
    await userEvent.type(seed, '0');
    await userEvent.click(await button('Run'));
    await waitFor(() => expect(address()).toBe('/mlops/runs/train-2'));
    expect(
      sent(portal, 'runs/train-1/resubmit').map(({ body }) => body),
    ).toEqual([{ parameters: { seed: '110' } }]);
  });

  it.each([
    ['a run that goes on', running],
    ['a run that failed', failed],
  ])('gives a reader no button that changes %s', async (_, run) => {
    const allowed = { create: false, control: false };
    renderPage(portalWith({ ...run, allowed }), '/mlops/runs/train-1');
    await screen.findByRole('heading', { name: /train-1/ });
    await screen.findByRole('heading', { name: 'Where it comes from' });
    for (const name of [
      'Stop',
      'Suspend',
      'Retry',
      'Run again',
      'Run only this step',
      'Retry from here',
    ])
      expect(screen.queryByRole('button', { name })).not.toBeInTheDocument();
    expect(
      screen.queryByRole('link', { name: 'Change and run' }),
    ).not.toBeInTheDocument();
  });
});
