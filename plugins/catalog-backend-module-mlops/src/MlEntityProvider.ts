import type {
  AuthService,
  DiscoveryService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import { ResponseError } from '@backstage/errors';
import type {
  EntityProvider,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';
import {
  portalPages,
  type CatalogFacts,
  type PortalPages,
} from '@backstage-mlops/mlops-core';
import {
  ANNOTATION_LOCATION,
  ANNOTATION_ORIGIN_LOCATION,
  ANNOTATION_SOURCE_LOCATION,
  type Entity,
} from '@backstage/catalog-model';
import { toEntities } from './toEntities';

/** What the provider needs. @public */
export interface MlEntityProviderOptions {
  auth: AuthService;
  discovery: DiscoveryService;
  logger: LoggerService;
  /** Address of the portal's pages. */
  portalUrl: string;
  /** Where its pages are; default: below `/mlops`. */
  pages?: PortalPages;
  /** Gives templates that the scaffolder can run; default: none. */
  templates?: () => Promise<Entity[]>;
}

const location = 'mlops:gitops';
// Longer than any honest answer takes; a read that hangs must not stop the reads after it.
const timeoutMs = 30_000;

/**
 * Keeps the catalog in step with the index of git that the plugin's backend has. A failed read changes nothing: entities vanish only
 * when a commit says so.
 *
 * @public
 */
export class MlEntityProvider implements EntityProvider {
  private connection?: EntityProviderConnection;
  /** The facts that the catalog has, as text. */
  private known?: string;

  constructor(private readonly options: MlEntityProviderOptions) {}

  getProviderName(): string {
    return 'mlops';
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.connection = connection;
  }

  /** Reads the facts and, when they are others than the catalog has, gives it all entities. Tells whether it did. */
  async refresh(): Promise<boolean> {
    if (!this.connection) return false;
    const facts = await this.read();
    const { logger, portalUrl, templates } = this.options;
    const { pages = portalPages() } = this.options;
    const offered = (await templates?.()) ?? [];
    const text = JSON.stringify([
      facts.url,
      facts.branch,
      facts.projects,
      offered,
    ]);
    if (text === this.known) return false;
    const locationKey = this.getProviderName();
    const entities = [
      ...toEntities(facts, { location, portalUrl, pages }),
      ...offered.map(entity => placed(entity, portalUrl, pages)),
    ].map(entity => ({ entity, locationKey }));
    await this.connection.applyMutation({ type: 'full', entities });
    this.known = text;
    logger.info(
      `${entities.length} entities of ${
        facts.projects.length
      } projects at commit ${facts.commit.slice(0, 12)}`,
    );
    return true;
  }

  private async read(): Promise<CatalogFacts> {
    const { auth, discovery } = this.options;
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId: 'mlops',
    });
    const answer = await fetch(
      `${await discovery.getBaseUrl('mlops')}/catalog`,
      {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(timeoutMs),
      },
    );
    if (!answer.ok) throw await ResponseError.fromResponse(answer);
    const facts = (await answer.json()) as Partial<CatalogFacts>;
    // An index that was never read has no commit and no projects: taken for facts it would empty the catalog.
    if (!facts.commit || !Array.isArray(facts.projects))
      throw new Error('the repository is not read yet');
    return facts as CatalogFacts;
  }
}

const placed = (
  entity: Entity,
  portalUrl: string,
  pages: PortalPages,
): Entity => ({
  ...entity,
  metadata: {
    ...entity.metadata,
    annotations: {
      ...entity.metadata.annotations,
      [ANNOTATION_LOCATION]: location,
      [ANNOTATION_ORIGIN_LOCATION]: location,
      // Without it the catalog would take the location above for a link.
      [ANNOTATION_SOURCE_LOCATION]: `url:${portalUrl.replace(
        /\/$/,
        '',
      )}${pages.home()}`,
    },
  },
});
