import { screen } from '@testing-library/react';
import { FakePortal } from '../testUtils/FakePortal';
import { renderPage } from '../testUtils/renderPage';
import { runOf } from '../testUtils/samples';
import { RunBars } from './RunBars';

it('says of each run how it stands; one that a person stopped is stopped', async () => {
  const finishedAt = '2026-01-01T10:00:05.000Z';
  const message = "Stopped with strategy 'Stop'";
  const runs = [
    runOf({ id: 'c', phase: 'Failed', finishedAt, message }),
    runOf({ id: 'b', phase: 'Failed', finishedAt, message: 'exit code 1' }),
    runOf({ id: 'a', phase: 'Succeeded', finishedAt }),
  ];
  renderPage(new FakePortal(), '/mlops', <RunBars runs={runs} />);
  const bars = await screen.findAllByRole('link');
  expect(bars.map(bar => bar.getAttribute('aria-label'))).toEqual([
    'a: Succeeded, 5.0 s',
    'b: Failed, 5.0 s',
    'c: Stopped, 5.0 s',
  ]);
});
