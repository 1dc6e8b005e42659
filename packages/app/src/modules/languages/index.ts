import { mlopsTranslations } from '@backstage-mlops/plugin-mlops';
import { createFrontendModule } from '@backstage/frontend-plugin-api';
import { TranslationBlueprint } from '@backstage/plugin-app-react';

/** Languages beside English; people choose one in their settings. */
export const languagesModule = createFrontendModule({
  pluginId: 'app',
  extensions: [
    TranslationBlueprint.make({
      name: 'mlops',
      params: { resource: mlopsTranslations },
    }),
  ],
});
