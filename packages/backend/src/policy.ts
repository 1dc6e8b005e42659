/*
 * Who may do what. On a laptop everybody may do everything; a portal that others use starts with that only when it is asked for,
 * and else needs a policy of its own in place of this file.
 */
import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';

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
        policy.setPolicy({
          handle: async (): Promise<PolicyDecision> => ({
            result: AuthorizeResult.ALLOW,
          }),
        });
        if (
          process.env.NODE_ENV === 'production' &&
          !config.getOptionalBoolean('permission.dangerouslyAllowAll')
        )
          throw new Error(
            'The portal does not start with NODE_ENV=production: its policy allows everybody everything. Replace packages/backend/src/policy.ts, or set permission.dangerouslyAllowAll.',
          );
      },
    });
  },
});
