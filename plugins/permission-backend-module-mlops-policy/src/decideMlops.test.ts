import {
  mlopsPermissions,
  type ChangeResource,
  type MlopsPermissionName,
} from '@backstage-mlops/mlops-core';
import {
  changeResourceRef,
  changeRules,
  projectRules,
} from '@backstage-mlops/plugin-mlops-node';
import {
  createPermission,
  type Permission,
} from '@backstage/plugin-permission-common';
import {
  createConditionAuthorizer,
  type PolicyQueryUser,
} from '@backstage/plugin-permission-node';
import { decideMlops } from './decideMlops';

const options = {
  reviewers: ['group:default/reviewers'],
  builders: ['group:default/guests'],
};
const people: Record<string, string[]> = {
  owner: ['user:default/owner', 'group:default/team'],
  mate: ['user:default/mate', 'group:default/team'],
  reviewer: ['user:default/reviewer', 'group:default/reviewers'],
  asked: ['user:default/asked', 'group:default/asked'],
  stranger: ['user:default/stranger', 'group:default/others'],
  guest: ['user:default/guest', 'group:default/guests'],
};
const project = {
  name: 'one',
  owner: 'group:default/Team',
  lifecycle: 'production',
};
const changeBy = (...authors: string[]): ChangeResource => ({
  id: '7',
  kind: 'change',
  project,
  authors: authors.map(author => `user:default/${author}`),
  reviewers: ['group:default/asked'],
});
const holdsForChange = createConditionAuthorizer(Object.values(changeRules));
const holdsForProject = createConditionAuthorizer(Object.values(projectRules));

function may(
  person: string,
  name: MlopsPermissionName,
  change = changeBy('owner'),
): boolean {
  const permission = mlopsPermissions[name] as Permission;
  const claims = people[person];
  const decision = decideMlops(
    { permission },
    {
      info: { userEntityRef: claims[0], ownershipEntityRefs: claims },
    } as PolicyQueryUser,
    options,
  )!;
  return permission.type === 'resource' &&
    permission.resourceType === changeResourceRef.resourceType
    ? holdsForChange(decision, change)
    : holdsForProject(decision, project);
}
const whoMay = (name: MlopsPermissionName, change?: ChangeResource) =>
  Object.keys(people).filter(person => may(person, name, change));

describe('decideMlops', () => {
  it('lets everybody who is signed in read, and nobody else', () => {
    for (const name of [
      'projectRead',
      'runRead',
      'modelRead',
      'trackingRead',
      'changeRead',
    ] as const) {
      expect(whoMay(name)).toEqual(Object.keys(people));
      const permission = mlopsPermissions[name] as Permission;
      expect(decideMlops({ permission }, undefined, options)).toEqual({
        result: 'DENY',
      });
    }
  });

  it('lets owners and builders run, stop, record and promote', () => {
    for (const name of [
      'runCreate',
      'runControl',
      'trackingWrite',
      'modelPromote',
    ] as const)
      expect([name, whoMay(name)]).toEqual([name, ['owner', 'mate', 'guest']]);
  });

  it('lets reviewers propose, too', () => {
    expect(whoMay('changePropose')).toEqual([
      'owner',
      'mate',
      'reviewer',
      'guest',
    ]);
  });

  it('lets reviewers, and owners who wrote nothing of it, merge', () => {
    expect(whoMay('changeMerge')).toEqual(['mate', 'reviewer']);
    expect(whoMay('changeMerge', changeBy('guest'))).toEqual([
      'owner',
      'mate',
      'reviewer',
    ]);
  });

  it('lets nobody merge or approve what they wrote a commit of', () => {
    const together = changeBy('owner', 'reviewer', 'mate');
    expect(whoMay('changeMerge', together)).toEqual([]);
    expect(whoMay('changeReview', together)).toEqual(['asked']);
  });

  it('lets those who were asked review, and not merge', () => {
    expect(whoMay('changeReview')).toEqual(['mate', 'reviewer', 'asked']);
  });

  it('lets authors, owners and reviewers change and close a request', () => {
    expect(whoMay('changeUpdate', changeBy('guest'))).toEqual([
      'owner',
      'mate',
      'reviewer',
      'guest',
    ]);
  });

  it('lets everybody propose a project that is not there yet', () => {
    expect(whoMay('projectCreate')).toEqual(Object.keys(people));
  });

  it('says nothing of other rights', () => {
    const permission = createPermission({
      name: 'catalog.entity.delete',
      attributes: { action: 'delete' },
    });
    expect(decideMlops({ permission }, undefined, options)).toBeUndefined();
  });
});
