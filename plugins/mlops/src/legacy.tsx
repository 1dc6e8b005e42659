/**
 * The same pages for an app of the older frontend system.
 *
 * @packageDocumentation
 */
import {
  createApiFactory,
  createComponentExtension,
  createExternalRouteRef,
  createPlugin,
  createRoutableExtension,
  createRouteRef,
  fetchApiRef,
  useRouteRef,
} from '@backstage/core-plugin-api';
import type { ComponentType } from 'react';
import { MlopsClient } from './api/MlopsClient';
import { mlopsApiRef } from './api/mlopsApiRef';
import { RoutingContext, type Routing } from './routing';

const rootRouteRef = createRouteRef({ id: 'mlops' });
const entityContentRouteRef = createRouteRef({ id: 'mlops-entity' });
const templateRouteRef = createExternalRouteRef({
  id: 'mlops-template',
  optional: true,
  params: ['namespace', 'templateName'],
  defaultTarget: 'scaffolder.selectedTemplate',
});

// An app that mounts the tab alone has no page, which the older system answers with a fault.
function useMountedRoot(): string | undefined {
  try {
    return useRouteRef(rootRouteRef)();
  } catch {
    return undefined;
  }
}

const routing: Routing = {
  useRoot: useMountedRoot,
  useTemplate: () => useRouteRef(templateRouteRef),
};

function routed(Page: ComponentType): () => JSX.Element {
  return () => (
    <RoutingContext.Provider value={routing}>
      <Page />
    </RoutingContext.Provider>
  );
}

/**
 * The plugin for `createApp` of `@backstage/app-defaults`.
 *
 * @public
 */
export const mlopsPlugin = createPlugin({
  id: 'mlops',
  apis: [
    createApiFactory({
      api: mlopsApiRef,
      deps: { fetchApi: fetchApiRef },
      factory: ({ fetchApi }) => new MlopsClient(fetchApi),
    }),
  ],
  routes: { root: rootRouteRef, entityContent: entityContentRouteRef },
  externalRoutes: { template: templateRouteRef },
});

/**
 * All pages: `<Route path="/mlops" element={<MlopsPage />} />`.
 *
 * @public
 */
export const MlopsPage = mlopsPlugin.provide(
  createRoutableExtension({
    name: 'MlopsPage',
    mountPoint: rootRouteRef,
    component: () => import('./App').then(({ App }) => routed(App)),
  }),
);

/**
 * The tab of an entity: content of an `EntityLayout.Route`.
 *
 * @public
 */
export const EntityMlopsContent = mlopsPlugin.provide(
  createRoutableExtension({
    name: 'EntityMlopsContent',
    mountPoint: entityContentRouteRef,
    component: () =>
      import('./catalog/EntityContent').then(({ EntityContent }) =>
        routed(EntityContent),
      ),
  }),
);

/**
 * The way from an entity to its page here, as a card.
 *
 * @public
 */
export const EntityMlopsCard = mlopsPlugin.provide(
  createComponentExtension({
    name: 'EntityMlopsCard',
    component: {
      lazy: () =>
        import('./catalog/EntityCard').then(({ EntityCard }) =>
          routed(EntityCard),
        ),
    },
  }),
);

/**
 * State of the models that an entity depends on, as a card.
 *
 * @public
 */
export const EntityConsumedModelsCard = mlopsPlugin.provide(
  createComponentExtension({
    name: 'EntityConsumedModelsCard',
    component: {
      lazy: () =>
        import('./catalog/ConsumedModels').then(({ ConsumedModels }) =>
          routed(ConsumedModels),
        ),
    },
  }),
);

export {
  consumesModel as isConsumingModels,
  ofProject as isOfMlProject,
} from './catalog/annotations';
export { mlopsTranslationRef } from './translation';
