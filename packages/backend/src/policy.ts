/*
 * Who may do what in the demo portal: rights of machine-learning projects by the example policy, all else for everybody. A portal that
 * others use starts with that only when it is asked for, and else needs a policy of its own in place of this file.
 */
import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import {
  decideMlops,
  readMlopsPolicy,
} from '@backstage-mlops/plugin-permission-backend-module-mlops-policy';
import {
  AuthorizeResult,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';

const allow: PolicyDecision = { result: AuthorizeResult.ALLOW };

export default createBackendModule({
  pluginId: 'permission',
  moduleId: 'portal-policy',
  register(env) {
    env.registerInit({
      deps: {
        config: coreServices.rootConfig,
        policy: policyExtensionPoint,
      },
      async init({ config, policy }) {
        const allowAll =
          config.getOptionalBoolean('permission.dangerouslyAllowAll') ?? false;
        const options = readMlopsPolicy(config);
        policy.setPolicy({
          handle: async (request, user) =>
            allowAll ? allow : decideMlops(request, user, options) ?? allow,
        });
        // Last, else the permission backend complains that it has no policy and hides this.
        if (process.env.NODE_ENV === 'production' && !allowAll)
          throw new Error(
            'The portal does not start with NODE_ENV=production: its policy lets everybody do everything but merge. Replace packages/backend/src/policy.ts, or set permission.dangerouslyAllowAll.',
          );
      },
    });
  },
});
