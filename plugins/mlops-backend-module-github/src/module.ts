import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { pullRequestHostExtensionPoint } from '@backstage-mlops/plugin-mlops-node';
import { findGithub } from './findGithub';
import { GithubPullRequestHost } from './GithubPullRequestHost';
import { GithubRepository } from './GithubRepository';
import { kept } from './kept';

const peopleMs = 5 * 60_000;

/** Keeps pull requests on GitHub where `mlops.gitops.url` is a repository there; anywhere else it does nothing. @public */
export const mlopsGithubModule = createBackendModule({
  pluginId: 'mlops',
  moduleId: 'github',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        hosts: pullRequestHostExtensionPoint,
        logger: coreServices.logger,
      },
      async init({ auth, catalog, config, hosts, logger }) {
        const github = findGithub(config);
        if (!github) return;
        const personOf = kept(peopleMs, async (login: string) => {
          const { items } = await catalog.getEntities(
            {
              filter: {
                kind: 'User',
                'metadata.annotations.github.com/user-login': login,
              },
              fields: ['kind', 'metadata.name', 'metadata.namespace'],
            },
            { credentials: await auth.getOwnServiceCredentials() },
          );
          return items.length === 1 ? stringifyEntityRef(items[0]) : undefined;
        });
        hosts.setHost(
          ({ branch }) =>
            new GithubPullRequestHost({
              repository: new GithubRepository({ ...github, logger }),
              owner: github.owner,
              branch,
              personOf,
              portalUrl: config
                .getOptionalString('app.baseUrl')
                ?.replace(/\/+$/, ''),
            }),
        );
      },
    });
  },
});
