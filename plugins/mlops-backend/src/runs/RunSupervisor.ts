import { isTerminal, type WorkflowState } from '@backstage-mlops/argo-engine';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { LocalStepRunner } from '@backstage-mlops/mlops-executor';
import type { TrackingService } from '@backstage-mlops/mlops-tracking';
import { mkdir, open } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { BackgroundLoop } from '../BackgroundLoop';
import { isDatabaseTrouble } from '../isDatabaseTrouble';
import { ConflictError } from '@backstage-mlops/mlops-core';
import { applyControl } from './applyControl';
import type { ClusterRuns } from './ClusterRuns';
import { failpoint } from './failpoint';
import {
  activePhases,
  LeaseLostError,
  type Lease,
  type Leases,
} from './Leases';
import type { RunDriver } from './RunDriver';
import { RunLoop } from './RunLoop';
import type { RunSize } from './runSize';
import type { RunTokens } from './token';
import type { Control } from './ControlStore';
import type { RunStore } from './RunStore';
import type { StoredRun } from './StoredRun';
import type { RunQueue } from './RunQueue';
import { settleSteps } from './settleSteps';
import { Slots } from './Slots';
import { treeBytes } from './treeBytes';
import { reclaimSteps } from './UnseenSteps';

export interface RunSupervisorOptions {
  store: RunStore;
  leases: Leases;
  /** Nobody else can have the database open, so what an earlier portal held is free at once. */
  alone: boolean;
  runner: LocalStepRunner;
  tracking: TrackingService;
  dataDirectory: string;
  maxParallelSteps: number;
  /** A step that sees no portal for so long ends. */
  orphanSeconds: number;
  queue: RunQueue;
  clusters: ClusterRuns;
  /** How large a run may grow. */
  size: RunSize;
  /** Base address of the tracking API as steps reach it. */
  trackingUri: string;
  tokens: RunTokens;
  logger: LoggerService;
  /** Told when a run changed. */
  onChange(run: { id: string; project: string; phase: string }): void;
}

const beatMs = 1000;

interface Entry {
  loop: RunDriver;
  done: Promise<void>;
}

/**
 * Leads the runs of this portal to their end, those of this machine and those of clusters: one loop a run. Steps on this machine
 * share its places. Each second it keeps its leases, looks for runs that nobody goes on with, and tells the steps that a portal
 * lives.
 */
export class RunSupervisor {
  private readonly loops = new Map<string, Entry>();
  private readonly slots: Slots;
  private ended = false;
  /** Runs that wait for their turn, and how they are told. */
  private readonly waiting = new Map<string, () => void>();
  private admitting?: Promise<void>;
  private reclaiming?: Promise<void>;
  /** Runs that are over, whose last steps are being ended. */
  private readonly settling = new Set<string>();
  readonly loop: BackgroundLoop;

  constructor(private readonly options: RunSupervisorOptions) {
    this.slots = new Slots(options.maxParallelSteps);
    this.loop = new BackgroundLoop({
      name: 'engine',
      everyMs: beatMs,
      logger: options.logger,
      work: () => this.round(),
    });
  }

  /** Touched while a portal lives; steps end when it grows old. */
  static aliveFile(dataDirectory: string): string {
    return path.join(dataDirectory, 'runs', 'portal.alive');
  }

  get activeRuns(): number {
    return this.loops.size;
  }

  /** Takes over what an earlier portal left, and goes on doing so. */
  async begin(): Promise<void> {
    await mkdir(path.join(this.options.dataDirectory, 'runs'), {
      recursive: true,
    });
    if (this.options.alone) await this.options.leases.releaseAll();
    await this.options.clusters.begin({
      start: (run, lease) => this.start(run, lease),
      leads: id => this.loops.has(id),
      notify: id => {
        const led = this.loops.get(id);
        led?.loop.hearNews?.();
        return led !== undefined;
      },
    });
    await this.loop.start();
  }

  private async round(): Promise<void> {
    const { leases, store } = this.options;
    // Where other portals go on with the runs of one that they do not hear of, its steps must see none, too.
    if (this.options.alone) await this.showLife();
    await leases.renew([...this.loops.keys(), ...this.settling]);
    if (!this.options.alone) await this.showLife();
    for (const { id, shutdown } of await store.controls.listShutdowns(
      leases.owner,
    ))
      this.loops.get(id)?.loop.requestShutdown(shutdown);
    for (const id of await store.controls.listAsked(leases.owner))
      this.loops.get(id)?.loop.requestControl();
    if (this.ended) return;
    await this.advanceQueue();
    for (const id of await leases.listFree()) {
      const lease = await leases.take(id);
      failpoint('lease-taken');
      if (lease) this.start(await store.get(id), lease);
    }
    if (!this.options.alone) this.reclaim();
    for (const id of await store.attempts.listUnsettled()) {
      if (this.loops.has(id) || this.settling.has(id)) continue;
      const lease = await leases.take(id);
      if (lease) this.settle(lease);
    }
  }

