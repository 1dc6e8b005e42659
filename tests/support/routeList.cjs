/* Prints all routes of the backend and all calls of the MLflow protocol; run with Backstage's transform of TypeScript. */
const { createRoutes } = require('../../plugins/mlops-backend/src/http/routes');
const {
  handlers,
} = require('../../packages/mlops-tracking/src/protocol/handlers');

// Routes only look at what they speak to when they are called.
const targets = new Proxy({}, { get: () => targets });
process.stdout.write(
  JSON.stringify({
    routes: createRoutes(targets).map(({ method, path, permission }) => ({
      method,
      path,
      permission,
    })),
    tracking: Object.keys(handlers),
  }),
);
