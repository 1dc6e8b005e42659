import type { Entity } from '@backstage/catalog-model';
import {
  ApiBlueprint,
  createFrontendModule,
} from '@backstage/frontend-plugin-api';
import { renderTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { createTestEntityPage } from '@backstage/plugin-catalog-react/testUtils';
import { screen } from '@testing-library/react';
import { MlopsClient } from './api/MlopsClient';
import { mlopsApiRef } from './api/mlopsApiRef';
import { mlopsPlugin } from './plugin';
import { FakePortal } from './testUtils/FakePortal';
import { detailOf, projectOf } from './testUtils/samples';

const component = (annotations: Record<string, string>): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'sorter', annotations },
  spec: { type: 'service' },
});
const ofLeaves = component({ 'backstage-mlops/project': 'leaves' });

function portalWithLeaves() {
  return new FakePortal()
    .answer('GET projects', { items: [projectOf({ title: 'Leaf kinds' })] })
    .answer('GET projects/leaves', detailOf({ readme: 'All about leaves' }))
    .answer('GET runs', { items: [] })
    .answer('GET changes', { items: [] });
}

/** An app with the plugin, configured by its team; nothing of it is written in code. */
function boot(options: {
  at?: string;
  entity?: Entity;
  extensions?: object[];
}) {
  const { at = '/', entity, extensions = [] } = options;
  const inMemory = createFrontendModule({
    pluginId: 'mlops',
    extensions: [
      ApiBlueprint.make({
        params: define =>
          define({
            api: mlopsApiRef,
            deps: {},
            factory: () => new MlopsClient(portalWithLeaves()),
          }),
      }),
    ],
  });
  renderTestApp({
    features: [mlopsPlugin, inMemory],
    extensions: entity ? [createTestEntityPage({ entity })] : [],
    mountedRoutes: {
      '/catalog/:namespace/:kind/:name': entityRouteRef as never,
    },
    initialRouteEntries: [at],
    config: { app: { extensions } } as never,
  });
}

const patient = { timeout: 30_000 };

describe('an ordinary Component', () => {
  it('has card and tab of the project that its annotation names', async () => {
    boot({ entity: ofLeaves });
    expect(
      await screen.findByRole('link', { name: 'leaves' }, patient),
    ).toHaveAttribute('href', '/mlops/projects/leaves');
    expect(
      await screen.findByText('All about leaves', {}, patient),
    ).toBeInTheDocument();
  }, 60_000);

  it('has neither without the annotation', async () => {
    boot({ entity: component({}) });
    await screen.findAllByRole('link', { name: 'Machine learning' }, patient);
    expect(
      screen.queryByRole('heading', { name: 'Machine learning' }),
    ).not.toBeInTheDocument();
    expect(screen.queryByText('All about leaves')).not.toBeInTheDocument();
  }, 60_000);
});

describe('configuration', () => {
  it('moves the pages, and every link with them', async () => {
    boot({
      at: '/learning',
      extensions: [{ 'page:mlops': { config: { path: '/learning' } } }],
    });
    expect(
      await screen.findByRole('link', { name: 'Leaf kinds' }, patient),
    ).toHaveAttribute('href', '/learning/projects/leaves');
  }, 60_000);

  it('takes a card away', async () => {
    boot({
      entity: ofLeaves,
      extensions: [{ 'entity-card:mlops': false }],
    });
    expect(
      await screen.findByText('All about leaves', {}, patient),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('heading', { name: 'Machine learning' }),
    ).not.toBeInTheDocument();
  }, 60_000);

  it('takes the pages away, and every link to them', async () => {
    boot({ entity: ofLeaves, extensions: [{ 'page:mlops': false }] });
    expect(await screen.findByText('leaves', {}, patient)).toBeInTheDocument();
    expect(
      screen.queryByRole('link', { name: 'leaves' }),
    ).not.toBeInTheDocument();
  }, 60_000);

  it('offers German', async () => {
    window.localStorage.setItem('language', 'de');
    boot({
      at: '/mlops',
      extensions: [
        {
          'api:app/app-language': {
            config: { availableLanguages: ['en', 'de'] },
          },
        },
      ],
    });
    expect(
      await screen.findByText('Projekte und Modelle', {}, patient),
    ).toBeInTheDocument();
    window.localStorage.removeItem('language');
  }, 60_000);

  it('says which entities have the tab', async () => {
    boot({
      entity: ofLeaves,
      extensions: [
        {
          'entity-content:mlops': {
            config: { filter: { 'spec.type': 'machine-learning' } },
          },
        },
      ],
    });
    expect(
      await screen.findByRole('link', { name: 'leaves' }, patient),
    ).toBeInTheDocument();
    expect(screen.queryByText('All about leaves')).not.toBeInTheDocument();
  }, 60_000);
});

describe('every extension', () => {
  it('can be named in app-config', () => {
    const ids = [
      'api:mlops',
      'page:mlops',
      'entity-content:mlops',
      'entity-card:mlops',
      'entity-card:mlops/consumed-models',
      'entity-context-menu-item:mlops/change-pipeline',
      'home-page-widget:mlops/projects',
      'search-filter-result-type:mlops',
    ];
    for (const id of ids)
      expect(mlopsPlugin.getExtension(id as never)).toBeDefined();
  });
});
