import type { Entity } from '@backstage/catalog-model';
import { catalogApiRef, EntityProvider } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { coreExtensionData } from '@backstage/frontend-plugin-api';
import { createExtensionTester } from '@backstage/frontend-test-utils';
import { screen } from '@testing-library/react';
import { FakePortal } from '../testUtils/FakePortal';
import { renderPage } from '../testUtils/renderPage';
import { detailOf, graphOf, pipelineOf, versionOf } from '../testUtils/samples';
import { mlopsPlugin } from '../plugin';
import { toEntityTarget } from './annotations';
import { useChangeItem } from './useChangeItem';
import { ConsumedModels } from './ConsumedModels';
import { EntityCard } from './EntityCard';
import { EntityContent } from './EntityContent';

function entityOf(kind: string, name?: string): Entity {
  return {
    apiVersion: 'backstage-mlops/v1alpha1',
    kind,
    metadata: {
      name: `leaves-${name ?? 'all'}`,
      title: 'Shown title',
      annotations: {
        'backstage-mlops/project': 'leaves',
        ...(name ? { 'backstage-mlops/name': name } : {}),
        'backstage-mlops/file': 'ml-projects/leaves/mlproject.yaml',
      },
    },
  };
}

function show(
  portal: FakePortal,
  entity: Entity,
  element: JSX.Element,
  apis: [unknown, unknown][] = [],
) {
  renderPage(
    portal,
    '/mlops',
    <EntityProvider entity={entity}>{element}</EntityProvider>,
    apis,
  );
}

describe('EntityCard', () => {
  it.each([
    ['MLModel', 'kind', '/mlops/projects/leaves/models/kind'],
    ['MLPipeline', 'train', '/mlops/projects/leaves/pipelines/train'],
    ['Resource', 'photos', '/mlops/projects/leaves/data/photos'],
  ])('leads from a %s to its page', async (kind, name, href) => {
    show(new FakePortal(), entityOf(kind, name), <EntityCard />);
    expect(
      await screen.findByRole('link', { name: 'Shown title' }),
    ).toHaveAttribute('href', href);
  });

  it('leads from a project to its page once', async () => {
    show(new FakePortal(), entityOf('MLProject'), <EntityCard />);
    expect(await screen.findByRole('link')).toHaveAttribute(
      'href',
      '/mlops/projects/leaves',
    );
  });

  it('is not there for an entity that is not ours', () => {
    expect(
      toEntityTarget({
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'Component',
        metadata: { name: 'x' },
      }),
    ).toBeUndefined();
  });
});

describe('EntityContent', () => {
  it('shows the versions of a model', async () => {
    const portal = new FakePortal().answer('GET models/leaves/kind', {
      project: 'leaves',
      name: 'kind',
      aliases: [],
      gates: [],
      allowed: { promote: false },
      versions: [versionOf({ version: '4' })],
    });
    show(portal, entityOf('MLModel', 'kind'), <EntityContent />);
    expect(
      await screen.findByRole('link', { name: 'version 4' }),
    ).toHaveAttribute('href', '/mlops/projects/leaves/models/kind/4');
  });

  it('shows the steps of a pipeline before any run: what they are, not how they stand', async () => {
    const portal = new FakePortal().answer('GET runs', { items: [] }).answer(
      'GET pipelines/leaves/train',
      pipelineOf({
        graph: graphOf(
          { name: 'fit', template: 'learn', line: 7 },
          { name: 'grid', loop: 'items' },
        ),
      }),
    );
    show(portal, entityOf('MLPipeline', 'train'), <EntityContent />);
    expect(
      await screen.findByRole('button', {
        name: 'fit: template learn, Line 7',
      }),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('button', { name: /^grid: .*once for each item/ }),
    ).toBeInTheDocument();
    expect(screen.queryByText('Not begun')).not.toBeInTheDocument();
    expect(
      await screen.findByText('No run yet. Open a pipeline and press Run.'),
    ).toBeInTheDocument();
  });

  it('shows a project, with its README as text that runs no script', async () => {
    const portal = new FakePortal()
      .answer('GET runs', { items: [] })
      .answer(
        'GET projects/leaves',
        detailOf({ readme: 'Hello <script>alert(1)</script> *leaf*' }),
      );
    show(portal, entityOf('MLProject'), <EntityContent />);
    expect(await screen.findByText('leaf')).toBeInTheDocument();
    expect(document.querySelector('script')).toBeNull();
  });
});

describe('the menu of an entity', () => {
  function Item() {
    const { title, href } = useChangeItem();
    return <a href={href}>{title}</a>;
  }

  it.each([
    [
      entityOf('MLPipeline', 'train'),
      '/mlops/changes/new?project=leaves&pipeline=train',
    ],
    [entityOf('MLProject'), '/mlops/projects/leaves/pipelines'],
  ])('leads to the editor', async (entity, href) => {
    show(new FakePortal(), entity, <Item />);
    expect(
      await screen.findByRole('link', { name: 'Change pipeline' }),
    ).toHaveAttribute('href', href);
  });
});

describe('a Component that depends on models', () => {
  const component: Entity = {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name: 'sorter' },
    relations: [
      { type: 'dependsOn', targetRef: 'mlmodel:default/leaves-kind' },
      { type: 'dependsOn', targetRef: 'mlmodel:default/hidden' },
      { type: 'ownedBy', targetRef: 'group:default/botany' },
    ],
  };
  const catalog = catalogApiMock({
    entities: [
      {
        ...entityOf('MLModel', 'kind'),
        metadata: {
          ...entityOf('MLModel', 'kind').metadata,
          namespace: 'default',
        },
      },
    ],
  });

  it('shows which version each of them serves', async () => {
    const portal = new FakePortal().answer('GET models/leaves/kind', {
      project: 'leaves',
      name: 'kind',
      title: 'Kind of leaf',
      primaryMetric: { name: 'accuracy', direction: 'higher' },
      aliases: [{ alias: 'champion', version: '3', declared: true }],
      gates: [],
      versions: [
        versionOf({ version: '4', metrics: { accuracy: 0.9 } }),
        versionOf({ version: '3', metrics: { accuracy: 0.8125 } }),
      ],
    });
    show(portal, component, <ConsumedModels />, [[catalogApiRef, catalog]]);
    expect(
      await screen.findByRole('link', { name: 'version 3' }),
    ).toHaveAttribute('href', '/mlops/projects/leaves/models/kind/3');
    expect(screen.getByText('champion')).toBeInTheDocument();
    expect(screen.getByText(/0\.81/)).toBeInTheDocument();
    expect(
      screen.getByText(/mlmodel:default\/hidden is not in the catalog/),
    ).toBeInTheDocument();
  });
});

describe('the plugin', () => {
  it.each(['entity-card:mlops', 'entity-content:mlops', 'page:mlops'])(
    'loads %s',
    async id => {
      const extension = mlopsPlugin.getExtension(id as never);
      const loaded = createExtensionTester(extension as never);
      expect(loaded.get(coreExtensionData.reactElement)).toBeDefined();
    },
  );
});
