/*
 * The steps of one run on this machine: each waits for a place, begins, goes on, and ends. An attempt is written down with the pass
 * that lets it begin, before its process starts, so whoever goes on with the run knows of it.
 */
import type {
  OperateResult,
  PodObservation,
  PodRequest,
  WorkflowState,
} from '@backstage-mlops/argo-engine';
import {
  waitForEnd,
  type LocalStepRunner,
  type StepOutcome,
} from '@backstage-mlops/mlops-executor';
import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import {
  isOfEarlierBoot,
  newAttempt,
  type AttemptEnd,
  type AttemptStore,
  type StepAttemptRow,
} from './AttemptStore';
import { failpoint } from './failpoint';
import { activePhases, type Lease } from './Leases';
import type { Slots } from './Slots';
import type { StoredRun } from './StoredRun';
import { isElsewhere, waitForUnseen } from './UnseenSteps';

/** What steps on this machine need. */
export interface LocalStepsOptions {
  runner: LocalStepRunner;
  /** Places of this machine, shared by all runs. */
  slots: Slots;
  folder: string;
  environment: Record<string, string>;
  /** A step that sees no portal for so long ends. */
  orphanSeconds: number;
}

/** What steps tell the run that they belong to, and ask of it. */
export interface StepListener {
  /** Something happened that the engine has to know. */
  onNews(): void;
  /** A step goes on; nothing depends on it. */
  onGoesOn(): void;
  /** Another portal goes on with the run. */
  onLost(): void;
  onTrouble(error: Error): void;
  /** Why a step may not begin any more. */
  refusalOf(nodeId: string): string | undefined;
  /** Whether the run counts a step as over, whatever becomes of its process. */
  isOver(nodeId: string): boolean;
  /** Waits for a database that does not answer. */
  patiently<T>(work: () => Promise<T>): Promise<T>;
}

/** A step that has a place. */
interface Placed {
  request: PodRequest;
  release(): void;
}

/** A step that begins with a pass. */
export interface Beginning extends Placed {
  attempt: StepAttemptRow;
}

export class LocalSteps {
  /** What the engine is told of each node. */
  readonly pods: Record<string, PodObservation> = {};
  /** Attempts that ended and are not written down as such. */
  readonly ended: AttemptEnd[] = [];
  private readonly attempts = new Map<string, StepAttemptRow>();
  private readonly tries = new Map<string, number>();
  private placed: Placed[] = [];
  /** No step begins any more. */
  private readonly closing = new AbortController();
  /** What goes on is not followed any more. */
  private readonly leaving = new AbortController();
  private readonly following = new Map<string, Promise<void>>();
  /** Nodes whose step is on a machine that does not answer. */
  private readonly unseen = new Set<string>();

  constructor(
    private readonly run: StoredRun,
    private readonly lease: Lease,
    private readonly store: AttemptStore,
    private readonly options: LocalStepsOptions,
    private readonly listener: StepListener,
  ) {}

  /** Where the last attempt of a node has its files. */
  directoryOf(nodeId: string): string | undefined {
    return this.attempts.get(nodeId)?.directory;
  }

