import './keepLogging';
import { createBackend } from '@backstage/backend-defaults';

const backend = createBackend();

backend.add(import('@backstage/plugin-app-backend'));

backend.add(import('@backstage/plugin-auth-backend'));
backend.add(import('@backstage/plugin-auth-backend-module-guest-provider'));
backend.add(import('./devUsers'));
backend.add(import('./signIn'));

backend.add(import('@backstage/plugin-catalog-backend'));
backend.add(import('@backstage/plugin-catalog-backend-module-logs'));
backend.add(
  import('@backstage/plugin-catalog-backend-module-scaffolder-entity-model'),
);
backend.add(import('@backstage-mlops/plugin-catalog-backend-module-mlops'));

backend.add(import('@backstage/plugin-permission-backend'));
backend.add(import('./policy'));

backend.add(import('@backstage/plugin-search-backend'));
backend.add(import('@backstage/plugin-search-backend-module-catalog'));
backend.add(import('@backstage/plugin-search-backend-module-techdocs'));
backend.add(import('@backstage-mlops/plugin-search-backend-module-mlops'));

backend.add(import('@backstage/plugin-scaffolder-backend'));
backend.add(import('@backstage-mlops/plugin-scaffolder-backend-module-mlops'));

backend.add(import('@backstage/plugin-techdocs-backend'));
backend.add(import('@backstage-mlops/plugin-techdocs-backend-module-mlops'));

backend.add(import('@backstage/plugin-user-settings-backend'));
backend.add(import('@backstage/plugin-notifications-backend'));
backend.add(import('@backstage/plugin-signals-backend'));
backend.add(import('@backstage/plugin-mcp-actions-backend'));

backend.add(import('@backstage-mlops/plugin-mlops-backend'));
// Does nothing unless mlops.gitops.url is on GitHub.
backend.add(import('@backstage-mlops/plugin-mlops-backend-module-github'));
backend.add(import('@backstage-mlops/plugin-mlops-backend-module-argo'));

// A failed boot must end the process: Backstage itself would only log it and stay.
backend.start().catch(error => {
  // eslint-disable-next-line no-console
  console.error(error);
  process.exit(1);
});