  private async showLife(): Promise<void> {
    const now = new Date();
    const file = await open(
      RunSupervisor.aliveFile(this.options.dataDirectory),
      'a',
    );
    await file.utimes(now, now).finally(() => file.close());
  }

  // Ending a step takes a while, for which the round does not wait.
  private reclaim(): void {
    const { store, leases, runner, logger } = this.options;
    this.reclaiming ??= reclaimSteps({
      attempts: store.attempts,
      leases,
      runner,
      host: os.hostname(),
    })
      .then(async taken => {
        for (const lease of taken)
          this.start(await store.get(lease.runId), lease);
      })
      .catch(error => logger.warn(`Steps of this machine: ${error.message}`))
      .finally(() => (this.reclaiming = undefined));
  }

  /** Ends the steps of a run that was over when its portal went: none may live on, nothing of them stays behind. */
  private settle(lease: Lease): void {
    const { store, runner, leases, orphanSeconds, logger } = this.options;
    const { runId } = lease;
    this.settling.add(runId);
    settleSteps(lease, { store, runner, host: os.hostname(), orphanSeconds })
      .then(() => leases.release(lease))
      .catch(error => logger.warn(`Steps of run ${runId}: ${error.message}`))
      .finally(() => this.settling.delete(runId));
  }

  /** Begins a run that was stored, or goes on with it. */
  start(run: StoredRun, lease: Lease): void {
    const { id, project } = run.summary;
    // A loop without a valid lease may still be on its way out.
    const before = this.loops.get(id);
    before?.loop.giveUp();
    if (this.ended) return;
    const callbacks = {
      folder: path.join(this.options.dataDirectory, 'runs'),
      admission: (signal: AbortSignal) => this.turnOf(id, signal),
      onChange: (state: WorkflowState) =>
        this.options.onChange({ id, project, phase: state.phase }),
      onEnd: async (state: WorkflowState) => {
        await this.options.store.checkLease(lease);
        await this.endTracking(run, state);
      },
      onTrouble: (error: Error) =>
        this.options.logger.warn(`Run ${id} waits: ${error.message}`),
    };
    const environment = this.environmentOf(run);
    const loop =
      this.options.clusters.driverOf(run, lease, environment, callbacks) ??
      new RunLoop(run, lease, {
        ...callbacks,
        store: this.options.store,
        runner: this.options.runner,
        slots: this.slots,
        environment,
        orphanSeconds: this.options.orphanSeconds,
        size: this.options.size,
      });
    const entry = { loop, done: this.toEnd(run, lease, loop, before) };
    this.loops.set(id, entry);
    entry.done.finally(() => {
      if (this.loops.get(id) === entry) this.loops.delete(id);
      // The next round looks again when the database does not answer now.
      this.advanceQueue().catch(() => undefined);
    });
  }

