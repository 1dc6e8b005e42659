import type { Config } from '@backstage/config';
import {
  DefaultGithubCredentialsProvider,
  ScmIntegrations,
} from '@backstage/integration';

/** A repository of GitHub and the credentials for it. */
export interface FoundGithub {
  owner: string;
  repo: string;
  apiBaseUrl: string;
  token(): Promise<string | undefined>;
}

/**
 * The repository that `mlops.gitops.url` names, when `integrations.github` has credentials for its host; undefined
 * anywhere else. Addresses of
 * https and ssh are understood.
 */
export function findGithub(config: Config): FoundGithub | undefined {
  const address = config.getOptionalString('mlops.gitops.url');
  const place = address && placeOf(address);
  if (!place) return undefined;
  const { host, owner, repo } = place;
  const integrations = ScmIntegrations.fromConfig(config);
  const integration = integrations.github.byHost(host);
  // A repository that is only read needs no host of requests.
  if (!integration?.config.apiBaseUrl) return undefined;
  if (!integration.config.token && !integration.config.apps?.length)
    return undefined;
  const credentials =
    DefaultGithubCredentialsProvider.fromIntegrations(integrations);
  return {
    owner,
    repo,
    apiBaseUrl: integration.config.apiBaseUrl.replace(/\/+$/, ''),
    token: async () =>
      (
        await credentials.getCredentials({
          url: `https://${host}/${owner}/${repo}`,
        })
      ).token,
  };
}

function placeOf(
  address: string,
): { host: string; owner: string; repo: string } | undefined {
  const found =
    /^(?:https?|ssh|git):\/\/(?:[^/@]*@)?([^/:]+(?::\d+)?)\/([^/]+)\/([^/]+?)(?:\.git)?\/?$/.exec(
      address,
    ) ?? /^[\w.-]+@([\w.-]+):([^/]+)\/([^/]+?)(?:\.git)?\/?$/.exec(address);
  if (!found) return undefined;
  const [, host, owner, repo] = found;
  // The port of ssh is not that of the pages.
  return {
    host: address.startsWith('ssh:') ? host.replace(/:\d+$/, '') : host,
    owner,
    repo,
  };
}
