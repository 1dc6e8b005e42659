/*
 * Checks of every head of every open change, also one that was pushed by hand. A check stands in the database before anything is
 * done for it, and a portal that looks at one holds it by a lease, so that another goes on with it when this one ends.
 */
import type { LoggerService } from '@backstage/backend-plugin-api';
import type {
  PullRequest,
  PullRequestDetail,
  PullRequestHost,
} from '@backstage-mlops/mlops-core';
import { BackgroundLoop } from '../BackgroundLoop';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import { failpoint } from '../runs/failpoint';
import type { ChangeCheck, CheckResult } from './ChangeCheck';
import type { ChangeFacts, ChangeStore, CheckRow } from './ChangeStore';
import { readContext } from './ContextReader';

export interface CheckRunnerOptions {
  host: PullRequestHost;
  store: ChangeStore;
  index: GitopsIndex;
  checks: ChangeCheck[];
  factsOf(request: PullRequest): Promise<ChangeFacts>;
  /** Ends what a portal that stopped left half done. */
  repair(): Promise<void>;
  onChange(number: number): void;
  logger: LoggerService;
  /** Pause between two looks, in ms. */
  everyMs: number;
}

const leaseMs = 30_000;
const atOnce = 4;

export class CheckRunner {
  readonly loop: BackgroundLoop;
  private round?: Promise<void>;
  private wanted = false;

  constructor(private readonly options: CheckRunnerOptions) {
    this.loop = new BackgroundLoop({
      name: 'changes',
      everyMs: options.everyMs,
      patienceMs: 120_000,
      logger: options.logger,
      work: async signal => {
        await options.repair();
        await this.watch(signal);
        await this.look();
      },
    });
  }

  /** Looks at once instead of in the next round. */
  nudge(): void {
    this.wanted = true;
    this.look().catch(error =>
      this.options.logger.warn(`changes: ${error.message}`),
    );
  }

  /** Writes down the checks of the present head, unless they are there. */
  async ensure(change: PullRequestDetail): Promise<boolean> {
    if (change.state !== 'open') return false;
    const { host, store, index, checks } = this.options;
    const facts = await this.options.factsOf(change);
    const context = await readContext(change, facts, index, {
      by: change.author,
    });
    await this.drop(change.number, change.head);
    let isNew = false;
    for (const check of checks) {
      if (!(await check.applies(context))) continue;
      if (!(await store.addCheck(change.number, check.name, change.head)))
        continue;
      isNew = true;
      await host.setCheck(change.number, {
        name: check.name,
        commit: change.head,
        state: 'pending',
        message: 'Waits for its turn.',
      });
    }
    return isNew;
  }

  /** Ends checks of a change that are not over, but for those of one commit. */
  async drop(number: number, except?: string): Promise<void> {
    await this.abandon(await this.options.store.dropPending(number, except));
  }

  private async abandon(rows: CheckRow[]): Promise<void> {
    const { checks, logger } = this.options;
    for (const row of rows)
      await checks
        .find(check => check.name === row.name)
        ?.abandon?.(row)
        .catch(error =>
          logger.warn(
            `changes: the check '${row.name}' of ${row.number} goes on: ${error.message}`,
          ),
        );
  }

  // Heads that moved, by whatever way.
  private async watch(signal: AbortSignal): Promise<void> {
    const { host, store, onChange } = this.options;
    let cursor: string | undefined;
    do {
      const page = await host.list({ state: 'open', limit: 100, cursor });
      const known = new Set(
        (await store.checkStates(page.items.map(item => item.number))).map(
          ({ number, commit }) => `${number} ${commit}`,
        ),
      );
      for (const { number, head } of page.items) {
        if (signal.aborted) return;
        if (known.has(`${number} ${head}`)) continue;
        if (await this.ensure(await host.get(number))) onChange(number);
      }
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }

  /** One look at everything that is pending. */
  private look(): Promise<void> {
    this.round ??= this.lookOnce().finally(() => {
      this.round = undefined;
      if (this.wanted) this.nudge();
    });
    return this.round;
  }

  private async lookOnce(): Promise<void> {
    this.wanted = false;
    const rows = await this.options.store.pending();
    for (let place = 0; place < rows.length; place += atOnce)
      await Promise.all(
        rows.slice(place, place + atOnce).map(row => this.lookAt(row)),
      );
  }

  private async lookAt(row: CheckRow): Promise<void> {
    const { host, store, checks, onChange } = this.options;
    if (!(await store.take(row, leaseMs))) return;
    const check = checks.find(item => item.name === row.name);
    const change = await host.get(row.number);
    if (change.state !== 'open' || change.head !== row.commit) {
      await this.drop(
        row.number,
        change.state === 'open' ? change.head : undefined,
      );
      return;
    }
    const result: CheckResult = check
      ? await this.resultOf(check, change, row)
      : { state: 'failed', message: 'There is no such check.' };
    const isNews =
      result.state !== row.state ||
      result.message !== row.message ||
      result.logUrl !== row.logUrl;
    // The host first: when the portal ends in between, the check is pending and looked at once more.
    if (isNews && (await store.isPresent(row)))
      await host.setCheck(row.number, {
        name: row.name,
        commit: row.commit,
        ...result,
      });
    failpoint('change-check-told');
    if (await store.tell(row, result)) {
      if (isNews) onChange(row.number);
      // It was dropped, or begun anew, while it was looked at.
    } else if (result.state === 'pending') await this.abandon([row]);
  }

  private async resultOf(
    check: ChangeCheck,
    change: PullRequestDetail,
    row: CheckRow,
  ): Promise<CheckResult> {
    try {
      const facts = await this.options.factsOf(change);
      return await check.run(
        await readContext(change, facts, this.options.index, {
          by: change.author,
          attempt: row.attempt,
        }),
      );
    } catch (error) {
      const { name, message } = error as Error;
      if (['InputError', 'NotFoundError', 'ConflictError'].includes(name))
        return { state: 'failed', message };
      this.options.logger.warn(
        `changes: the check '${check.name}' of ${row.number}: ${message}`,
      );
      return { state: 'pending', message: 'It is tried again.' };
    }
  }
}
