import type {
  AuthService,
  DiscoveryService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import { ResponseError } from '@backstage/errors';
import type {
  EntityProvider,
  EntityProviderConnection,
  EntityProviderMutation,
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
  stringifyEntityRef,
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
// A database of one file is written by the thread that answers requests: between two parts it answers them.
const partSize = 20;

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
  /** Entities that the catalog got last, by their refs, as texts. */
  private given?: Map<string, string>;

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
    const entities = [
      ...toEntities(facts, { location, portalUrl, pages }),
      ...offered.map(entity => placed(entity, portalUrl, pages)),
    ];
    await this.give(this.connection, entities);
    this.known = text;
    logger.info(
      `${entities.length} entities of ${
        facts.projects.length
      } projects at commit ${facts.commit.slice(0, 12)}`,
    );
    return true;
  }

  private async give(
    connection: EntityProviderConnection,
    entities: Entity[],
  ): Promise<void> {
    const parts = this.given ? this.changesSince(this.given, entities) : [];
    for (const part of parts.length > 1 ? parts : []) {
      await connection.applyMutation(part);
      await new Promise(resolve => setImmediate(resolve));
    }
    // Parts only lighten it: what another portal gave, or a part that was lost, is put right by the whole.
    await connection.applyMutation({
      type: 'full',
      entities: entities.map(this.keyed),
    });
    this.given = new Map(
      entities.map(entity => [
        stringifyEntityRef(entity),
        JSON.stringify(entity),
      ]),
    );
  }

  private changesSince(
    before: Map<string, string>,
    entities: Entity[],
  ): EntityProviderMutation[] {
    const added = entities.filter(
      entity =>
        before.get(stringifyEntityRef(entity)) !== JSON.stringify(entity),
    );
    const present = new Set(entities.map(entity => stringifyEntityRef(entity)));
    const removed = [...before.keys()].filter(ref => !present.has(ref));
    return [
      ...partsOf(added).map(part => ({
        type: 'delta' as const,
        added: part.map(this.keyed),
        removed: [],
      })),
      ...partsOf(removed).map(part => ({
        type: 'delta' as const,
        added: [],
        removed: part.map(entityRef => ({ entityRef })),
      })),
    ];
  }

  private readonly keyed = (entity: Entity) => ({
    entity,
    locationKey: this.getProviderName(),
  });

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

function partsOf<T>(items: T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / partSize) }, (_, i) =>
    items.slice(i * partSize, (i + 1) * partSize),
  );
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
