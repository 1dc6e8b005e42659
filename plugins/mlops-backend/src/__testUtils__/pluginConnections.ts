import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';

/** Connections of the plugin to its database, which Backstage leaves open at its end: for a process that goes on, they are a leak. */
export function pluginConnections() {
  const close: (() => Promise<void>)[] = [];
  return {
    module: createBackendModule({
      pluginId: 'mlops',
      moduleId: 'connections',
      register: env =>
        env.registerInit({
          deps: { database: coreServices.database },
          async init({ database }) {
            const knex = await database.getClient();
            close.push(() => knex.destroy());
          },
        }),
    }),
    close: () => Promise.all(close.map(work => work())),
  };
}
