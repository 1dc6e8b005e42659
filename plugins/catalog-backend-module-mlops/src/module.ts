import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { CatalogModelSources } from '@backstage/catalog-model/alpha';
import { catalogProcessingExtensionPoint } from '@backstage/plugin-catalog-node';
import { catalogModelExtensionPoint } from '@backstage/plugin-catalog-node/alpha';
import { readPortalPages } from '@backstage-mlops/mlops-core';
import { mlopsModelLayer } from './kinds';
import { MlEntityProvider } from './MlEntityProvider';
import { ScaffolderTemplates } from './ScaffolderTemplates';
import { SyncStatusProcessor } from './SyncStatusProcessor';
import { pollEvery } from './pollEvery';

const everyMs = 5_000;

/** Adds our kinds and the provider of their entities to the catalog. @public */
export const catalogModuleMlops = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'mlops',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogProcessingExtensionPoint,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        model: catalogModelExtensionPoint,
      },
      async init({
        auth,
        catalog,
        config,
        discovery,
        lifecycle,
        logger,
        model,
      }) {
        model.addModelSource(CatalogModelSources.static([mlopsModelLayer]));
        const portalUrl = config.getOptionalString('app.baseUrl') ?? '';
        const templates = new ScaffolderTemplates({ auth, discovery });
        const provider = new MlEntityProvider({
          auth,
          discovery,
          logger,
          portalUrl,
          pages: readPortalPages(config),
          templates: () => templates.list(),
        });
        catalog.addEntityProvider(provider);
        catalog.addProcessor(new SyncStatusProcessor());
        const polling = pollEvery(
          everyMs,
          () => provider.refresh(),
          message =>
            logger.warn(
              `The catalog cannot follow the machine-learning projects: ${message}`,
            ),
        );
        lifecycle.addStartupHook(() => polling.start());
        lifecycle.addShutdownHook(() => polling.stop());
      },
    });
  },
});
