import {
  ApiBlueprint,
  createFrontendPlugin,
  fetchApiRef,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
import { EntityCardBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { RiNodeTree } from '@remixicon/react';
import { MlopsClient } from './api/MlopsClient';
import { mlopsApiRef } from './api/mlopsApiRef';
import { rootRouteRef } from './routing';

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
    title: 'Machine learning',
    icon: <RiNodeTree />,
    routeRef: rootRouteRef,
    noHeader: true,
    loader: () => import('./App').then(({ App }) => <App />),
  },
});

const entityCard = EntityCardBlueprint.make({
  name: 'project',
  params: {
    type: 'content',
    filter: {
      'metadata.annotations.backstage-mlops/project': { $exists: true },
    },
    loader: () =>
      import('./EntityCard').then(({ EntityCard }) => <EntityCard />),
  },
});

/** Pages for machine-learning projects. @public */
export const mlopsPlugin = createFrontendPlugin({
  pluginId: 'mlops',
  title: 'Machine learning',
  icon: <RiNodeTree />,
  routes: { root: rootRouteRef },
  extensions: [api, page, entityCard],
});
