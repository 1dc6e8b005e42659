/*
 * TechDocs that builds pages itself does so when somebody looks at them, and the search finds what is built. So the docs of projects are
 * asked for here, as a reader would: they are found without a visit, and follow git.
 */
import type {
  AuthService,
  DiscoveryService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import type { CatalogFacts } from '@backstage-mlops/mlops-core';

/** What the builds need. */
export interface ProjectDocsBuildsOptions {
  auth: Pick<AuthService, 'getOwnServiceCredentials' | 'getPluginRequestToken'>;
  discovery: Pick<DiscoveryService, 'getBaseUrl'>;
  logger: Pick<LoggerService, 'debug'>;
}

const patienceMs = 60_000;

/** Has TechDocs build the docs of every project. */
export class ProjectDocsBuilds {
  constructor(private readonly options: ProjectDocsBuildsOptions) {}

  /** Builds what is not built yet or changed, one project after the other; one that fails stops no other. */
  async build(signal?: AbortSignal): Promise<void> {
    const { logger } = this.options;
    const { projects } = JSON.parse(
      await this.read('mlops', 'catalog', signal),
    ) as CatalogFacts;
    for (const { name } of projects) {
      if (signal?.aborted) return;
      await this.read(
        'techdocs',
        `sync/default/mlproject/${encodeURIComponent(name)}`,
        signal,
      ).catch(error =>
        logger.debug(`The docs of ${name} were not built: ${error.message}`),
      );
    }
  }

  // The answer ends when the build does.
  private async read(
    plugin: string,
    route: string,
    signal?: AbortSignal,
  ): Promise<string> {
    const { auth, discovery } = this.options;
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId: plugin,
    });
    const answer = await fetch(
      `${await discovery.getBaseUrl(plugin)}/${route}`,
      {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.any([
          AbortSignal.timeout(patienceMs),
          ...(signal ? [signal] : []),
        ]),
      },
    );
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${plugin} answered ${answer.status}`);
    return text;
  }
}
