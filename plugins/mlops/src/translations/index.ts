import { createTranslationResource } from '@backstage/frontend-plugin-api';
import { mlopsTranslationRef } from '../translation';

/**
 * The plugin in other languages, fetched when a person chooses one. An app names them to have them: by `TranslationBlueprint`, or by
 * `translations` of a legacy `createApp`.
 *
 * @public
 */
export const mlopsTranslations = createTranslationResource({
  ref: mlopsTranslationRef,
  translations: { de: () => import('./germanMessages') },
});
