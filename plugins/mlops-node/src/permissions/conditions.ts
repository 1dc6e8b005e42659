import { createConditionExports } from '@backstage/plugin-permission-node';
import { changeResourceRef, projectResourceRef } from './resources';
import { changeRules, projectRules } from './rules';

const ofProjects = createConditionExports({
  resourceRef: projectResourceRef,
  rules: projectRules,
});
const ofChanges = createConditionExports({
  resourceRef: changeResourceRef,
  rules: changeRules,
});

/** Conditions that a policy puts on rights in a project. @public */
export const projectConditions = ofProjects.conditions;

/** Conditions that a policy puts on rights over a change. @public */
export const changeConditions = ofChanges.conditions;

/**
 * A decision of a policy that depends on the project.
 *
 * @example
 * ```ts
 * if (isResourcePermission(request.permission, 'mlops-project'))
 *   return createProjectDecision(
 *     request.permission,
 *     projectConditions.isProjectOwner({ claims: user.info.ownershipEntityRefs }),
 *   );
 * ```
 *
 * @public
 */
export const createProjectDecision = ofProjects.createConditionalDecision;

/**
 * A decision of a policy that depends on the change.
 *
 * @example
 * ```ts
 * if (request.permission.name === 'mlops.change.merge')
 *   return createChangeDecision(request.permission, {
 *     allOf: [
 *       changeConditions.isProjectOwner({ claims: user.info.ownershipEntityRefs }),
 *       changeConditions.isNotAuthor({ user: user.info.userEntityRef }),
 *     ],
 *   });
 * ```
 *
 * @public
 */
export const createChangeDecision = ofChanges.createConditionalDecision;
