import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  isResourcePermission,
} from '@backstage/plugin-permission-common';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import { CHANGE_RESOURCE_TYPE } from '@backstage-mlops/mlops-core';
import {
  changeConditions,
  createChangeDecision,
} from '@backstage-mlops/plugin-mlops-node';

/** Everybody who is signed in may do everything, but merge only what is their project's and not their own work. */
export default createBackendModule({
  pluginId: 'permission',
  moduleId: 'own-policy',
  register(env) {
    env.registerInit({
      deps: { policy: policyExtensionPoint },
      async init({ policy }) {
        policy.setPolicy({
          async handle({ permission }, user) {
            if (!user) return { result: AuthorizeResult.DENY };
            const { ownershipEntityRefs, userEntityRef } = user.info;
            if (
              permission.name === 'mlops.change.merge' &&
              isResourcePermission(permission, CHANGE_RESOURCE_TYPE)
            )
              return createChangeDecision(permission, {
                allOf: [
                  changeConditions.isProjectOwner({
                    claims: ownershipEntityRefs,
                  }),
                  changeConditions.isNotAuthor({ user: userEntityRef }),
                ],
              });
            return { result: AuthorizeResult.ALLOW };
          },
        });
      },
    });
  },
});
