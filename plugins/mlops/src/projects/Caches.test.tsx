import type { CachePage } from '@backstage-mlops/mlops-core';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakePortal } from '../testUtils/FakePortal';
import { renderPage } from '../testUtils/renderPage';
import { detailOf, runOf } from '../testUtils/samples';

const entry = (key: string, usedBy: string[]): CachePage['items'][number] => ({
  cacheName: 'leaves-data',
  key,
  filledBy: { run: 'train-1', node: 'train-1-7' },
  createdAt: '2026-01-01T10:00:00.000Z',
  usedBy: usedBy.map(run => ({ run })),
});
const storage = {
  runs: 1,
  stepBytes: 0,
  artifactBytes: 0,
  trackingBytes: 0,
  modelBytes: 0,
  cacheEntries: 2,
  growth: [],
};
const portalWith = (items: CachePage['items'], control = true) => {
  const project = detailOf();
  return new FakePortal()
    .answer('GET projects/leaves', {
      ...project,
      allowed: { ...project.allowed, control },
      lastRun: runOf(),
    })
    .answer('GET projects/leaves/storage', storage)
    .answer('GET projects/leaves/caches', { items })
    .answer('POST projects/leaves/caches/forget', { done: true });
};
const table = () =>
  screen.findByRole('table', { name: 'Results that are taken over' });

it('shows of each result who made it and who took it over, and forgets one', async () => {
  const portal = portalWith([
    entry('collect-1', ['train-2', 'train-3', 'train-4', 'train-5']),
    entry('verify-1', []),
  ]);
  renderPage(portal, '/mlops/projects/leaves/storage');
  const [, first, second] = within(await table()).getAllByRole('row');
  expect(
    within(first)
      .getAllByRole('link')
      .map(link => link.getAttribute('href')),
  ).toEqual([
    '/mlops/runs/train-1?node=train-1-7',
    '/mlops/runs/train-2',
    '/mlops/runs/train-3',
    '/mlops/runs/train-4',
  ]);
  expect(first).toHaveTextContent('and 1 more');
  expect(second).toHaveTextContent('no run yet');
  await userEvent.click(
    screen.getByRole('button', { name: 'Forget verify-1' }),
  );
  await waitFor(() =>
    expect(
      portal.asked.filter(({ method }) => method === 'POST'),
    ).toMatchObject([
      {
        where: 'projects/leaves/caches/forget',
        body: { cacheName: 'leaves-data', key: 'verify-1' },
      },
    ]),
  );
});

it('lets nobody forget who may not', async () => {
  renderPage(
    portalWith([entry('collect-1', [])], false),
    '/mlops/projects/leaves/storage',
  );
  await table();
  expect(screen.queryByRole('button', { name: /Forget/ })).toBeNull();
});

it('says when nothing is kept yet', async () => {
  renderPage(portalWith([]), '/mlops/projects/leaves/storage');
  expect(await screen.findByText(/Nothing yet/)).toBeInTheDocument();
});
