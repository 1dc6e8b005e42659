/* Who somebody is for git: name and address by the catalog, or by what the portal knows them by. */
import type {
  AuthService,
  BackstageCredentials,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { stringifyEntityRef } from '@backstage/catalog-model';
import {
  ServiceUnavailableError,
  type HostActor,
} from '@backstage-mlops/mlops-core';
import { gitEnvironment } from '../gitops/GitRepository';
import { callerOf } from '../http/callerOf';

const keepMs = 60_000;

export class People {
  private readonly known = new Map<
    string,
    { until: number; actor: Promise<HostActor> }
  >();

  private readonly users = new Map<
    string,
    { until: number; refs: Promise<string[]> }
  >();

  constructor(
    private readonly options: {
      catalog: CatalogService;
      auth: AuthService;
      userInfo: UserInfoService;
    },
  ) {}

  /** The person or service behind a call. */
  async actorOf(credentials: BackstageCredentials): Promise<HostActor> {
    return this.actor(await callerOf(this.options.userInfo, credentials));
  }

  /** The entities that a person speaks for; a service speaks for itself. */
  async groupsOf(credentials: BackstageCredentials): Promise<string[]> {
    const { principal } = credentials as { principal?: { type?: string } };
    if (principal?.type !== 'user') return [];
    const { ownershipEntityRefs } = await this.options.userInfo
      .getUserInfo(credentials)
      .catch(() => ({ ownershipEntityRefs: [] as string[] }));
    return ownershipEntityRefs;
  }

  /** The users whose address this is; ServiceUnavailableError while the catalog does not say. */
  usersOf(address: string): Promise<string[]> {
    const known = this.users.get(address);
    if (known && known.until > Date.now()) return known.refs;
    const refs = this.lookUsers(address);
    this.users.set(address, { until: Date.now() + keepMs, refs });
    refs.catch(() => this.users.delete(address));
    if (this.users.size > 1000)
      this.users.delete(this.users.keys().next().value!);
    return refs;
  }

  /** Name and address of somebody. */
  actor(ref: string): Promise<HostActor> {
    const known = this.known.get(ref);
    if (known && known.until > Date.now()) return known.actor;
    const actor = this.look(ref);
    this.known.set(ref, { until: Date.now() + keepMs, actor });
    if (this.known.size > 1000)
      this.known.delete(this.known.keys().next().value!);
    return actor;
  }

  private async lookUsers(address: string): Promise<string[]> {
    // The address that somebody without one is given below.
    const [name, host] = address.split('@');
    const own = host === 'localhost' ? [`user:default/${name}`] : [];
    if (address === gitEnvironment.GIT_COMMITTER_EMAIL) return own;
    const { auth, catalog } = this.options;
    try {
      const { items } = await catalog.getEntities(
        {
          filter: { kind: 'User', 'spec.profile.email': address },
          fields: ['kind', 'metadata.name', 'metadata.namespace'],
        },
        { credentials: await auth.getOwnServiceCredentials() },
      );
      return [...own, ...items.map(entity => stringifyEntityRef(entity))];
    } catch (error) {
      throw new ServiceUnavailableError(
        'The catalog does not say now who wrote the commits of the change; try again.',
        'unavailable',
        { cause: error },
      );
    }
  }

  private async look(ref: string): Promise<HostActor> {
    const name = ref.split('/').pop() || ref;
    const fallback = {
      ref,
      name,
      email: `${name.replace(/[^\w.+-]/g, '-')}@localhost`,
    };
    if (!ref.startsWith('user:')) return fallback;
    const { auth, catalog } = this.options;
    try {
      const entity: any = await catalog.getEntityByRef(ref, {
        credentials: await auth.getOwnServiceCredentials(),
      });
      const profile = entity?.spec?.profile ?? {};
      return {
        ref,
        name: String(
          profile.displayName || entity?.metadata?.title || fallback.name,
        ),
        email: String(profile.email || fallback.email),
      };
    } catch {
      return fallback;
    }
  }
}
