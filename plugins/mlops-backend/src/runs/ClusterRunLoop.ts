/*
 * One run on a cluster while it is not over: make sure that its workflow is there, write down what the cluster says of it, keep
 * its logs before the pods go, and pass on what people ask. As with runs of this machine every write carries the lease, so one
 * portal at a time speaks for a run; the cluster itself takes the same wish twice without harm.
 */
import { isTerminal, type WorkflowState } from '@backstage-mlops/argo-engine';
import {
  type EngineObservation,
  type RunTrigger,
} from '@backstage-mlops/mlops-core';
import { isDatabaseTrouble } from '../isDatabaseTrouble';
import { explainEnd } from './explainEnd';
import { activePhases, LeaseLostError, type Lease } from './Leases';
import type { RunDriver } from './RunDriver';
import type { StepAttemptRow } from './AttemptStore';
import { ClusterLogs, type ClusterLogsOptions } from './ClusterLogs';
import type { PassRecord, RunStore } from './RunStore';
import type { StoredRun } from './StoredRun';

export interface ClusterRunLoopOptions extends ClusterLogsOptions {
  store: RunStore;
  environment: Record<string, string>;
  secrets: Record<string, string>;
  admission(signal: AbortSignal): Promise<void>;
  onChange(state: WorkflowState): void;
  onEnd(state: WorkflowState): Promise<void>;
  onTrouble(error: Error): void;
}

const lookMs = 5_000;
/** What a controller writes in quick succession is taken in together: the last state counts. */
const restMs = 500;
/** A run without news is asked for itself, rarer and rarer: the news may have been lost on its way. */
const firstDoubtMs = 20_000;
const longestDoubtMs = 300_000;
const patienceMs = 2_000;
/** A pod that is gone answers no more; its log is waited for so long after the run's end. */
const logsMs = 60_000;

export class ClusterRunLoop implements RunDriver {
  private readonly waiting = new AbortController();
  private readonly logs: ClusterLogs;
  private state: WorkflowState;
  private version?: string;
  private newsAt = Date.now();
  private doubtMs = firstDoubtMs;
  private shutdown?: 'Stop' | 'Terminate';
  private told?: 'Stop' | 'Terminate';
  private controlled = true;
  private lost = false;
  private changed = false;
  private savedAt = 0;
  private wake = () => {};

  constructor(
    private readonly run: StoredRun,
    private readonly lease: Lease,
    private readonly options: ClusterRunLoopOptions,
  ) {
    this.state = run.state;
    this.shutdown = run.shutdown;
    this.logs = new ClusterLogs(this.id, options);
  }

  private get id(): string {
    return this.run.summary.id;
  }

  async toEnd(): Promise<WorkflowState> {
    this.logs.goOn(await this.options.store.attempts.list(this.id));
    await this.waitForTurn();
    if (!(await this.begin())) return this.state;
    while (!isTerminal(this.state)) {
      await this.patiently(() => this.doWishes());
      await this.patiently(() => this.look());
      if (!isTerminal(this.state)) await this.nextEvent();
      this.check();
    }
    return this.state;
  }

  requestControl(): void {
    this.controlled = true;
    this.notify();
  }

  requestShutdown(shutdown: 'Stop' | 'Terminate'): void {
    this.shutdown = shutdown;
    this.waiting.abort();
    this.notify();
  }

  hearNews(): void {
    this.notify();
  }

  private notify(): void {
    this.changed = true;
    this.wake();
  }

  giveUp(): void {
    this.lost = true;
    this.waiting.abort();
    this.logs.leave();
    this.notify();
  }

  /** The workflow goes on without the portal. */
  async endWithPortal(): Promise<void> {
    this.giveUp();
    await this.logs.settled();
  }

  private async waitForTurn(): Promise<void> {
    if (this.state.startedAt || this.shutdown) return;
    await this.patiently(() => this.options.admission(this.waiting.signal));
    this.check();
  }

  // A run that was seen on the cluster is not submitted again: whoever deleted it there meant it.
  private async begin(): Promise<boolean> {
    if (this.state.startedAt) {
      await this.provide(this.run.summary.trigger.kind);
      return true;
    }
    for (;;) {
      this.check();
      if (this.shutdown && !(await this.isThere())) {
        await this.end({
          ...this.state,
          phase: 'Failed',
          message: `Stopped with strategy '${this.shutdown}'`,
        });
        return false;
      }
      try {
        await this.submit();
        return true;
      } catch (error) {
        const { message } = error as Error;
        if (!isPassing(error)) {
          await this.end({ ...this.state, phase: 'Error', message });
          return false;
        }
        await this.tellTrouble(error as Error);
        await this.pause(patienceMs);
      }
    }
  }

  private submit(): Promise<void> {
    const { summary, workflow } = this.run;
    return this.options.engine.submit({
      id: this.id,
      project: summary.project,
      pipeline: summary.pipeline,
      commit: summary.commit,
      file: summary.file,
      by: summary.trigger.by,
      workflow,
      environment: this.options.environment,
      secrets: this.options.secrets,
    });
  }

  // Whoever waits for the run to begin learns why it does not.
  private async tellTrouble(error: Error): Promise<void> {
    this.options.onTrouble(error);
    const { message } = error;
    if (isDatabaseTrouble(error) || message === this.state.message) return;
    await this.patiently(() => this.save({ ...this.state, message }));
  }

