import { createApiRef } from '@backstage/frontend-plugin-api';
import type { MlopsClient } from './MlopsClient';

/** The plugin's client. */
export const mlopsApiRef = createApiRef<MlopsClient>().with({
  id: 'plugin.mlops.client',
  pluginId: 'mlops',
});