  /** Steps that an earlier portal started go on; those it only wrote down are given up and asked for again. */
  async adopt(state: WorkflowState): Promise<void> {
    const attempts = await this.listener.patiently(() =>
      this.store.list(this.lease.runId),
    );
    for (const attempt of attempts) {
      const { nodeId, attempt: number } = attempt;
      this.attempts.set(nodeId, attempt);
      this.tries.set(nodeId, Math.max(number + 1, this.tries.get(nodeId) ?? 0));
    }
    for (const node of Object.values(state.nodes))
      if (node.type === 'Pod' && activePhases.includes(node.phase))
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
    await this.listener.patiently(() => this.store.see(this.lease, attempt));
    const { runner } = this.options;
    if (isOfEarlierBoot(attempt)) {
      await runner.endWithMachine(nodeId, directory);
      this.pods[nodeId] = { nodeId, phase: 'Running' };
      this.follow(attempt, () => {});
    } else if (await runner.abandon(directory)) {
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
      attempts: this.store,
      orphanSeconds: this.options.orphanSeconds,
      signal: this.closing.signal,
      onTrouble: error => this.listener.onTrouble(error),
    }).then(
      message => {
        if (message === undefined || this.leaving.signal.aborted) return;
        this.unseen.delete(nodeId);
        this.end(attempt, { nodeId, phase: 'Error', message }, 'abandoned');
      },
      error => {
        this.listener.onTrouble(error);
        this.listener.onLost();
      },
    );
  }

  /**
   * What begins with a pass: steps that waited for a place and have one now, and what the pass asks for while there are places.
   * Once the pass is written, `begin` has to be told; when it is not, `withdraw`.
   */
  choose({ start, state }: OperateResult): Beginning[] {
    const waited = this.placed.filter(step => this.isWanted(step, state));
    this.placed = [];
    const now = start.flatMap(request => {
      const release = this.options.slots.takeFree();
      return release ? [{ request, release }] : [];
    });
    return [...waited, ...now].map(step => ({
      ...step,
      attempt: newAttempt(
        this.options.folder,
        this.lease.runId,
        step.request.nodeId,
        this.tries.get(step.request.nodeId) ?? 0,
      ),
    }));
  }

  private isWanted({ request, release }: Placed, state: WorkflowState) {
    const { nodeId } = request;
    if (activePhases.includes(state.nodes[nodeId]?.phase)) return true;
    release();
    return false;
  }

  /** The pass was not written: what had waited goes on having its place, and what the pass asked for is asked for anew. */
  withdraw(beginnings: Beginning[], { start }: OperateResult): void {
    for (const { request, release } of beginnings)
      if (start.includes(request)) release();
      else this.placed.push({ request, release });
  }

  /** The pass is written: starts what begins with it, and lets the rest of what it asked for wait for a place. */
  begin(beginnings: Beginning[], { start }: OperateResult): void {
    const begun = new Set(beginnings.map(({ request }) => request));
    for (const request of start) {
      const { nodeId } = request;
      this.pods[nodeId] = { nodeId, phase: 'Pending' };
      if (!begun.has(request)) this.waitForPlace(request);
    }
    for (const beginning of beginnings) this.launch(beginning);
  }

  private async waitForPlace(request: PodRequest): Promise<void> {
    const { nodeId } = request;
    const release = await this.options.slots.take(this.closing.signal);
    if (this.leaving.signal.aborted || this.listener.isOver(nodeId))
      return release?.();
    const refusal = this.listener.refusalOf(nodeId);
    if (release && refusal === undefined) {
      this.placed.push({ request, release });
      return this.listener.onNews();
    }
    release?.();
    return this.observe({ nodeId, phase: 'Failed', message: refusal });
  }

  private async launch({
    request,
    attempt,
    release,
  }: Beginning): Promise<void> {
    const { nodeId, attempt: number, directory } = attempt;
    this.tries.set(nodeId, number + 1);
    failpoint('attempt-stored');
    const refusal = this.listener.refusalOf(nodeId);
    if (this.leaving.signal.aborted || refusal !== undefined) {
      release();
      const failed = { nodeId, phase: 'Failed' as const, message: refusal };
      if (!this.leaving.signal.aborted) this.end(attempt, failed, 'abandoned');
      return;
    }
    try {
      await mkdir(directory, { recursive: true, mode: 0o755 });
      failpoint('attempt-folder-made');
      this.attempts.set(nodeId, attempt);
      await this.options.runner.start({
        attemptId: `${this.lease.runId}/${nodeId}/${number}`,
        directory,
        request,
        env: this.options.environment,
        isolation: this.run.isolation,
        artifactKeyPrefix: `workflows/${this.lease.runId}/${nodeId}${
          number === 0 ? '' : `/${number}`
        }`,
      });
      failpoint('step-started');
      await this.stopIfLate(nodeId);
      this.pods[nodeId] = {
        nodeId,
        phase: 'Running',
        startedAt: new Date().toISOString(),
      };
      this.listener.onGoesOn();
      this.follow(attempt, release);
    } catch (error) {
      release();
      this.observe({
        nodeId,
        phase: 'Error',
        message: `the step could not be started: ${(error as Error).message}`,
      });
    }
  }

  // It was ended while it was being prepared.
  private async stopIfLate(nodeId: string): Promise<void> {
    if (this.leaving.signal.aborted) return;
    if (this.listener.isOver(nodeId)) await this.stop(nodeId, 'stopped');
    else if (this.closing.signal.aborted) await this.stop(nodeId, 'shutdown');
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
        if (this.leaving.signal.aborted) return;
        failpoint('outputs-collected');
        this.end(attempt, { ...observation, nodeId }, 'ended', usage);
      })
      .finally(() => {
        if (this.following.get(nodeId) === followed)
          this.following.delete(nodeId);
      });
    this.following.set(nodeId, followed);
  }

  private end(
    { nodeId, attempt }: StepAttemptRow,
    observation: PodObservation,
    state: AttemptEnd['state'],
    usage?: AttemptEnd['usage'],
  ): void {
    this.ended.push({ nodeId, attempt, state, usage });
    this.observe(observation);
  }

  private observe(observation: PodObservation): void {
    this.pods[observation.nodeId] = observation;
    this.listener.onNews();
  }

  private isOpen(nodeId: string): boolean {
    return activePhases.includes(this.pods[nodeId]?.phase ?? '');
  }

  /** Ends the step of a node. */
  async stop(nodeId: string, reason: 'stopped' | 'shutdown'): Promise<void> {
    const directory = this.directoryOf(nodeId);
    // What runs elsewhere ends there, with its machine or after the orphan time.
    if (directory && !this.unseen.has(nodeId))
      await this.options.runner.stop(
        directory,
        reason,
        reason === 'shutdown' ? 3 : 10,
      );
    else this.observe({ nodeId, phase: 'Failed' });
  }

  private async stopAll(reason: 'stopped' | 'shutdown'): Promise<void> {
    this.close();
    await Promise.all(
      [...this.attempts.keys()]
        .filter(nodeId => this.isOpen(nodeId) && !this.unseen.has(nodeId))
        .map(nodeId => this.stop(nodeId, reason)),
    );
  }

  /** No step begins any more. */
  close(): void {
    this.closing.abort();
  }

  /** Leaves all steps alone. */
  leave(): void {
    this.close();
    this.leaving.abort();
  }

  /** The portal ends, and its steps with it. */
  endWithPortal(): Promise<void> {
    return this.stopAll('shutdown');
  }

  /** Ends what goes on; resolves when nothing does. */
  async breakOff(): Promise<void> {
    await this.stopAll('stopped');
    await this.settled();
  }

  /** Resolves when no process goes on. */
  async settled(): Promise<void> {
    await Promise.all(this.following.values());
  }

  /** Whether all that goes on does so on machines that do not answer. */
  isElsewhere(): boolean {
    return (
      this.unseen.size > 0 &&
      Object.values(this.pods).every(
        ({ nodeId }) => !this.isOpen(nodeId) || this.unseen.has(nodeId),
      )
    );
  }
}
