/*
 * One run while it is not over: ask `operate` what comes next, write the answer down, do it, wait for something to happen.
 * The state is written after every pass, an attempt before its process starts, so another portal can go on from there. Every
 * write carries the lease, so a portal that was thought dead cannot undo what its successor did.
 */
import {
  isTerminal,
  type OperateResult,
  type PodObservation,
  type PodRequest,
  type WorkflowState,
} from '@backstage-mlops/argo-engine';
import {
  waitForEnd,
  type LocalStepRunner,
  type StepOutcome,
} from '@backstage-mlops/mlops-executor';
import { findCause } from '@backstage-mlops/mlops-core';
import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { isDatabaseTrouble } from '../isDatabaseTrouble';
import { failpoint } from './failpoint';
import { LeaseLostError, type Lease } from './Leases';
import { decide } from './decide';
import { explainEnd } from './explainEnd';
import { LockTakenError } from './LockStore';
import type { AttemptEnd, StepAttemptRow } from './AttemptStore';
import type { PassRecord, RunStore } from './RunStore';
import type { StoredRun } from './StoredRun';
import type { RunDriver } from './RunDriver';
import type { RunSize } from './runSize';
import type { Slots } from './Slots';
import { isElsewhere, waitForUnseen } from './UnseenSteps';

/** What a loop works with. */
export interface RunLoopOptions {
  store: RunStore;
  runner: LocalStepRunner;
  slots: Slots;
  folder: string;
  environment: Record<string, string>;
  /** A step that sees no portal for so long ends. */
  orphanSeconds: number;
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

const shutDown = 'portal was shut down';
const patienceMs = 1000;

export class RunLoop implements RunDriver {
  private readonly pods: Record<string, PodObservation> = {};
  private readonly attempts = new Map<string, StepAttemptRow>();
  private readonly ended: AttemptEnd[] = [];
  private readonly ending = new AbortController();
  private readonly leaving = new AbortController();
  private readonly waiting = new AbortController();
  private state: WorkflowState;
  private shutdown?: 'Stop' | 'Terminate';
  private portalEnds = false;
  private lost = false;
  private wake = () => {};
  private changed = false;
  private controlled = true;
  private readonly following = new Map<string, Promise<void>>();
  /** Nodes whose step is on a machine that does not answer. */
  private readonly unseen = new Set<string>();

  constructor(
    private readonly run: StoredRun,
    private readonly lease: Lease,
    private readonly options: RunLoopOptions,
  ) {
    this.state = run.state;
    this.shutdown = run.shutdown;
  }

  private get id(): string {
    return this.run.summary.id;
  }

  /** Runs to the end. LeaseLostError when another portal goes on with the run; its steps are left alone. */
  async toEnd(): Promise<WorkflowState> {
    try {
      await this.adopt();
      await this.waitForTurn();
      while (!isTerminal(this.state)) {
        const result = await this.pass();
        for (const nodeId of result.stop)
          await this.stopStep(nodeId, 'stopped');
        for (const request of result.start) this.begin(request);
        if (!isTerminal(this.state)) await this.nextEvent(result.requeueAt);
        if (this.lost || this.isLeftToOthers())
          throw new LeaseLostError(this.id);
      }
    } finally {
      this.ending.abort();
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
      // What ends from here on is news for the next pass, and is written down with it.
      const ended = [...this.ended];
      const { controlled } = this;
      const { result, record } = await this.patiently(() =>
        decide(this.options.store, {
          run: this.run,
          state: this.state,
          pods: this.pods,
          shutdown: this.shutdown,
          controlled,
          onRefused: message => this.options.onTrouble(new Error(message)),
          size: this.options.size,
        }),
      );
      failpoint('state-computed');
      if (record.controlsDone) failpoint('control-applied');
      try {
        await this.save({ ...record, state: result.state, ended });
      } catch (error) {
        if (error instanceof LockTakenError) continue;
        throw error;
      }
      if (controlled) this.controlled = false;
      if (record.saves?.length) failpoint('cache-saved');
      failpoint('state-saved');
      return result;
    }
  }

