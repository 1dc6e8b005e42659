/*
 * One run on a cluster while it is not over: make sure that its workflow is there, write down what the cluster says of it, keep
 * its logs before the pods go, and pass on what people ask. As with runs of this machine every write carries the lease, so one
 * portal at a time speaks for a run; the cluster itself takes the same wish twice without harm.
 */
import {
  isTerminal,
  type NodeStatus,
  type WorkflowState,
} from '@backstage-mlops/argo-engine';
import {
  findCause,
  type EngineObservation,
  type RunTrigger,
  type WorkflowEngine,
} from '@backstage-mlops/mlops-core';
import { keepLog } from '@backstage-mlops/mlops-executor';
import path from 'node:path';
import os from 'node:os';
import { isDatabaseTrouble } from '../isDatabaseTrouble';
import { explainEnd } from './explainEnd';
import { LeaseLostError, type Lease } from './Leases';
import type { RunDriver } from './RunDriver';
import type { AttemptEnd, StepAttemptRow } from './AttemptStore';
import type { PassRecord, RunStore } from './RunStore';
import type { StoredRun } from './StoredRun';
import type { Slots } from './Slots';

export interface ClusterRunLoopOptions {
  engine: WorkflowEngine;
  store: RunStore;
  /** Places for logs of steps that are over, which are read at once; a step that goes on is followed without one. */
  reading: Slots;
  folder: string;
  environment: Record<string, string>;
  secrets: Record<string, string>;
  logBytes?: number;
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

const isOver = ({ phase }: Pick<NodeStatus, 'phase'>) =>
  phase !== 'Pending' && phase !== 'Running';

export class ClusterRunLoop implements RunDriver {
  private readonly leaving = new AbortController();
  private readonly waiting = new AbortController();
  private readonly logs = new Map<string, Promise<void>>();
  private readonly directories = new Map<string, string>();
  private readonly ended: AttemptEnd[] = [];
  private attempts: StepAttemptRow[] = [];
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
  }

  private get id(): string {
    return this.run.summary.id;
  }

  async toEnd(): Promise<WorkflowState> {
    this.attempts = await this.options.store.attempts.list(this.id);
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
    this.leaving.abort();
    this.notify();
  }

  /** The workflow goes on without the portal. */
  async endWithPortal(): Promise<void> {
    this.giveUp();
    await Promise.allSettled(this.logs.values());
  }

  private async waitForTurn(): Promise<void> {
    if (this.state.startedAt || this.shutdown) return;
    await this.patiently(() => this.options.admission(this.waiting.signal));
    this.check();
  }

