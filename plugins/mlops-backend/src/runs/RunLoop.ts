/*
 * One run while it is not over: ask `operate` what comes next, write the answer down, do it, wait for something to happen.
 * The state is written after every pass, an attempt before its process starts, so another portal can go on from there. Every
 * write carries the lease, so a portal that was thought dead cannot undo what its successor did.
 */
import {
  isTerminal,
  type OperateResult,
  type WorkflowState,
} from '@backstage-mlops/argo-engine';
import { isDatabaseTrouble } from '../isDatabaseTrouble';
import type { AttemptEnd } from './AttemptStore';
import { decide } from './decide';
import { explainEnd } from './explainEnd';
import { failpoint } from './failpoint';
import { activePhases, LeaseLostError, type Lease } from './Leases';
import { LocalSteps, type LocalStepsOptions } from './LocalSteps';
import { LockTakenError } from './LockStore';
import { mentions } from './mentions';
import type { RunDriver } from './RunDriver';
import type { RunSize } from './runSize';
import type { PassRecord, RunStore } from './RunStore';
import type { StoredRun } from './StoredRun';

/** What a loop works with. */
export interface RunLoopOptions extends LocalStepsOptions {
  store: RunStore;
  /** How large a run may grow. */
  size: RunSize;
  /** Waits until the run may begin; gives up when the signal says so. */
  admission(signal: AbortSignal): Promise<void>;
  /** Told after every pass. */
  onChange(state: WorkflowState): void;
  /** Told before the end is written down; told again when the portal dies in between. */
  onEnd(state: WorkflowState): Promise<void>;
  /** Told when the database does not answer; the loop tries again. */
  onTrouble(error: Error): void;
}

const patienceMs = 1000;
/** That a step goes on is written down with what comes next, or after so long: a short step then costs one write, not two. */
const goesOnMs = 100;

export class RunLoop implements RunDriver {
  private readonly steps: LocalSteps;
  private readonly waiting = new AbortController();
  private readonly watchesSteps: boolean;
  private state: WorkflowState;
  private shutdown?: 'Stop' | 'Terminate';
  private portalEnds = false;
  private lost = false;
  private wake = () => {};
  private changed = false;
  private controlled = true;
  private soon?: NodeJS.Timeout;

  constructor(
    private readonly run: StoredRun,
    private readonly lease: Lease,
    private readonly options: RunLoopOptions,
  ) {
    this.state = run.state;
    this.shutdown = run.shutdown;
    // A hook may wait for a step to be seen running.
    this.watchesSteps = mentions(run.workflow, 'hooks');
    this.steps = new LocalSteps(run, lease, options.store.attempts, options, {
      onNews: () => this.notify(),
      onGoesOn: () => this.notifySoon(),
      onLost: () => this.giveUp(),
      onTrouble: error => options.onTrouble(error),
      refusalOf: nodeId => this.refusalOf(nodeId),
      isOver: nodeId => this.isOver(nodeId),
      patiently: work => this.patiently(work),
    });
  }

  private get id(): string {
    return this.run.summary.id;
  }

  /** Runs to the end. LeaseLostError when another portal goes on with the run; its steps are left alone. */
  async toEnd(): Promise<WorkflowState> {
    try {
      await this.steps.adopt(this.state);
      await this.waitForTurn();
      while (!isTerminal(this.state)) {
        const { stop, requeueAt } = await this.pass();
        for (const nodeId of stop) await this.steps.stop(nodeId, 'stopped');
        if (!isTerminal(this.state)) await this.nextEvent(requeueAt);
        if (this.lost || (this.portalEnds && this.steps.isElsewhere()))
          throw new LeaseLostError(this.id);
      }
    } finally {
      clearTimeout(this.soon);
      this.steps.close();
    }
    await this.settle();
    return this.state;
  }

  // A run that began has had its turn; one that a person ends needs none.
  private async waitForTurn(): Promise<void> {
    if (this.state.startedAt || this.shutdown) return;
    await this.patiently(() => this.options.admission(this.waiting.signal));
    if (this.lost) throw new LeaseLostError(this.id);
  }

