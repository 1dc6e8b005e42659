/*
 * Whether a caller may do something. The policy is asked once a call for all that the call needs; conditions are held against
 * resources here, so a list of a thousand projects costs one question.
 */
import type {
  BackstageCredentials,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  CHANGE_RESOURCE_TYPE,
  mlopsPermissions,
  NotFoundError,
  type ChangeResource,
  type MlopsPermissionName,
  type ProjectResource,
} from '@backstage-mlops/mlops-core';
import {
  changeResourceRef,
  changeRules,
  projectResourceRef,
  projectRules,
} from '@backstage-mlops/plugin-mlops-node';
import {
  AuthorizeResult,
  type BasicPermission,
  type Permission,
  type PolicyDecision,
  type ResourcePermission,
} from '@backstage/plugin-permission-common';
import { createConditionAuthorizer } from '@backstage/plugin-permission-node';
import type { ResourceFinder, Scope, ScopeNames } from './ResourceFinder';

type Authorizer<Resource> = (
  decision: PolicyDecision,
  resource: Resource | undefined,
) => boolean;

const ofType = (type?: string) =>
  (Object.values(mlopsPermissions) as Permission[]).filter(permission =>
    permission.type === 'resource'
      ? permission.resourceType === type
      : type === undefined,
  );

/** Tells Backstage which rights and rules there are, and how it finds what they are about. */
export function registerPermissions(
  registry: PermissionsRegistryService,
  finder: ResourceFinder,
): void {
  registry.addPermissions(ofType());
  registry.addResourceType({
    resourceRef: projectResourceRef,
    permissions: ofType(projectResourceRef.resourceType),
    rules: Object.values(projectRules),
    getResources: async names => names.map(name => finder.project(name)),
  });
  registry.addResourceType({
    resourceRef: changeResourceRef,
    permissions: ofType(changeResourceRef.resourceType),
    rules: Object.values(changeRules),
    getResources: ids => Promise.all(ids.map(id => finder.change(id))),
  });
}

/** The sentence for what is not there, and for what the caller may not know of. */
export const nothingHere = () =>
  new NotFoundError('There is nothing here.', 'not-found');

/** Refuses what a caller sees but may not do. */
export const notAllowed = (name: MlopsPermissionName) =>
  Object.assign(
    new NotAllowedError(
      `You need the permission ${mlopsPermissions[name].name} for this.`,
    ),
    { code: 'not-allowed' },
  );

/** Rights of whoever calls. */
export class Rights {
  private readonly ofProject: Authorizer<ProjectResource>;
  private readonly ofChange: Authorizer<ChangeResource>;

  constructor(
    private readonly permissions: PermissionsService,
    private readonly finder: ResourceFinder,
  ) {
    this.ofProject = createConditionAuthorizer(Object.values(projectRules));
    this.ofChange = createConditionAuthorizer(Object.values(changeRules));
  }

  /** The rights of one caller for the time of one call; `names` are asked for together. */
  async of(
    credentials: BackstageCredentials,
    names: MlopsPermissionName[] = [],
  ): Promise<CallerRights> {
    const rights = new CallerRights({
      ask: wanted =>
        this.permissions.authorizeConditional(
          wanted.map(name => ({
            permission: mlopsPermissions[name] as
              | BasicPermission
              | ResourcePermission as ResourcePermission,
          })),
          { credentials },
        ),
      holds: (name, decision, scope) => this.holds(name, decision, scope),
      finder: this.finder,
    });
    await rights.load(names);
    return rights;
  }

  /** What a call is about. */
  scopeOf(names: ScopeNames): Promise<Scope> {
    return this.finder.scopeOf(names);
  }

  private holds(
    name: MlopsPermissionName,
    decision: PolicyDecision,
    scope: Scope,
  ): boolean {
    if (decision.result !== AuthorizeResult.CONDITIONAL)
      return decision.result === AuthorizeResult.ALLOW;
    const permission = mlopsPermissions[name];
    if (permission.type !== 'resource') return false;
    return permission.resourceType === CHANGE_RESOURCE_TYPE
      ? scope.change !== undefined && this.ofChange(decision, scope.change)
      : scope.project !== undefined && this.ofProject(decision, scope.project);
  }
}

/** What one caller may do. */
export class CallerRights {
  private readonly decisions = new Map<MlopsPermissionName, PolicyDecision>();

  constructor(
    private readonly options: {
      ask(names: MlopsPermissionName[]): Promise<PolicyDecision[]>;
      holds(
        name: MlopsPermissionName,
        decision: PolicyDecision,
        scope: Scope,
      ): boolean;
      finder: ResourceFinder;
    },
  ) {}

  /** Asks the policy for those that were not asked for yet. */
  async load(names: MlopsPermissionName[]): Promise<void> {
    const wanted = [...new Set(names)].filter(
      name => !this.decisions.has(name),
    );
    if (wanted.length === 0) return;
    const answers = await this.options.ask(wanted);
    wanted.forEach((name, index) => this.decisions.set(name, answers[index]));
  }

  /** Whether the caller has a right over what the call is about. */
  async may(name: MlopsPermissionName, scope: Scope): Promise<boolean> {
    return this.options.holds(name, await this.decision(name), scope);
  }

  /** Whether it is theirs everywhere, somewhere, or nowhere. */
  async reach(name: MlopsPermissionName): Promise<'all' | 'some' | 'none'> {
    const { result } = await this.decision(name);
    if (result === AuthorizeResult.ALLOW) return 'all';
    return result === AuthorizeResult.DENY ? 'none' : 'some';
  }

  /** Names of the projects that the caller sees and has a right in; undefined for all that ever were. */
  async projects(name: MlopsPermissionName): Promise<string[] | undefined> {
    const names: MlopsPermissionName[] = ['projectRead', name];
    await this.load(names);
    const wanted: MlopsPermissionName[] = [];
    for (const item of names)
      if ((await this.reach(item)) !== 'all') wanted.push(item);
    if (wanted.length === 0) return undefined;
    return this.options.finder
      .projects()
      .filter(project =>
        wanted.every(item =>
          this.options.holds(item, this.decisions.get(item)!, { project }),
        ),
      )
      .map(project => project.name);
  }

  /**
   * Throws unless the caller has the right over what the call is about: NotFoundError when they may not even know of it,
   * NotAllowedError when they may.
   */
  async demand(name: MlopsPermissionName, scope: Scope): Promise<void> {
    const reads: MlopsPermissionName[] = scope.change
      ? ['projectRead', 'changeRead']
      : ['projectRead'];
    await this.load([...reads, name]);
    const named = scope.project ?? scope.isMissing;
    for (const read of reads)
      if (
        named
          ? !(await this.may(read, scope))
          : (await this.reach(read)) === 'none'
      )
        throw nothingHere();
    if (!(await this.may(name, scope))) throw notAllowed(name);
  }

  private async decision(name: MlopsPermissionName): Promise<PolicyDecision> {
    await this.load([name]);
    return this.decisions.get(name)!;
  }
}
