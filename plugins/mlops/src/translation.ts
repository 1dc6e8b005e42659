import { createTranslationRef } from '@backstage/frontend-plugin-api';

/** Texts that name pages and states; an app may translate them. @public */
export const mlopsTranslationRef = createTranslationRef({
  id: 'plugin.mlops',
  messages: {
    title: 'Machine learning',
    home: {
      search: 'Search projects',
      owner: 'Owner',
      state: 'Last run',
      all: 'All',
      none: 'No project matches.',
      empty:
        'No project yet. Commit a folder with an mlproject.yaml below ml-projects to the GitOps repository.',
    },
    run: {
      start: 'Run',
      stop: 'Stop',
      stopTitle: 'Stop this run?',
      stopText: 'Steps that run are ended. What they logged stays.',
      cancel: 'Cancel',
      logEmpty: 'Nothing was printed yet.',
      choose: 'Choose a step to see its log, inputs and outputs.',
    },
  },
});