  private async pass(): Promise<OperateResult> {
    for (;;) {
      this.changed = false;
      clearTimeout(this.soon);
      this.soon = undefined;
      // What ends from here on is news for the next pass, and is written down with it.
      const ended = [...this.steps.ended];
      const { controlled } = this;
      const { result, record } = await this.patiently(() =>
        decide(this.options.store, {
          run: this.run,
          state: this.state,
          pods: this.steps.pods,
          shutdown: this.shutdown,
          controlled,
          onRefused: message => this.options.onTrouble(new Error(message)),
          size: this.options.size,
        }),
      );
      failpoint('state-computed');
      if (record.controlsDone) failpoint('control-applied');
      const beginnings = this.steps.choose(result);
      try {
        await this.save({
          ...record,
          state: result.state,
          begun: beginnings.map(({ attempt }) => attempt),
          ended,
        });
      } catch (error) {
        this.steps.withdraw(beginnings, result);
        if (error instanceof LockTakenError) continue;
        throw error;
      }
      if (controlled) this.controlled = false;
      if (record.saves?.length) failpoint('cache-saved');
      failpoint('state-saved');
      this.steps.begin(beginnings, result);
      return result;
    }
  }

  // Argo calls a run over when its steps are told to end; here nothing of it may live on.
  private async settle(): Promise<void> {
    await this.steps.settled();
    const { ended } = this.steps;
    if (this.lost || ended.length === 0) return;
    await this.patiently(() =>
      this.options.store.savePass(this.lease, {
        state: this.state,
        keepsCause: true,
        ended,
      }),
    );
  }

  /** A person asked something of the run. */
  requestControl(): void {
    this.controlled = true;
    this.notify();
  }

  /** The lease is gone: ends the loop without touching a step. */
  giveUp(): void {
    this.lost = true;
    this.waiting.abort();
    this.steps.leave();
    this.notify();
  }

  /** The engine failed: no step may outlive its run. */
  async breakOff(): Promise<AttemptEnd[]> {
    await this.steps.breakOff();
    return this.steps.ended;
  }

  /** A person wants the end. */
  requestShutdown(shutdown: 'Stop' | 'Terminate'): void {
    this.shutdown = shutdown;
    this.waiting.abort();
    this.notify();
  }

  /** The portal ends: its steps end with it, and say so. */
  async endWithPortal(): Promise<void> {
    this.portalEnds = true;
    // A run that waits for its turn goes on waiting when a portal starts again.
    if (!this.state.startedAt) {
      this.giveUp();
      return;
    }
    await this.steps.endWithPortal();
    this.notify();
  }

  private async save(
    record: PassRecord & { ended: AttemptEnd[] },
  ): Promise<void> {
    const { state, ended } = record;
    const cause = await explainEnd(state, nodeId =>
      this.steps.directoryOf(nodeId),
    );
    await this.patiently(async () => {
      if (isTerminal(state)) {
        await this.options.onEnd(state);
        failpoint('tracking-ended');
      }
      await this.options.store.savePass(this.lease, { ...record, cause });
    });
    if (isTerminal(state)) failpoint('end-saved');
    this.steps.ended.splice(0, ended.length);
    this.state = state;
    this.options.onChange(state);
  }

  // A database that does not answer is waited for; the steps go on meanwhile.
  private async patiently<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      if (this.lost) throw new LeaseLostError(this.id);
      try {
        return await work();
      } catch (error) {
        if (this.portalEnds || !isDatabaseTrouble(error)) throw error;
        this.options.onTrouble(error as Error);
        await new Promise(resolve => setTimeout(resolve, patienceMs));
      }
    }
  }

  // After a stop only exit handlers begin.
  private refusalOf(nodeId: string): string | undefined {
    if (this.portalEnds) return 'portal was shut down';
    const runsOnExit = this.state.nodes[nodeId]?.onExitPod === true;
    if (!this.shutdown || (this.shutdown === 'Stop' && runsOnExit))
      return undefined;
    return `workflow shutdown with strategy:  ${this.shutdown}`;
  }

  private isOver(nodeId: string): boolean {
    const phase = this.state.nodes[nodeId]?.phase;
    return phase !== undefined && !activePhases.includes(phase);
  }

  private notify(): void {
    this.changed = true;
    this.wake();
  }

  private notifySoon(): void {
    if (this.watchesSteps) this.notify();
    else this.soon ??= setTimeout(() => this.notify(), goesOnMs);
  }

  private async nextEvent(requeueAt: string | undefined): Promise<void> {
    if (this.changed) return;
    await new Promise<void>(resolve => {
      const timer = requeueAt
        ? setTimeout(
            resolve,
            Math.max(0, Date.parse(requeueAt) - Date.now()) + 5,
          )
        : undefined;
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => {};
  }
}
