import {
  CHANGE_RESOURCE_TYPE,
  PROJECT_RESOURCE_TYPE,
  type ChangeResource,
} from '@backstage-mlops/mlops-core';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  changeConditions,
  createChangeDecision,
  projectConditions,
} from './conditions';
import { changeRules, projectRules } from './rules';

const project = {
  name: 'apples',
  owner: 'group:default/orchard',
  lifecycle: 'production',
};
const change: ChangeResource = {
  id: '7',
  project,
  kind: 'promotion',
  authors: ['user:default/ann', 'user:default/bob'],
  reviewers: ['group:default/judges'],
};

describe('a rule on projects', () => {
  it('knows the owner, however the reference is written', () => {
    const { isProjectOwner } = projectRules;
    const claims = ['user:default/ann', 'Group:Default/Orchard'];
    expect(isProjectOwner.apply(project, { claims })).toBe(true);
    expect(isProjectOwner.apply(project, { claims: claims.slice(0, 1) })).toBe(
      false,
    );
    expect(isProjectOwner.apply(project, { claims: [] })).toBe(false);
  });

  it('lets nobody own a project without an owner', () => {
    expect(
      projectRules.isProjectOwner.apply(
        { ...project, owner: undefined },
        { claims: ['undefined', ''] },
      ),
    ).toBe(false);
  });

  it('knows the lifecycle', () => {
    const { hasLifecycle } = projectRules;
    expect(hasLifecycle.apply(project, { lifecycles: ['Production'] })).toBe(
      true,
    );
    expect(hasLifecycle.apply(project, { lifecycles: ['experimental'] })).toBe(
      false,
    );
  });
});

describe('a rule on changes', () => {
  it.each(['user:default/ann', 'user:default/bob', 'USER:default/Bob'])(
    'takes %s for an author, who is then not somebody else',
    user => {
      expect(changeRules.isAuthor.apply(change, { user })).toBe(true);
      expect(changeRules.isNotAuthor.apply(change, { user })).toBe(false);
    },
  );

  it('takes others for no author', () => {
    const user = 'user:default/an';
    expect(changeRules.isAuthor.apply(change, { user })).toBe(false);
    expect(changeRules.isNotAuthor.apply(change, { user })).toBe(true);
  });

  it('asks the project of the change for owner and lifecycle', () => {
    const owns = (claims: string[]) =>
      changeRules.isProjectOwner.apply(change, { claims });
    expect(owns(['group:default/orchard'])).toBe(true);
    expect(owns(['group:default/judges'])).toBe(false);
    const { hasLifecycle } = changeRules;
    expect(hasLifecycle.apply(change, { lifecycles: ['production'] })).toBe(
      true,
    );
    expect(hasLifecycle.apply(change, { lifecycles: ['retired'] })).toBe(false);
  });

  it('finds a reviewer by one of their groups', () => {
    const asked = (claims: string[]) =>
      changeRules.isReviewer.apply(change, { claims });
    expect(asked(['user:default/cay', 'group:default/judges'])).toBe(true);
    expect(asked(['user:default/cay'])).toBe(false);
  });

  it('knows the kind', () => {
    const { hasKind } = changeRules;
    expect(hasKind.apply(change, { kinds: ['revert', 'promotion'] })).toBe(
      true,
    );
    expect(hasKind.apply(change, { kinds: ['change'] })).toBe(false);
  });
});

it('turns into conditions that a policy returns', () => {
  const permission = {
    name: 'mlops.change.merge',
    type: 'resource',
    attributes: {},
    resourceType: CHANGE_RESOURCE_TYPE,
  } as const;
  expect(
    createChangeDecision(
      permission,
      changeConditions.isNotAuthor({ user: 'user:default/ann' }),
    ),
  ).toEqual({
    result: AuthorizeResult.CONDITIONAL,
    pluginId: 'mlops',
    resourceType: CHANGE_RESOURCE_TYPE,
    conditions: {
      rule: 'IS_NOT_AUTHOR',
      resourceType: CHANGE_RESOURCE_TYPE,
      params: { user: 'user:default/ann' },
    },
  });
  expect(projectConditions.isProjectOwner({ claims: [] }).resourceType).toBe(
    PROJECT_RESOURCE_TYPE,
  );
});
