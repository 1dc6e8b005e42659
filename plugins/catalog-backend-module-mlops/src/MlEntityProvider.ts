import type { AuthService, DiscoveryService, LoggerService } from '@backstage/backend-plugin-api';
import { ResponseError } from '@backstage/errors';
import type { EntityProvider, EntityProviderConnection } from '@backstage/plugin-catalog-node';
import type { CatalogFacts } from '@backstage-mlops/mlops-core';
import { toEntities } from './toEntities';

const location = 'mlops:gitops';

/** Keeps the catalog in step with the plugin's index of git. A failed read changes nothing. */
export class MlEntityProvider implements EntityProvider {
  private connection?: EntityProviderConnection;
  private known?: string;

  constructor(private readonly options: { auth: AuthService; discovery: DiscoveryService; logger: LoggerService }) {}

  getProviderName(): string {
    return 'mlops';
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.connection = connection;
  }

  /** Reads the facts and, when they are others than before, gives all entities to the catalog. */
  async refresh(): Promise<void> {
    if (!this.connection) return;
    const facts = await this.read();
    const text = JSON.stringify(facts);
    if (text === this.known) return;
    const entities = toEntities(facts, location).map(entity => ({ entity, locationKey: this.getProviderName() }));
    await this.connection.applyMutation({ type: 'full', entities });
    this.known = text;
    this.options.logger.info(`${entities.length} entities at commit ${facts.commit.slice(0, 12)}`);
  }

  private async read(): Promise<CatalogFacts> {
    const { auth, discovery } = this.options;
    const { token } = await auth.getPluginRequestToken({ onBehalfOf: await auth.getOwnServiceCredentials(), targetPluginId: 'mlops' });
    const answer = await fetch(`${await discovery.getBaseUrl('mlops')}/catalog`, { headers: { authorization: `Bearer ${token}` } });
    if (!answer.ok) throw await ResponseError.fromResponse(answer);
    const facts = (await answer.json()) as CatalogFacts;
    if (!facts.commit) throw new Error('the repository is not read yet');
    return facts;
  }
}
