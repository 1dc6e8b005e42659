/* The plugin alone in a backend, for tests that start and kill many of them. */
const { createBackend } = require('@backstage/backend-defaults');
const {
  coreServices,
  createBackendPlugin,
} = require('@backstage/backend-plugin-api');

/** A catalog in which nobody is: a merge asks it who wrote the commits. */
const emptyCatalog = createBackendPlugin({
  pluginId: 'catalog',
  register(env) {
    env.registerInit({
      deps: { httpRouter: coreServices.httpRouter },
      async init({ httpRouter }) {
        httpRouter.use((request, response) => {
          const answer = { items: [], totalItems: 0, pageInfo: {} };
          response.json(request.path === '/entities' ? [] : answer);
        });
      },
    });
  },
});

const backend = createBackend();
backend.add(require('@backstage-mlops/plugin-mlops-backend').default);
backend.add(
  require('@backstage-mlops/plugin-mlops-backend-module-argo').default,
);
backend.add(emptyCatalog);
backend.start().catch(error => {
  console.error(error);
  process.exit(1);
});
