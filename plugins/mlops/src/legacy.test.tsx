import { createApp } from '@backstage/app-defaults';
import { AppRouter, FlatRoutes } from '@backstage/core-app-api';
import { createApiFactory } from '@backstage/core-plugin-api';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import { render, screen } from '@testing-library/react';
import type { ReactNode } from 'react';
import { Route } from 'react-router-dom';
import { MlopsClient } from './api/MlopsClient';
import { mlopsApiRef } from './api/mlopsApiRef';
import { EntityMlopsCard, mlopsPlugin, MlopsPage } from './legacy';
import { FakePortal } from './testUtils/FakePortal';
import { runOf } from './testUtils/samples';

/** An app of the older frontend system, as its team wrote it, with the portal in memory. */
function boot(
  portal: FakePortal,
  at: string,
  pages: ReactNode,
  language = 'en',
) {
  window.localStorage.setItem('language', language);
  window.history.replaceState({}, '', at);
  const app = createApp({
    plugins: [mlopsPlugin],
    __experimentalTranslations: { availableLanguages: ['en', 'de'] },
    apis: [
      createApiFactory({
        api: mlopsApiRef,
        deps: {},
        factory: () => new MlopsClient(portal),
      }),
    ],
    configLoader: async () => [
      {
        context: 'test',
        data: {
          app: { title: 'Old', baseUrl: 'http://localhost' },
          backend: { baseUrl: 'http://localhost:7007' },
        },
      },
    ],
  });
  const Root = app.createRoot(
    <AppRouter>
      <FlatRoutes>{pages}</FlatRoutes>
    </AppRouter>,
  );
  render(<Root />);
}

const page = <Route path="/learning" element={<MlopsPage />} />;

const project = {
  apiVersion: 'backstage-mlops/v1alpha1',
  kind: 'MLProject',
  metadata: {
    name: 'leaves',
    annotations: { 'backstage-mlops/project': 'leaves' },
  },
};

describe('an app of the older frontend system', () => {
  it('opens a run, with links below its own mount point', async () => {
    const portal = new FakePortal().answer('GET runs/train-1', runOf());
    boot(portal, '/learning/runs/train-1', page);
    expect(
      await screen.findByRole('link', { name: 'leaves' }, { timeout: 30_000 }),
    ).toHaveAttribute('href', '/learning/projects/leaves');
    expect(await screen.findAllByText(/train-1/)).not.toHaveLength(0);
  }, 60_000);

  it('speaks the language that a person chose', async () => {
    const portal = new FakePortal().answer('GET runs/train-1', runOf());
    boot(portal, '/learning/runs/train-1', page, 'de');
    expect(
      await screen.findByText('Woher er kommt', {}, { timeout: 30_000 }),
    ).toBeInTheDocument();
  }, 60_000);

  it('leads from an entity to the page', async () => {
    boot(
      new FakePortal(),
      '/thing',
      <>
        {page}
        <Route
          path="/thing"
          element={
            <EntityProvider entity={project}>
              <EntityMlopsCard />
            </EntityProvider>
          }
        />
      </>,
    );
    expect(
      await screen.findByRole('link', { name: 'leaves' }, { timeout: 30_000 }),
    ).toHaveAttribute('href', '/learning/projects/leaves');
  }, 60_000);
});
