import {
  coreServices,
  createBackendModule,
  readSchedulerServiceTaskScheduleDefinitionFromConfig,
} from '@backstage/backend-plugin-api';
import { searchIndexRegistryExtensionPoint } from '@backstage/plugin-search-backend-node/alpha';
import { readPortalPages } from '@backstage-mlops/mlops-core';
import { MlopsCollatorFactory } from './MlopsCollatorFactory';
import { soonerWhileEmpty } from './soonerWhileEmpty';

const usualSchedule = {
  frequency: { minutes: 10 },
  timeout: { minutes: 5 },
  initialDelay: { seconds: 3 },
};

/** Adds projects, models, versions and runs to the search. @public */
export const searchModuleMlops = createBackendModule({
  pluginId: 'search',
  moduleId: 'mlops',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        index: searchIndexRegistryExtensionPoint,
        scheduler: coreServices.scheduler,
      },
      async init({ auth, config, discovery, index, scheduler }) {
        const own = config.getOptionalConfig('search.collators.mlops');
        const schedule = own?.has('schedule')
          ? readSchedulerServiceTaskScheduleDefinitionFromConfig(
              own.getConfig('schedule'),
            )
          : usualSchedule;
        const factory = new MlopsCollatorFactory({
          auth,
          discovery,
          pages: readPortalPages(config),
          runs: own?.getOptionalNumber('runs') ?? 1_000,
        });
        index.addCollator({
          schedule: soonerWhileEmpty(
            scheduler.createScheduledTaskRunner(schedule),
            factory,
            10_000,
          ),
          factory,
        });
      },
    });
  },
});
