import { render, screen } from '@testing-library/react';
import { MemoryRouter } from 'react-router-dom';
import { RoutingContext } from '../routing';
import { To, ToButton } from './To';

const show = (root: string | undefined) =>
  render(
    <MemoryRouter>
      <RoutingContext.Provider
        value={{ useRoot: () => root, useTemplate: () => undefined }}
      >
        <To href="/mlops/projects/leaves">leaves</To>
        <ToButton href="/mlops/projects/leaves/run">Run</ToButton>
      </RoutingContext.Provider>
    </MemoryRouter>,
  );

it('leads to the pages where the app has them', () => {
  show('/mlops');
  expect(screen.getByRole('link', { name: 'leaves' })).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'Run' })).toBeInTheDocument();
});

it('leads nowhere where it has none: a name stays, a button goes', () => {
  show(undefined);
  expect(screen.getByText('leaves')).toBeInTheDocument();
  expect(screen.queryByRole('link')).not.toBeInTheDocument();
  expect(screen.queryByText('Run')).not.toBeInTheDocument();
});
