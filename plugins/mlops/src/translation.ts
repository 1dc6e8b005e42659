import {
  createTranslationRef,
  type TranslationFunction,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { changeTexts } from './changes/texts';
import { datasetTexts } from './datasets/texts';
import { modelTexts } from './models/texts';
import { pipelineTexts } from './pipelines/texts';
import { promotionTexts } from './promotions/texts';
import { projectTexts } from './projects/texts';
import { runTexts } from './runs/texts';
import { commonTexts } from './ui/texts';

/** The English texts. */
export const everyText = {
  ...commonTexts,
  ...projectTexts,
  ...pipelineTexts,
  ...runTexts,
  ...modelTexts,
  ...promotionTexts,
  ...datasetTexts,
  ...changeTexts,
} as const;

/**
 * Every text of the plugin, in English and German; an app may name further languages, or other words, by a translation resource. A language
 * is fetched when a person chooses it, which the app offers by `availableLanguages`.
 *
 * @public
 */
export const mlopsTranslationRef = createTranslationRef({
  id: 'plugin.mlops',
  messages: everyText,
  translations: { de: () => import('./translations/germanTexts') },
});

/** Gives a text in the reader's language. */
export type Text = TranslationFunction<(typeof mlopsTranslationRef)['T']>;

/** Gives texts in the reader's language. */
export function useText(): Text {
  return useTranslationRef(mlopsTranslationRef).t;
}
