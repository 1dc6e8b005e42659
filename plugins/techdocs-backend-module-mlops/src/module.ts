import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import {
  techdocsGeneratorExtensionPoint,
  TechdocsGenerator,
  techdocsPreparerExtensionPoint,
  UrlPreparer,
  type GeneratorBase,
} from '@backstage/plugin-techdocs-node';
import { ProjectDocsGenerator } from './ProjectDocsGenerator';
import { ProjectDocsPreparer } from './ProjectDocsPreparer';

/**
 * Shows the docs of machine-learning projects in TechDocs: read from git by the portal, rendered here. Docs of everything else are
 * prepared and generated as before.
 *
 * @public
 */
export const techdocsModuleMlops = createBackendModule({
  pluginId: 'techdocs',
  moduleId: 'mlops',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        logger: coreServices.logger,
        reader: coreServices.urlReader,
        generators: techdocsGeneratorExtensionPoint,
        preparers: techdocsPreparerExtensionPoint,
      },
      async init({
        auth,
        config,
        discovery,
        logger,
        reader,
        generators,
        preparers,
      }) {
        preparers.registerPreparer(
          'url',
          new ProjectDocsPreparer({
            auth,
            discovery,
            others: UrlPreparer.fromConfig({ reader, logger }),
          }),
        );
        const generator: GeneratorBase = new ProjectDocsGenerator(
          TechdocsGenerator.fromConfig(config, { logger }),
        );
        // The extension point names a class where a generator is all that is used.
        generators.setTechdocsGenerator(generator as TechdocsGenerator);
      },
    });
  },
});