  // A run that was seen on the cluster is not submitted again: whoever deleted it there meant it.
  private async begin(): Promise<boolean> {
    const { summary, workflow } = this.run;
    if (this.state.startedAt) {
      await this.provide(summary.trigger.kind);
      return true;
    }
    if (this.shutdown && !(await this.isThere())) {
      await this.end({
        ...this.state,
        phase: 'Failed',
        message: `Stopped with strategy '${this.shutdown}'`,
      });
      return false;
    }
    try {
      await this.patiently(() =>
        this.options.engine.submit({
          id: this.id,
          project: summary.project,
          pipeline: summary.pipeline,
          commit: summary.commit,
          file: summary.file,
          by: summary.trigger.by,
          workflow,
          environment: this.options.environment,
          secrets: this.options.secrets,
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof LeaseLostError || isPassing(error)) throw error;
      await this.end({
        ...this.state,
        phase: 'Error',
        message: (error as Error).message,
      });
      return false;
    }
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
    const steps = Object.values(state.nodes).filter(
      node => node.type === 'Pod' && node.phase !== 'Pending',
    );
    for (const node of steps) this.goOnKeeping(node);
    const fresh = steps.filter(node => !this.logs.has(keyOf(node)));
    const begun = fresh.map(node => this.newAttempt(node.id));
    const next =
      seen.nodesMissing && !state.message
        ? { ...state, message: seen.nodesMissing }
        : state;
    // A log is copied once it is written down that it will be.
    if (!isTerminal(next)) await this.save(next, begun);
    else if (begun.length > 0)
      await this.write({ state: this.state, keepsCause: true, begun });
    fresh.forEach((node, index) => this.keep(node, begun[index]));
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
          isOver(node)
            ? node
            : { ...node, phase: 'Error' as const, finishedAt: now },
        ]),
      ),
    });
  }

  // Logs first: once a run is over, nobody follows them any more.
  private async end(state: WorkflowState): Promise<void> {
    await Promise.race([
      Promise.allSettled(this.logs.values()),
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
    const ended = [...this.ended];
    const broken =
      isTerminal(state) && state.phase !== 'Succeeded'
        ? findCause(state.nodes)
        : undefined;
    const cause = broken && {
      node: broken.displayName,
      message: await explainEnd(
        this.directories.get(broken.id),
        broken.message ?? broken.phase,
      ),
    };
    await this.write({
      state,
      cause,
      begun,
      ended,
      givesBack: isTerminal(state),
    });
    this.ended.splice(0, ended.length);
    this.savedAt = Date.now();
    this.state = state;
    this.options.onChange(state);
  }

  private write(pass: PassRecord): Promise<void> {
    return this.options.store.savePassInGroup(this.lease, pass);
  }

  // The log of a node that an earlier portal began to keep. A node that began anew, by a retry, has a log of its own.
  private goOnKeeping(node: NodeStatus): void {
    const key = keyOf(node);
    const known = this.logs.has(key)
      ? undefined
      : this.attempts.filter(({ nodeId }) => nodeId === node.id).at(-1);
    if (!known || known.createdAt < node.startedAt) return;
    this.directories.set(node.id, known.directory);
    this.logs.set(
      key,
      known.state === 'open' ? this.copyLog(node, known) : Promise.resolve(),
    );
  }

  // Nobody else adds attempts of a run that is led here, so their number is known.
  private newAttempt(nodeId: string): StepAttemptRow {
    const name = nodeId.replace(/[^A-Za-z0-9._-]/g, '_');
    const base = path.join(this.options.folder, this.id, name);
    const attempt = this.attempts.filter(row => row.nodeId === nodeId).length;
    return {
      nodeId,
      attempt,
      directory: attempt === 0 ? base : `${base}.${attempt}`,
      state: 'open',
      host: os.hostname(),
      createdAt: new Date().toISOString(),
    };
  }

  private keep(node: NodeStatus, attempt: StepAttemptRow): void {
    this.attempts.push(attempt);
    this.directories.set(node.id, attempt.directory);
    this.logs.set(keyOf(node), this.copyLog(node, attempt));
  }

  private async copyLog(
    node: NodeStatus,
    attempt: StepAttemptRow,
  ): Promise<void> {
    const { engine, logBytes, reading } = this.options;
    const leave = isOver(node)
      ? await reading.take(this.leaving.signal)
      : undefined;
    try {
      await keepLog(attempt.directory, {
        read: () => engine.followLog(this.id, node.id, this.leaving.signal),
        limitBytes: logBytes,
        end: async () => {
          // Cut off by the portal's own end: the next one goes on.
          if (this.lost) throw new LeaseLostError(this.id);
          const seen = await engine.observe(this.id);
          const last = seen?.state.nodes[node.id] ?? node;
          return {
            exitCode: Number(
              last.outputs?.exitCode ?? (last.phase === 'Succeeded' ? 0 : 1),
            ),
            startedAt: last.startedAt,
            finishedAt: last.finishedAt ?? new Date().toISOString(),
          };
        },
      });
      this.ended.push({
        nodeId: node.id,
        attempt: attempt.attempt,
        state: 'ended',
      });
    } catch (error) {
      if (this.lost) return;
      this.options.onTrouble(error as Error);
    } finally {
      leave?.();
    }
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

const keyOf = ({ id, startedAt }: NodeStatus) => `${id} ${startedAt}`;

const isPassing = (error: unknown) =>
  isDatabaseTrouble(error) ||
  (error as Error).name === 'ServiceUnavailableError';

async function ignoreOver(work: Promise<void>): Promise<void> {
  await work.catch(error => {
    if (!['ConflictError', 'NotFoundError', 'InputError'].includes(error.name))
      throw error;
  });
}
