import { screen } from '@testing-library/react';
import { FakePortal } from '../testUtils/FakePortal';
import { renderPage } from '../testUtils/renderPage';
import { runOf } from '../testUtils/samples';
import { RunTable } from './RunTable';

it('says of a run that waits where it stands, and why', async () => {
  const message = "Waits as number 3: project 'one' has 10 of 10 active runs.";
  const waiting = { phase: 'Pending', startedAt: undefined } as const;
  const runs = [
    runOf({ id: 'b', ...waiting, queue: { position: 3, message } }),
    runOf({ id: 'a', ...waiting }),
  ];
  renderPage(new FakePortal(), '/mlops', <RunTable runs={runs} />);
  expect((await screen.findByText('waits as number 3')).title).toBe(message);
  expect(screen.getByText('waits')).toBeTruthy();
});