  /** Waits until a run may begin. */
  private async turnOf(id: string, signal: AbortSignal): Promise<void> {
    const turn = new Promise<void>(resolve => {
      this.waiting.set(id, resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      if (signal.aborted) return;
      await this.advanceQueue();
      await turn;
    } finally {
      this.waiting.delete(id);
    }
  }

  /** Lets in whose turn it is; calls that come together share one look. */
  private async advanceQueue(): Promise<void> {
    if (this.admitting) await this.admitting.catch(() => undefined);
    if (this.waiting.size === 0) return;
    this.admitting ??= this.options.queue
      .admit([...this.waiting.keys()])
      .then(admitted => admitted.forEach(id => this.waiting.get(id)?.()))
      .finally(() => (this.admitting = undefined));
    await this.admitting;
  }

  private async toEnd(
    run: StoredRun,
    lease: Lease,
    loop: RunDriver,
    before: Entry | undefined,
  ): Promise<void> {
    try {
      await before?.done;
      // Whoever stored the run or ended it before may have gone before its tracking run was made or opened again.
      await this.openTracking(run);
      await loop.toEnd();
      await this.options.leases.release(lease);
      const { id } = run.summary;
      await this.options.store.setStorage(
        lease,
        await treeBytes(path.join(this.options.dataDirectory, 'runs', id)),
      );
    } catch (error) {
      // One broken run never stops the others.
      await this.fail(run, lease, { loop, error: error as Error });
    }
  }

  private environmentOf({
    summary,
    experimentId,
  }: StoredRun): Record<string, string> {
    return {
      MLFLOW_TRACKING_URI: this.options.trackingUri,
      MLFLOW_TRACKING_TOKEN: this.options.tokens.of(summary.id),
      MLFLOW_EXPERIMENT_ID: experimentId,
      MLFLOW_RUN_ID: summary.trackingRunId,
      MLOPS_PROJECT: summary.project,
      MLOPS_PIPELINE: summary.pipeline,
      MLOPS_RUN_ID: summary.id,
      MLOPS_COMMIT: summary.commit,
      NODE_NO_WARNINGS: '1',
      TF_CPP_MIN_LOG_LEVEL: '2',
    };
  }

  /** Makes sure that the tracking run of a run that is not over is there and open. */
  async openTracking({ summary }: StoredRun): Promise<void> {
    await this.options.tracking.openRun({
      runId: summary.trackingRunId,
      experiment: summary.project,
      runName: summary.id,
      user: summary.trigger.by,
      tags: {
        'mlops.run': summary.id,
        'mlops.project': summary.project,
        'mlops.pipeline': summary.pipeline,
        'mlops.commit': summary.commit,
      },
    });
  }

  private async endTracking(
    { summary }: StoredRun,
    state: WorkflowState,
  ): Promise<void> {
    const stopped = state.message?.startsWith('Stopped with strategy');
    await this.options.tracking.endRun(
      summary.trackingRunId,
      state.phase === 'Succeeded' ? 'FINISHED' : stopped ? 'KILLED' : 'FAILED',
    );
  }

  private async fail(
    run: StoredRun,
    lease: Lease,
    { loop, error }: { loop: RunDriver; error: Error },
  ): Promise<void> {
    const { id, project } = run.summary;
    if (error instanceof LeaseLostError) {
      this.options.logger.info(`Left run ${id}: ${error.message}`);
      return;
    }
    this.options.logger.error(`Run ${id} broke the engine: ${error.stack}`);
    // The lease ends by itself and the run is tried again, here or elsewhere.
    if (this.ended || isDatabaseTrouble(error)) return;
    try {
      const { state } = await this.options.store.get(id);
      if (isTerminal(state)) return;
      const ended = await loop.breakOff?.();
      const broken = brokenBy(error, state, new Date().toISOString());
      await this.endTracking(run, broken);
      await this.options.store.savePass(lease, { state: broken, ended });
      this.options.onChange({ id, project, phase: 'Error' });
    } catch (second) {
      this.options.logger.error(
        `The end of run ${id} could not be written: ${second}`,
      );
    }
  }

  /** Ends a run at a person's wish; `Terminate` runs no exit handler. ConflictError when it is over. */
  async stop(
    id: string,
    strategy: 'Stop' | 'Terminate' = 'Stop',
  ): Promise<void> {
    await this.options.store.controls.requestShutdown(id, strategy);
    failpoint('control-stored');
    this.loops.get(id)?.loop.requestShutdown(strategy);
  }

  /** Does what a person asked of a run that goes on. InputError or ConflictError when it cannot be. */
  async control(id: string, control: Control): Promise<void> {
    const { store } = this.options;
    const { state } = await store.get(id);
    if (isTerminal(state))
      throw new ConflictError(
        `Run '${id}' is over: it is ${state.phase}.`,
        'terminal-run',
      );
    // A wish that cannot be done is refused now, not when its turn comes.
    applyControl(state, control, new Date().toISOString());
    await store.controls.add(id, control);
    failpoint('control-stored');
    this.loops.get(id)?.loop.requestControl();
  }

  /** Ends all steps and waits until their runs say so. */
  async shutDown(): Promise<void> {
    this.ended = true;
    await this.loop.stop();
    await this.options.clusters.end();
    const all = [...this.loops.values()];
    await Promise.all(all.map(({ loop }) => loop.endWithPortal()));
    let patience: NodeJS.Timeout | undefined;
    await Promise.race([
      Promise.all(all.map(({ done }) => done)),
      new Promise(resolve => {
        patience = setTimeout(resolve, 15_000);
      }),
    ]);
    clearTimeout(patience);
  }
}

// Nothing goes on in a run that the engine could not lead to its end, and every node of it says why.
function brokenBy(
  { message }: Error,
  state: WorkflowState,
  finishedAt: string,
): WorkflowState {
  const end = {
    phase: 'Error' as const,
    message: `the engine failed: ${message}`,
    finishedAt,
  };
  return {
    ...state,
    ...end,
    nodes: Object.fromEntries(
      Object.entries(state.nodes).map(([id, node]) => [
        id,
        activePhases.includes(node.phase) ? { ...node, ...end } : node,
      ]),
    ),
  };
}
