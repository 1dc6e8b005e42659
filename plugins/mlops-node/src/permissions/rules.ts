/*
 * What a policy may ask of a project or a change. References are compared without regard to case, as the catalog compares them.
 */
import { createPermissionRule } from '@backstage/plugin-permission-node';
import type { ChangeResource } from '@backstage-mlops/mlops-core';
import { z } from 'zod';
import { changeResourceRef, projectResourceRef } from './resources';

const claims = z.object({
  claims: z
    .array(z.string())
    .describe('References that the person owns things by: own and groups'),
});
const user = z.object({
  user: z.string().describe('Entity reference of the person'),
});
const lifecycles = z.object({
  lifecycles: z.array(z.string()).describe('As production or experimental'),
});
const kinds = z.object({
  kinds: z.array(z.string()).describe('As change, promotion, project, revert'),
});

const isOneOf = (value: string | undefined, wanted: string[]): boolean =>
  value !== undefined &&
  wanted.some(item => item.toLowerCase() === value.toLowerCase());

const wrote = ({ authors }: ChangeResource, person: string): boolean =>
  isOneOf(person, authors);

/** Rules on projects. @public */
export const projectRules = {
  isProjectOwner: createPermissionRule({
    name: 'IS_PROJECT_OWNER',
    description: 'The project belongs to one of the references',
    resourceRef: projectResourceRef,
    paramsSchema: claims,
    apply: (project, params) => isOneOf(project.owner, params.claims),
    toQuery: params => ({ field: 'owner', values: params.claims }),
  }),
  hasLifecycle: createPermissionRule({
    name: 'HAS_LIFECYCLE',
    description: 'The project is in one of the lifecycles',
    resourceRef: projectResourceRef,
    paramsSchema: lifecycles,
    apply: (project, params) => isOneOf(project.lifecycle, params.lifecycles),
    toQuery: params => ({ field: 'lifecycle', values: params.lifecycles }),
  }),
};

/** Rules on changes. @public */
export const changeRules = {
  isProjectOwner: createPermissionRule({
    name: 'IS_PROJECT_OWNER',
    description: 'The project of the change belongs to one of the references',
    resourceRef: changeResourceRef,
    paramsSchema: claims,
    apply: ({ project }, params) => isOneOf(project.owner, params.claims),
    toQuery: params => ({ field: 'project.owner', values: params.claims }),
  }),
  hasLifecycle: createPermissionRule({
    name: 'HAS_LIFECYCLE',
    description: 'The project of the change is in one of the lifecycles',
    resourceRef: changeResourceRef,
    paramsSchema: lifecycles,
    apply: ({ project }, params) =>
      isOneOf(project.lifecycle, params.lifecycles),
    toQuery: params => ({
      field: 'project.lifecycle',
      values: params.lifecycles,
    }),
  }),
  isAuthor: createPermissionRule({
    name: 'IS_AUTHOR',
    description: 'The person opened the change or wrote a commit of it',
    resourceRef: changeResourceRef,
    paramsSchema: user,
    apply: (change, params) => wrote(change, params.user),
    toQuery: params => ({ field: 'authors', values: [params.user] }),
  }),
  isNotAuthor: createPermissionRule({
    name: 'IS_NOT_AUTHOR',
    description:
      'The person neither opened the change nor wrote a commit of it',
    resourceRef: changeResourceRef,
    paramsSchema: user,
    apply: (change, params) => !wrote(change, params.user),
    toQuery: params => ({
      not: { field: 'authors', values: [params.user] },
    }),
  }),
  isReviewer: createPermissionRule({
    name: 'IS_REVIEWER',
    description: 'The person or one of their groups was asked to look at it',
    resourceRef: changeResourceRef,
    paramsSchema: claims,
    apply: ({ reviewers }, params) =>
      reviewers.some(reviewer => isOneOf(reviewer, params.claims)),
    toQuery: params => ({ field: 'reviewers', values: params.claims }),
  }),
  hasKind: createPermissionRule({
    name: 'HAS_KIND',
    description: 'The change is of one of the kinds',
    resourceRef: changeResourceRef,
    paramsSchema: kinds,
    apply: ({ kind }, params) => isOneOf(kind, params.kinds),
    toQuery: params => ({ field: 'kind', values: params.kinds }),
  }),
};
