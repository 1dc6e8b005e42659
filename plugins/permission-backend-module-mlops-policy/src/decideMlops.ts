/*
 * Who may do what with machine-learning projects. Everybody who is signed in reads. Owners of a project run, stop and propose in it,
 * and merge what somebody else wrote; reviewers do that in every project; nobody merges a change with a commit of their own.
 */
import {
  CHANGE_RESOURCE_TYPE,
  mlopsPermissions,
  PROJECT_RESOURCE_TYPE,
} from '@backstage-mlops/mlops-core';
import {
  changeConditions,
  createChangeDecision,
  createProjectDecision,
  projectConditions,
} from '@backstage-mlops/plugin-mlops-node';
import type { Config } from '@backstage/config';
import {
  AuthorizeResult,
  isResourcePermission,
  type Permission,
  type PolicyDecision,
  type ResourcePermission,
} from '@backstage/plugin-permission-common';
import type {
  PolicyQuery,
  PolicyQueryUser,
} from '@backstage/plugin-permission-node';

/** Groups and people of the policy, as entity references. @public */
export interface MlopsPolicyOptions {
  /** Propose in every project, review and merge there what others wrote. */
  reviewers: string[];
  /** Run, stop and propose in every project, without owning it. */
  builders: string[];
}

/** Reads `mlops.policy`. @public */
export function readMlopsPolicy(config: Config): MlopsPolicyOptions {
  const policy = config.getOptionalConfig('mlops.policy');
  return {
    reviewers: policy?.getOptionalStringArray('reviewers') ?? [],
    builders: policy?.getOptionalStringArray('builders') ?? [],
  };
}

const allow: PolicyDecision = { result: AuthorizeResult.ALLOW };
const deny: PolicyDecision = { result: AuthorizeResult.DENY };
const ours: string[] = Object.values(mlopsPermissions).map(({ name }) => name);

/**
 * Decides on rights of machine-learning projects; undefined for all other rights, which a policy of its own decides.
 *
 * @example
 * ```ts
 * class OurPolicy implements PermissionPolicy {
 *   async handle(request: PolicyQuery, user?: PolicyQueryUser) {
 *     return (
 *       decideMlops(request, user, { reviewers: ['group:default/ml-guild'], builders: [] }) ??
 *       this.decideTheRest(request, user)
 *     );
 *   }
 * }
 * ```
 *
 * @public
 */
export function decideMlops(
  { permission }: PolicyQuery,
  user: PolicyQueryUser | undefined,
  options: MlopsPolicyOptions,
): PolicyDecision | undefined {
  if (!ours.includes(permission.name)) return undefined;
  if (!user) return deny;
  if (permission.attributes.action === 'read') return allow;
  const { ownershipEntityRefs: claims, userEntityRef } = user.info;
  const person = { claims, user: userEntityRef };
  const reviews = holds(options.reviewers, claims);
  if (isResourcePermission(permission, PROJECT_RESOURCE_TYPE))
    return holds(options.builders, claims) ||
      // Who reviews also talks, asks for checks, and proposes something better, which others merge.
      (reviews && isOf(permission, mlopsPermissions.changePropose))
      ? allow
      : createProjectDecision(
          permission,
          projectConditions.isProjectOwner({ claims }),
        );
  if (isResourcePermission(permission, CHANGE_RESOURCE_TYPE))
    return onChange(permission, person, reviews);
  // A request for a new project changes nothing until somebody else merges it.
  return isOf(permission, mlopsPermissions.projectCreate) ? allow : deny;
}

function onChange(
  permission: ResourcePermission<typeof CHANGE_RESOURCE_TYPE>,
  { claims, user }: { claims: string[]; user: string },
  reviews: boolean,
): PolicyDecision {
  const { isAuthor, isNotAuthor, isProjectOwner, isReviewer } =
    changeConditions;
  if (isOf(permission, mlopsPermissions.changeUpdate))
    return reviews
      ? allow
      : createChangeDecision(permission, {
          anyOf: [isAuthor({ user }), isProjectOwner({ claims })],
        });
  if (isOf(permission, mlopsPermissions.changeReview))
    return createChangeDecision(
      permission,
      reviews
        ? isNotAuthor({ user })
        : {
            allOf: [
              isNotAuthor({ user }),
              { anyOf: [isProjectOwner({ claims }), isReviewer({ claims })] },
            ],
          },
    );
  if (isOf(permission, mlopsPermissions.changeMerge))
    return createChangeDecision(
      permission,
      reviews
        ? isNotAuthor({ user })
        : { allOf: [isNotAuthor({ user }), isProjectOwner({ claims })] },
    );
  return deny;
}

const isOf = (permission: Permission, { name }: { name: string }) =>
  permission.name === name;

const holds = (wanted: string[], claims: string[]) =>
  wanted.some(item =>
    claims.some(claim => claim.toLowerCase() === item.toLowerCase()),
  );
