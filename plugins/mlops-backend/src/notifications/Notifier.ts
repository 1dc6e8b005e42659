import type { LoggerService } from '@backstage/backend-plugin-api';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type {
  Change,
  PortalPages,
  RunSummary,
} from '@backstage-mlops/mlops-core';
import { noticeOfChange, noticeOfRun, type Notice } from './notices';

/** What the notifier needs. */
export interface NotifierOptions {
  notifications: NotificationService;
  /** Owner of a project: an entity reference. */
  ownerOf(project: string): string | undefined;
  pages: PortalPages;
  logger: LoggerService;
}

/**
 * Sends notices through Backstage's notifications. It never fails: without their backend, or when it does not answer, one line in the log says
 * so. Two portals that tell the same give one notice, by its scope.
 */
export class Notifier {
  constructor(private readonly options: NotifierOptions) {}

  /** A run ended. */
  runEnded(run: RunSummary): Promise<void> {
    const { ownerOf, pages } = this.options;
    return this.send(noticeOfRun(run, ownerOf(run.project), pages));
  }

  /** A request was opened, or others were asked to look at it. */
  changeWaits(change: Change): Promise<void> {
    const { ownerOf, pages } = this.options;
    return this.send(noticeOfChange(change, ownerOf(change.project), pages));
  }

  private async send(notice: Notice | undefined): Promise<void> {
    if (!notice) return;
    const { to, except, ...payload } = notice;
    const { notifications, logger } = this.options;
    await notifications
      .send({
        recipients: {
          type: 'entity',
          entityRef: to,
          ...(except && { excludeEntityRef: except }),
        },
        payload: { ...payload, topic: 'mlops' },
      })
      .catch(error =>
        logger.debug(`'${notice.title}' was told to nobody: ${error.message}`),
      );
  }
}
