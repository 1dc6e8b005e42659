import {
  coreServices,
  createBackendModule,
  type SchedulerServiceTaskScheduleDefinition,
} from '@backstage/backend-plugin-api';
import {
  techdocsGeneratorExtensionPoint,
  TechdocsGenerator,
  techdocsPreparerExtensionPoint,
  UrlPreparer,
  type GeneratorBase,
} from '@backstage/plugin-techdocs-node';
import { ProjectDocsBuilds } from './ProjectDocsBuilds';
import { ProjectDocsGenerator } from './ProjectDocsGenerator';
import { ProjectDocsPreparer } from './ProjectDocsPreparer';

// Each portal has its own pages where they are published to a folder. The catalog knows projects a few seconds after the start.
const buildSchedule: SchedulerServiceTaskScheduleDefinition = {
  scope: 'local',
  initialDelay: { seconds: 20 },
  frequency: { minutes: 5 },
  timeout: { minutes: 5 },
};

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
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        scheduler: coreServices.scheduler,
        reader: coreServices.urlReader,
        generators: techdocsGeneratorExtensionPoint,
        preparers: techdocsPreparerExtensionPoint,
      },
      async init({
        auth,
        config,
        discovery,
        lifecycle,
        logger,
        scheduler,
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
        // With another builder pages come from elsewhere.
        const builder = config.getOptionalString('techdocs.builder') ?? 'local';
        if (builder !== 'local') return;
        const builds = new ProjectDocsBuilds({ auth, discovery, logger });
        // The scheduler asks for nothing before the plugins answer.
        lifecycle.addStartupHook(() =>
          scheduler.scheduleTask({
            id: 'mlops-project-docs',
            ...buildSchedule,
            fn: signal => builds.build(signal),
          }),
        );
      },
    });
  },
});
