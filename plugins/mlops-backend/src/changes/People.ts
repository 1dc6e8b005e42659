/* Who somebody is for git: name and address by the catalog, or by what the portal knows them by. */
import type {
  AuthService,
  BackstageCredentials,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { HostActor } from '@backstage-mlops/mlops-core';
import { callerOf } from '../http/callerOf';

const keepMs = 60_000;

export class People {
  private readonly known = new Map<
    string,
    { until: number; actor: Promise<HostActor> }
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
