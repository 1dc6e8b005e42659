/*
 * Work that is done again and again while the portal lives. Each round that ends well is a heartbeat; a watchdog gives a round
 * that hangs up and begins the next, so one lost answer never stops a loop for good.
 */
import type { LoggerService } from '@backstage/backend-plugin-api';

/** How a loop stands. */
export type LoopState = 'ok' | 'starting' | 'failed' | 'late' | 'stopped';

export interface BackgroundLoopOptions {
  /** As health names it. */
  name: string;
  /** Pause between two rounds, in ms. */
  everyMs: number;
  /** A round that takes longer is given up; default 30 s. */
  patienceMs?: number;
  logger: LoggerService;
  /** One round. The signal aborts when nobody waits for it any more. */
  work(signal: AbortSignal): Promise<void>;
}

export class BackgroundLoop {
  private timer?: ReturnType<typeof setTimeout>;
  private round?: Promise<void>;
  private ended = false;
  private beatAt?: number;
  private complaint?: string;

  constructor(private readonly options: BackgroundLoopOptions) {}

  get name(): string {
    return this.options.name;
  }

  get state(): LoopState {
    if (this.ended) return 'stopped';
    if (this.complaint !== undefined) return 'failed';
    if (this.beatAt === undefined) return 'starting';
    const { everyMs, patienceMs = 30_000 } = this.options;
    return Date.now() - this.beatAt > everyMs + patienceMs ? 'late' : 'ok';
  }

  /** Does the first round and goes on by itself. A round that fails is told once and done again. */
  async start(): Promise<void> {
    this.round = this.once();
    await this.round;
    if (!this.ended)
      this.timer = setTimeout(() => this.start(), this.options.everyMs);
  }

  /** Ends after the round that runs now. */
  async stop(): Promise<void> {
    this.ended = true;
    clearTimeout(this.timer);
    await this.round;
  }

  private async once(): Promise<void> {
    const { name, logger, patienceMs = 30_000, work } = this.options;
    const given = new AbortController();
    let watchdog: ReturnType<typeof setTimeout> | undefined;
    try {
      await Promise.race([
        work(given.signal),
        new Promise<never>((_resolve, reject) => {
          watchdog = setTimeout(
            () => reject(new Error(`no answer for ${patienceMs / 1000} s`)),
            patienceMs,
          );
        }),
      ]);
      if (this.complaint !== undefined) logger.info(`${name}: works again`);
      this.complaint = undefined;
      this.beatAt = Date.now();
    } catch (error) {
      given.abort();
      const { message } = error as Error;
      if (message !== this.complaint) logger.warn(`${name}: ${message}`);
      this.complaint = message;
    } finally {
      clearTimeout(watchdog);
    }
  }
}
