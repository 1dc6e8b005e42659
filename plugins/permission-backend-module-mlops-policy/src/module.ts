import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import { decideMlops, readMlopsPolicy } from './decideMlops';

/**
 * The policy as it is: rights of machine-learning projects by `decideMlops`, everything else for everybody who is signed in. A
 * Backstage has one policy; one that has its own calls `decideMlops` in it.
 *
 * @public
 */
export const mlopsPolicyModule = createBackendModule({
  pluginId: 'permission',
  moduleId: 'mlops-policy',
  register(env) {
    env.registerInit({
      deps: {
        config: coreServices.rootConfig,
        policy: policyExtensionPoint,
      },
      async init({ config, policy }) {
        const options = readMlopsPolicy(config);
        policy.setPolicy({
          handle: async (request, user) =>
            decideMlops(request, user, options) ?? {
              result: user ? AuthorizeResult.ALLOW : AuthorizeResult.DENY,
            },
        });
      },
    });
  },
});