  // Argo calls a run over when its steps are told to end; here nothing of it may live on.
  private async settle(): Promise<void> {
    await Promise.all(this.following.values());
    if (this.lost || this.ended.length === 0) return;
    await this.patiently(() =>
      this.options.store.savePass(this.lease, {
        state: this.state,
        keepsCause: true,
        ended: this.ended,
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
    this.leaving.abort();
    this.ending.abort();
    this.notify();
  }

  /** The engine failed: no step may outlive its run. */
  async breakOff(): Promise<AttemptEnd[]> {
    await Promise.all(
      [...this.attempts.keys()]
        .filter(nodeId => this.isOpen(nodeId))
        .map(nodeId => this.stopStep(nodeId, 'stopped')),
    );
    await Promise.all(this.following.values());
    return this.ended;
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
    this.ending.abort();
    await Promise.all(
      [...this.attempts.keys()]
        .filter(nodeId => this.isOpen(nodeId) && !this.unseen.has(nodeId))
        .map(nodeId => this.stopStep(nodeId, 'shutdown')),
    );
    this.notify();
  }

  // Steps that an earlier portal started go on; those it only wrote down are given up and asked for again.
  private async adopt(): Promise<void> {
    for (const attempt of await this.options.store.attempts.list(this.id))
      this.attempts.set(attempt.nodeId, attempt);
    for (const node of Object.values(this.state.nodes))
      if (
        node.type === 'Pod' &&
        (node.phase === 'Pending' || node.phase === 'Running')
      )
        await this.adoptNode(node);
  }

  private async adoptNode(node: WorkflowState['nodes'][string]): Promise<void> {
    const attempt = this.attempts.get(node.id);
    if (attempt?.state !== 'open') {
      delete node.podRequested;
      return;
    }
    const { nodeId, directory } = attempt;
    if (isElsewhere(attempt, os.hostname())) {
      this.pods[nodeId] = { nodeId, phase: 'Running' };
      this.unseen.add(nodeId);
      this.followUnseen(attempt);
      return;
    }
    await this.patiently(() =>
      this.options.store.attempts.see(this.lease, attempt),
    );
    if (await this.options.runner.abandon(directory)) {
      delete node.podRequested;
      this.attempts.delete(nodeId);
      this.ended.push({ nodeId, attempt: attempt.attempt, state: 'abandoned' });
    } else {
      this.pods[nodeId] = { nodeId, phase: 'Running' };
      this.follow(attempt, () => {});
    }
  }

  private followUnseen(attempt: StepAttemptRow): void {
    const { nodeId } = attempt;
    waitForUnseen(this.lease, attempt, {
      attempts: this.options.store.attempts,
      orphanSeconds: this.options.orphanSeconds,
      signal: this.ending.signal,
      onTrouble: error => this.options.onTrouble(error),
    }).then(
      message => {
        if (message === undefined || this.lost) return;
        this.unseen.delete(nodeId);
        this.ended.push({
          nodeId,
          attempt: attempt.attempt,
          state: 'abandoned',
        });
        this.observe({ nodeId, phase: 'Error', message });
      },
      error => {
        this.options.onTrouble(error);
        this.giveUp();
      },
    );
  }

  // When the portal ends, what it cannot see goes on being waited for by another.
  private isLeftToOthers(): boolean {
    return (
      this.portalEnds &&
      this.unseen.size > 0 &&
      Object.values(this.pods).every(
        ({ nodeId }) => !this.isOpen(nodeId) || this.unseen.has(nodeId),
      )
    );
  }

  private isOpen(nodeId: string): boolean {
    return ['Pending', 'Running'].includes(this.pods[nodeId]?.phase ?? '');
  }

  private async save(
    record: PassRecord & { ended: AttemptEnd[] },
  ): Promise<void> {
    const { state, ended } = record;
    const broken =
      isTerminal(state) && state.phase !== 'Succeeded'
        ? findCause(state.nodes)
        : undefined;
    const cause = broken && {
      node: broken.displayName,
      message: await explainEnd(
        this.attempts.get(broken.id)?.directory,
        broken.message ?? broken.phase,
      ),
    };
    await this.patiently(async () => {
      if (isTerminal(state)) {
        await this.options.onEnd(state);
        failpoint('tracking-ended');
      }
      await this.options.store.savePass(this.lease, { ...record, cause });
    });
    if (isTerminal(state)) failpoint('end-saved');
    this.ended.splice(0, ended.length);
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

  private begin(request: PodRequest): void {
    const { nodeId } = request;
    this.pods[nodeId] = { nodeId, phase: 'Pending' };
    this.startWhenThereIsRoom(request).catch(error => {
      if (error instanceof LeaseLostError) this.giveUp();
      else
        this.observe({
          nodeId,
          phase: 'Error',
          message: `the step could not be started: ${error.message}`,
        });
    });
  }

  private async startWhenThereIsRoom(request: PodRequest): Promise<void> {
    const { nodeId } = request;
    const release = await this.options.slots.take(this.ending.signal);
    if (this.lost || this.isOver(nodeId)) return release?.();
    if (!release || this.portalEnds || !this.mayBegin(nodeId)) {
      release?.();
      return this.observe({
        nodeId,
        phase: 'Failed',
        message:
          this.shutdown && !this.portalEnds
            ? `workflow shutdown with strategy:  ${this.shutdown}`
            : shutDown,
      });
    }
    try {
      const attempt = await this.patiently(() => this.prepare(nodeId));
      await this.options.runner.start({
        attemptId: `${this.id}/${nodeId}/${attempt.attempt}`,
        directory: attempt.directory,
        request,
        env: this.options.environment,
        isolation: this.run.isolation,
        artifactKeyPrefix: `workflows/${this.id}/${nodeId}${
          attempt.attempt === 0 ? '' : `/${attempt.attempt}`
        }`,
      });
      failpoint('step-started');
      // It was stopped while it was being prepared.
      if (this.isOver(nodeId)) await this.stopStep(nodeId, 'stopped');
      this.observe({
        nodeId,
        phase: 'Running',
        startedAt: new Date().toISOString(),
      });
      return this.follow(attempt, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  // After a stop only exit handlers begin.
  private mayBegin(nodeId: string): boolean {
    if (!this.shutdown) return true;
    return (
      this.shutdown === 'Stop' && this.state.nodes[nodeId]?.onExitPod === true
    );
  }

  private isOver(nodeId: string): boolean {
    const phase = this.state.nodes[nodeId]?.phase;
    return phase !== undefined && phase !== 'Pending' && phase !== 'Running';
  }

  // The folder comes first, then the record, then the process: whoever finds a record can look into its folder.
  private async prepare(nodeId: string): Promise<StepAttemptRow> {
    const name = nodeId.replace(/[^A-Za-z0-9._-]/g, '_');
    const base = path.join(this.options.folder, this.id, name);
    const attempt = await this.options.store.attempts.add(
      this.lease,
      nodeId,
      count => (count === 0 ? base : `${base}.${count}`),
    );
    failpoint('attempt-stored');
    await mkdir(attempt.directory, { recursive: true, mode: 0o755 });
    failpoint('attempt-folder-made');
    this.attempts.set(nodeId, attempt);
    return attempt;
  }

  private follow(attempt: StepAttemptRow, release: () => void): void {
    const { nodeId, directory } = attempt;
    const followed = waitForEnd(directory, this.leaving.signal)
      .then(() => {
        failpoint('step-ended');
        return this.options.runner.observe(directory);
      })
      .catch(
        (error): StepOutcome => ({
          nodeId,
          phase: 'Error',
          message: `the outputs of the step could not be read: ${error.message}`,
        }),
      )
      .then(({ usage, ...observation }) => {
        release();
        if (this.lost) return;
        failpoint('outputs-collected');
        this.ended.push({
          nodeId,
          attempt: attempt.attempt,
          state: 'ended',
          usage,
        });
        this.observe({ ...observation, nodeId });
      })
      .finally(() => {
        if (this.following.get(nodeId) === followed)
          this.following.delete(nodeId);
      });
    this.following.set(nodeId, followed);
  }

  private observe(observation: PodObservation): void {
    this.pods[observation.nodeId] = observation;
    this.notify();
  }

  private async stopStep(
    nodeId: string,
    reason: 'stopped' | 'shutdown',
  ): Promise<void> {
    const directory = this.attempts.get(nodeId)?.directory;
    // What runs elsewhere ends there, with its machine or after the orphan time.
    if (directory && !this.unseen.has(nodeId))
      await this.options.runner.stop(
        directory,
        reason,
        reason === 'shutdown' ? 3 : 10,
      );
    else this.observe({ nodeId, phase: 'Failed' });
  }

  private notify(): void {
    this.changed = true;
    this.wake();
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
