import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import { readPortalPages } from '@backstage-mlops/mlops-core';
import { createProposeAction } from './createProposeAction';

/** Actions for templates of machine-learning projects. @public */
export const scaffolderModuleMlops = createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'mlops',
  register(env) {
    env.registerInit({
      deps: {
        actions: scaffolderActionsExtensionPoint,
        auth: coreServices.auth,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
      },
      async init({ actions, auth, config, discovery }) {
        const pages = readPortalPages(config);
        actions.addActions(createProposeAction({ auth, discovery, pages }));
      },
    });
  },
});
