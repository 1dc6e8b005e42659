/*
 * One run while it is not over: ask `operate` what comes next, write the answer down, do it, wait for something to happen.
 * The state is written after every pass, an attempt before its process starts, so another portal can go on from there.
 */
import {
  isTerminal,
  operate,
  type PodObservation,
  type PodRequest,
  type WorkflowState,
} from '@backstage-mlops/argo-engine';
import {
  readLog,
  waitForEnd,
  type LocalStepRunner,
} from '@backstage-mlops/mlops-executor';
import { errorLine, findCause } from '@backstage-mlops/mlops-core';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { RunStore, StoredRun } from './RunStore';
import type { Slots } from './Slots';

/** What a loop works with. */
export interface RunLoopOptions {
  store: RunStore;
  runner: LocalStepRunner;
  slots: Slots;
  folder: string;
  environment: Record<string, string>;
  /** Told after every pass. */
  onChange(state: WorkflowState): void;
}

const shutDown = 'portal was shut down';

export class RunLoop {
  private readonly pods: Record<string, PodObservation> = {};
  private readonly directories = new Map<string, string>();
  private readonly ending = new AbortController();
  private state: WorkflowState;
  private shutdown?: 'Stop' | 'Terminate';
  private portalEnds = false;
  private wake = () => {};
  private changed = false;

  constructor(
    private readonly run: StoredRun,
    private readonly options: RunLoopOptions,
  ) {
    this.state = run.state;
    this.shutdown = run.shutdown;
  }

  private get id(): string {
    return this.run.summary.id;
  }

  /** Runs to the end. */
  async toEnd(): Promise<WorkflowState> {
    await this.adopt();
    while (!isTerminal(this.state)) {
      this.changed = false;
      const result = operate({
        workflow: this.run.workflow,
        state: this.state,
        pods: this.pods,
        now: new Date().toISOString(),
        shutdown: this.shutdown,
      });
      await this.save(result.state);
      for (const nodeId of result.stop) await this.stopStep(nodeId, 'stopped');
      for (const request of result.start) this.begin(request);
      if (!isTerminal(this.state)) await this.nextEvent(result.requeueAt);
    }
    this.ending.abort();
    return this.state;
  }

  /** A person wants the end. */
  requestShutdown(shutdown: 'Stop' | 'Terminate'): void {
    this.shutdown = shutdown;
    this.notify();
  }

  /** The portal ends: its steps end with it, and say so. */
  async endWithPortal(): Promise<void> {
    this.portalEnds = true;
    this.ending.abort();
    await Promise.all(
      [...this.directories.keys()]
        .filter(nodeId => this.isOpen(nodeId))
        .map(nodeId => this.stopStep(nodeId, 'shutdown')),
    );
    this.notify();
  }

  // Processes that an earlier portal started are looked for in their directories; requests that it did not get to are made again.
  private async adopt(): Promise<void> {
    for (const { nodeId, directory } of await this.options.store.attempts(
      this.id,
    ))
      this.directories.set(nodeId, directory);
    for (const node of Object.values(this.state.nodes)) {
      const directory = this.directories.get(node.id);
      if (
        node.type !== 'Pod' ||
        (node.phase !== 'Pending' && node.phase !== 'Running')
      )
        continue;
      if (!directory) delete node.podRequested;
      else {
        this.pods[node.id] = { nodeId: node.id, phase: 'Running' };
        this.follow(node.id, directory, () => {});
      }
    }
  }

  private isOpen(nodeId: string): boolean {
    return ['Pending', 'Running'].includes(this.pods[nodeId]?.phase ?? '');
  }

  private async save(state: WorkflowState): Promise<void> {
    this.state = state;
    const broken =
      isTerminal(state) && state.phase !== 'Succeeded'
        ? findCause(state.nodes)
        : undefined;
    await this.options.store.saveState(
      this.id,
      state,
      broken && {
        node: broken.displayName,
        message: await this.explain(broken.id, broken.message ?? broken.phase),
      },
    );
    this.options.onChange(state);
  }

  // Argo's message says how a step ended; the last error line of its log says why.
  private async explain(nodeId: string, message: string): Promise<string> {
    const directory = this.directories.get(nodeId);
    const exit = /^main: Error \(exit code (\d+)\)$/.exec(message);
    if (!directory || !exit) return message;
    const { sizeBytes } = await readLog(directory, { limitBytes: 0 });
    const { bytes } = await readLog(directory, {
      offset: Math.max(0, sizeBytes - 16_384),
    });
    const line = errorLine(bytes.toString('utf8'));
    return line ? `exit code ${exit[1]}: ${line}` : `exit code ${exit[1]}`;
  }

  private begin(request: PodRequest): void {
    this.pods[request.nodeId] = { nodeId: request.nodeId, phase: 'Pending' };
    this.startWhenThereIsRoom(request).catch(error =>
      this.observe({
        nodeId: request.nodeId,
        phase: 'Error',
        message: `the step could not be started: ${error.message}`,
      }),
    );
  }

  private async startWhenThereIsRoom(request: PodRequest): Promise<void> {
    const { nodeId } = request;
    const release = await this.options.slots.take(this.ending.signal);
    if (!release || this.portalEnds) {
      release?.();
      return this.observe({ nodeId, phase: 'Failed', message: shutDown });
    }
    if (this.shutdown) {
      release();
      return this.observe({ nodeId, phase: 'Failed' });
    }
    const directory = path.join(
      this.options.folder,
      this.id,
      nodeId.replace(/[^A-Za-z0-9._-]/g, '_'),
    );
    await mkdir(directory, { recursive: true, mode: 0o755 });
    await this.options.store.addAttempt(
      this.id,
      { nodeId, attempt: 0, directory },
      new Date().toISOString(),
    );
    this.directories.set(nodeId, directory);
    await this.options.runner.start({
      attemptId: `${this.id}/${nodeId}`,
      directory,
      request,
      env: this.options.environment,
      isolation: this.run.isolation,
      artifactKeyPrefix: `workflows/${this.id}/${nodeId}`,
    });
    this.observe({
      nodeId,
      phase: 'Running',
      startedAt: new Date().toISOString(),
    });
    return this.follow(nodeId, directory, release);
  }

  private follow(nodeId: string, directory: string, release: () => void): void {
    waitForEnd(directory)
      .then(() => this.options.runner.observe(directory))
      .catch(
        (error): PodObservation => ({
          nodeId,
          phase: 'Error',
          message: `the outputs of the step could not be read: ${error.message}`,
        }),
      )
      .then(observation => {
        release();
        this.observe({ ...observation, nodeId });
      });
  }

  private observe(observation: PodObservation): void {
    this.pods[observation.nodeId] = observation;
    this.notify();
  }

  private async stopStep(
    nodeId: string,
    reason: 'stopped' | 'shutdown',
  ): Promise<void> {
    const directory = this.directories.get(nodeId);
    if (directory)
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
