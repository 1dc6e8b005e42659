import { changes } from './changes';
import { common } from './common';
import { editor } from './editor';
import { models } from './models';
import { projects } from './projects';
import { promotions } from './promotions';
import { runs } from './runs';

/** Every text of the plugin in German. */
export const german = {
  ...common,
  ...projects,
  ...runs,
  ...models,
  ...promotions,
  ...changes,
  ...editor,
};
