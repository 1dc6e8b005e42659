/* Rights of an action that is about a request, and who acts. */
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type {
  HostActor,
  MlopsPermissionName,
} from '@backstage-mlops/mlops-core';
import type { RouteTargets } from '../http/routes';
import type { ScopeNames } from '../permissions/ResourceFinder';
import type { CallerRights, Rights } from '../permissions/Rights';

/** Who acts, as the service of changes wants to know them. */
export interface ActingPerson {
  ref: string;
  by: HostActor;
  groups: string[];
}

/** What actions on requests ask before they do anything. */
export interface ChangeRights {
  /** Throws unless the caller has the right; for a project that is not there it is the one to make projects. */
  demand(
    name: MlopsPermissionName,
    credentials: BackstageCredentials,
    about: ScopeNames,
  ): Promise<CallerRights>;
  callerOf(credentials: BackstageCredentials): Promise<ActingPerson>;
}

/** Makes them. */
export function changeRights(
  { changes: { people } }: Pick<RouteTargets, 'changes'>,
  rights: Rights,
): ChangeRights {
  return {
    async demand(name, credentials, about) {
      const own = await rights.of(credentials, ['projectRead', name]);
      const scope = await rights.scopeOf(about);
      if (about.project !== undefined && scope.isMissing)
        await own.demand('projectCreate', {});
      else await own.demand(name, scope);
      return own;
    },
    async callerOf(credentials) {
      const by = await people.actorOf(credentials);
      return { ref: by.ref, by, groups: await people.groupsOf(credentials) };
    },
  };
}
