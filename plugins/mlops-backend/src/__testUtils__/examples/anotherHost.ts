import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  InputError,
  NotFoundError,
  type PullRequestHost,
} from '@backstage-mlops/mlops-core';
import { pullRequestHostExtensionPoint } from '@backstage-mlops/plugin-mlops-node';

/** Takes no requests: for a repository that people change elsewhere, by rules of its own. */
function elsewhere(url: string): PullRequestHost {
  const refuse = async () => {
    throw new InputError(`Changes are proposed at ${url}.`, 'invalid-field');
  };
  const missing = async (number: number) => {
    throw new NotFoundError(`There is no change ${number} here.`, 'not-found');
  };
  return {
    open: refuse,
    update: missing,
    list: async () => ({ items: [] }),
    get: missing,
    comment: missing,
    review: missing,
    setCheck: missing,
    merge: missing,
    close: missing,
    rebase: missing,
    looseBranches: async () => [],
  };
}

export default createBackendModule({
  pluginId: 'mlops',
  moduleId: 'elsewhere',
  register(env) {
    env.registerInit({
      deps: { hosts: pullRequestHostExtensionPoint },
      async init({ hosts }) {
        hosts.setHost(({ url }) => elsewhere(url));
      },
    });
  },
});
