/* The plugin alone in a backend, for tests that start and kill many of them. */
const { createBackend } = require('@backstage/backend-defaults');

const backend = createBackend();
backend.add(require('@backstage-mlops/plugin-mlops-backend').default);
backend.add(
  require('@backstage-mlops/plugin-mlops-backend-module-argo').default,
);
backend.start().catch(error => {
  console.error(error);
  process.exit(1);
});
