import { createExtensionPoint } from '@backstage/backend-plugin-api';
import type { PullRequestHost } from '@backstage-mlops/mlops-core';

/** What the backend knows of the GitOps repository when it asks for its host. @public */
export interface PullRequestHostContext {
  /** Address of the repository, as `mlops.gitops.url` has it; may hold credentials. */
  url: string;
  /** The branch that changes go to. */
  branch: string;
}

/** Makes the host once the backend has read its configuration. @public */
export type PullRequestHostFactory = (
  context: PullRequestHostContext,
) => PullRequestHost | Promise<PullRequestHost>;

/** @public */
export interface PullRequestHostExtensionPoint {
  /** Takes the host in place of the portal's own. Throws when another module gave one. */
  setHost(factory: PullRequestHostFactory): void;
}

/**
 * Where a module says which host keeps the pull requests. Without one the portal keeps them itself, in its bare repository and its
 * database. A factory that throws ends the start of the portal.
 *
 * @example
 * ```ts
 * export default createBackendModule({
 *   pluginId: 'mlops',
 *   moduleId: 'gitea',
 *   register(env) {
 *     env.registerInit({
 *       deps: {
 *         config: coreServices.rootConfig,
 *         hosts: pullRequestHostExtensionPoint,
 *       },
 *       async init({ config, hosts }) {
 *         hosts.setHost(({ url, branch }) =>
 *           GiteaPullRequestHost.fromConfig(config, { url, branch }),
 *         );
 *       },
 *     });
 *   },
 * });
 * ```
 *
 * @public
 */
export const pullRequestHostExtensionPoint =
  createExtensionPoint<PullRequestHostExtensionPoint>({
    id: 'mlops.pull-request-host',
  });
