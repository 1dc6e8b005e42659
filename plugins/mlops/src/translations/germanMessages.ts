import { createTranslationMessages } from '@backstage/frontend-plugin-api';
import { mlopsTranslationRef } from '../translation';
import { german } from './de';
import { flatten } from './flatten';

export default createTranslationMessages({
  ref: mlopsTranslationRef,
  full: false,
  messages: flatten(german) as {},
});
