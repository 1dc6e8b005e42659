/* eslint-disable @backstage/no-undeclared-imports -- a helper of tests, which no page imports */
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { act, screen } from '@testing-library/react';
import type { ReactElement } from 'react';
import { useLocation, useNavigate } from 'react-router-dom';
import { App } from '../App';
import { MlopsClient } from '../api/MlopsClient';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { rootRouteRef } from '../routing';
import type { FakePortal } from './FakePortal';

let navigate: ReturnType<typeof useNavigate>;

function Address() {
  const { pathname, search } = useLocation();
  navigate = useNavigate();
  return <output data-testid="address">{`${pathname}${search}`}</output>;
}

/** Shows what stands at an address, with the real client on a portal that answers from memory. */
export function renderPage(
  portal: FakePortal,
  at: string,
  element: ReactElement = <App />,
  apis: [unknown, unknown][] = [],
) {
  return renderInTestApp(
    <>
      {element}
      <Address />
    </>,
    {
      mountPath: '/mlops',
      mountedRoutes: {
        '/mlops': rootRouteRef,
        '/catalog/:namespace/:kind/:name': entityRouteRef as never,
      },
      initialRouteEntries: [at],
      apis: [[mlopsApiRef, new MlopsClient(portal)], ...(apis as [])],
    },
  );
}

/** Where the reader is now. */
export function address(): string {
  return screen.getByTestId('address').textContent!;
}

/** Presses Back in the browser. */
export function goBack(): void {
  act(() => navigate(-1));
}
