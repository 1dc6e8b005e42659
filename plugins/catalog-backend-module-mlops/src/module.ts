import { coreServices, createBackendModule } from '@backstage/backend-plugin-api';
import { CatalogModelSources } from '@backstage/catalog-model/alpha';
import { catalogProcessingExtensionPoint } from '@backstage/plugin-catalog-node';
import { catalogModelExtensionPoint } from '@backstage/plugin-catalog-node/alpha';
import { mlopsModelLayer } from './kinds';
import { MlEntityProvider } from './MlEntityProvider';

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
        discovery: coreServices.discovery,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        model: catalogModelExtensionPoint,
      },
      async init({ auth, catalog, discovery, lifecycle, logger, model }) {
        model.addModelSource(CatalogModelSources.static([mlopsModelLayer]));
        const provider = new MlEntityProvider({ auth, discovery, logger });
        catalog.addEntityProvider(provider);
        let timer: NodeJS.Timeout | undefined;
        let complained = '';
        const again = async () => {
          await provider.refresh().then(
            () => (complained = ''),
            error => {
              if (complained !== error.message) logger.warn(`The catalog cannot follow the machine-learning projects: ${error.message}`);
              complained = error.message;
            },
          );
          timer = setTimeout(again, everyMs);
        };
        lifecycle.addStartupHook(() => {
          timer = setTimeout(again, 500);
        });
        lifecycle.addShutdownHook(() => clearTimeout(timer));
      },
    });
  },
});
