import {
  ApiBlueprint,
  createFrontendPlugin,
  fetchApiRef,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
import {
  EntityCardBlueprint,
  EntityContentBlueprint,
  EntityContextMenuItemBlueprint,
} from '@backstage/plugin-catalog-react/alpha';
import { HomePageWidgetBlueprint } from '@backstage/plugin-home-react/alpha';
import { SearchFilterResultTypeBlueprint } from '@backstage/plugin-search-react/alpha';
import { RiBrainLine, RiGitPullRequestLine } from '@remixicon/react';
import { MlopsClient } from './api/MlopsClient';
import { mlopsApiRef } from './api/mlopsApiRef';
import { projectAnnotation } from './catalog/annotations';
import { useChangeItem } from './catalog/useChangeItem';
import { rootRouteRef, templateRouteRef } from './routing';

const title = 'Machine learning';

/** Entities of ours, and ordinary Components that say which project is theirs. */
const ofProject = {
  [`metadata.annotations.${projectAnnotation}`]: { $exists: true },
};

const api = ApiBlueprint.make({
  params: define =>
    define({
      api: mlopsApiRef,
      deps: { fetchApi: fetchApiRef },
      factory: ({ fetchApi }) => new MlopsClient(fetchApi),
    }),
});

const page = PageBlueprint.make({
  params: {
    path: '/mlops',
    title,
    icon: <RiBrainLine />,
    routeRef: rootRouteRef,
    // Each page has a heading of its own, which says more than the plugin's.
    noHeader: true,
    loader: () => import('./App').then(({ App }) => <App />),
  },
});

const entityContent = EntityContentBlueprint.make({
  params: {
    path: 'machine-learning',
    title,
    icon: <RiBrainLine />,
    filter: {
      $all: [
        ofProject,
        { kind: { $in: ['mlproject', 'mlmodel', 'mlpipeline', 'component'] } },
      ],
    },
    loader: () =>
      import('./catalog/EntityContent').then(({ EntityContent }) => (
        <EntityContent />
      )),
  },
});

const entityCard = EntityCardBlueprint.make({
  params: {
    type: 'info',
    filter: ofProject,
    loader: () =>
      import('./catalog/EntityCard').then(({ EntityCard }) => <EntityCard />),
  },
});

const consumedModelsCard = EntityCardBlueprint.make({
  name: 'consumed-models',
  params: {
    type: 'content',
    filter: {
      relations: {
        $contains: { type: 'dependsOn', targetRef: { $hasPrefix: 'mlmodel:' } },
      },
    },
    loader: () =>
      import('./catalog/ConsumedModels').then(({ ConsumedModels }) => (
        <ConsumedModels />
      )),
  },
});

const homeWidget = HomePageWidgetBlueprint.make({
  name: 'projects',
  params: {
    name: 'MlopsProjects',
    title,
    description: 'Projects that need a person, and open requests.',
    layout: {
      width: { defaultColumns: 6, minColumns: 4 },
      height: { defaultRows: 5, minRows: 3 },
    },
    components: () =>
      import('./projects/HomeWidget').then(({ HomeWidget }) => ({
        Content: HomeWidget,
      })),
  },
});

const searchType = SearchFilterResultTypeBlueprint.make({
  params: { value: 'mlops', name: title, icon: <RiBrainLine size={20} /> },
});

const entityMenuItem = EntityContextMenuItemBlueprint.make({
  name: 'change-pipeline',
  params: {
    icon: <RiGitPullRequestLine size={20} />,
    filter: { kind: { $in: ['mlproject', 'mlpipeline'] } },
    useProps: useChangeItem,
  },
});

/**
 * Pages for machine-learning projects, and what they add to pages of the catalog.
 *
 * @public
 */
export const mlopsPlugin = createFrontendPlugin({
  pluginId: 'mlops',
  title,
  icon: <RiBrainLine />,
  info: { packageJson: () => import('../package.json') },
  routes: { root: rootRouteRef },
  externalRoutes: { template: templateRouteRef },
  extensions: [
    api,
    page,
    entityContent,
    entityCard,
    consumedModelsCard,
    entityMenuItem,
    homeWidget,
    searchType,
  ],
});