  // Steps of a workflow that the portal did not submit wait for what they read. It may be over, or refuse: then nobody waits.
  private async provide(kind: RunTrigger['kind']): Promise<void> {
    const { engine, environment, secrets, onTrouble } = this.options;
    if (kind !== 'cluster' && kind !== 'schedule') return;
    try {
      await this.patiently(async () =>
        engine.provide?.(this.id, { environment, secrets }),
      );
    } catch (error) {
      if (error instanceof LeaseLostError || isPassing(error)) throw error;
      onTrouble(error as Error);
    }
  }

  private async isThere(): Promise<boolean> {
    const seen = await this.patiently(() =>
      this.options.engine.observe(this.id, { fresh: true }),
    );
    return seen !== undefined;
  }

  private async doWishes(): Promise<void> {
    const { engine, store } = this.options;
    if (this.shutdown && this.told !== this.shutdown) {
      await ignoreOver(engine.shutdown(this.id, this.shutdown));
      this.told = this.shutdown;
    }
    if (!this.controlled) return;
    const controls = await store.controls.list(this.id);
    for (const control of controls) {
      // A wish that cannot be done any more is dropped; it was looked at when it was made.
      await ignoreOver(
        control.kind === 'suspend'
          ? engine.suspend(this.id)
          : engine.resume(this.id, control),
      );
      await this.write({
        state: this.state,
        keepsCause: true,
        controlsDone: 1,
      });
    }
    this.controlled = false;
  }

  private async look(): Promise<void> {
    this.changed = false;
    const fresh = Date.now() - this.newsAt > this.doubtMs;
    const seen = await this.options.engine.observe(this.id, { fresh });
    if (!seen) return this.gone();
    const isNews = seen.version !== this.version;
    if (isNews || fresh) this.newsAt = Date.now();
    if (isNews) this.doubtMs = firstDoubtMs;
    else if (fresh) this.doubtMs = Math.min(longestDoubtMs, this.doubtMs * 2);
    if (isNews) await this.take(seen);
    return undefined;
  }

  private async take(seen: EngineObservation): Promise<void> {
    const { state } = seen;
    const beginnings = this.logs.choose(state);
    const begun = beginnings.map(({ attempt }) => attempt);
    const next =
      seen.nodesMissing && !state.message
        ? { ...state, message: seen.nodesMissing }
        : state;
    // A log is copied once it is written down that it will be.
    if (!isTerminal(next)) await this.save(next, begun);
    else if (begun.length > 0)
      await this.write({ state: this.state, keepsCause: true, begun });
    this.logs.begin(beginnings);
    if (isTerminal(next)) await this.end(next);
    this.version = seen.version;
  }

  private async gone(): Promise<void> {
    const now = new Date().toISOString();
    await this.end({
      ...this.state,
      phase: 'Error',
      message: `The workflow is gone from the cluster '${this.options.engine.name}'; somebody deleted it there.`,
      finishedAt: now,
      nodes: Object.fromEntries(
        Object.entries(this.state.nodes).map(([id, node]) => [
          id,
          !activePhases.includes(node.phase)
            ? node
            : { ...node, phase: 'Error' as const, finishedAt: now },
        ]),
      ),
    });
  }

  // Logs first: once a run is over, nobody follows them any more.
  private async end(state: WorkflowState): Promise<void> {
    await Promise.race([
      this.logs.settled(),
      new Promise(resolve => setTimeout(resolve, logsMs).unref()),
    ]);
    this.check();
    const now = new Date().toISOString();
    const whole = { ...state, finishedAt: state.finishedAt ?? now };
    await this.options.onEnd(whole);
    await this.save(whole);
  }

  private async save(
    state: WorkflowState,
    begun: StepAttemptRow[] = [],
  ): Promise<void> {
    const ended = [...this.logs.ended];
    const cause = await explainEnd(state, nodeId =>
      this.logs.directoryOf(nodeId),
    );
    await this.write({
      state,
      cause,
      begun,
      ended,
      givesBack: isTerminal(state),
    });
    this.logs.ended.splice(0, ended.length);
    this.savedAt = Date.now();
    this.state = state;
    this.options.onChange(state);
  }

  private write(pass: PassRecord): Promise<void> {
    return this.options.store.savePassInGroup(this.lease, pass);
  }

  private check(): void {
    if (this.lost) throw new LeaseLostError(this.id);
  }

  // A cluster or a database that does not answer is waited for; the workflow goes on meanwhile.
  private async patiently<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      this.check();
      try {
        return await work();
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.options.onTrouble(error as Error);
        await this.pause(patienceMs);
      }
    }
  }

  private async nextEvent(): Promise<void> {
    const rest = () => this.savedAt + restMs - Date.now();
    while (rest() > 0 && !this.isAsked) await this.pause(rest());
    if (!this.changed && !this.isAsked) await this.pause(lookMs);
  }

  private get isAsked(): boolean {
    return this.lost || this.controlled || this.shutdown !== this.told;
  }

  private async pause(ms: number): Promise<void> {
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => {};
  }
}

const isPassing = (error: unknown) =>
  isDatabaseTrouble(error) ||
  (error as Error).name === 'ServiceUnavailableError';

async function ignoreOver(work: Promise<void>): Promise<void> {
  await work.catch(error => {
    if (!['ConflictError', 'NotFoundError', 'InputError'].includes(error.name))
      throw error;
  });
}
