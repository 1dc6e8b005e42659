import type { PullRequestHost } from '@backstage-mlops/mlops-core';
import type {
  PullRequestHostContext,
  PullRequestHostExtensionPoint,
  PullRequestHostFactory,
} from '@backstage-mlops/plugin-mlops-node';

/** The host that a module gave, or the portal's own. */
export class HostChoice implements PullRequestHostExtensionPoint {
  private factory?: PullRequestHostFactory;

  setHost(factory: PullRequestHostFactory): void {
    if (this.factory)
      throw new Error(
        'Two modules give a host of pull requests; the portal has one.',
      );
    this.factory = factory;
  }

  /** Whether the portal itself keeps the pull requests. */
  get isLocal(): boolean {
    return this.factory === undefined;
  }

  /** Makes the host; `local` when no module gave one. */
  async create(
    context: PullRequestHostContext,
    local: () => PullRequestHost,
  ): Promise<PullRequestHost> {
    return this.factory ? this.factory(context) : local();
  }
}
