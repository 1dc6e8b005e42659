import { isTerminal, type WorkflowState } from '@backstage-mlops/argo-engine';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { LocalStepRunner } from '@backstage-mlops/mlops-executor';
import type { TrackingService } from '@backstage-mlops/mlops-tracking';
import path from 'node:path';
import { RunLoop } from './RunLoop';
import type { RunTokens } from './token';
import type { RunStore, StoredRun } from './RunStore';
import { Slots } from './Slots';

export interface LocalWorkflowEngineOptions {
  store: RunStore;
  runner: LocalStepRunner;
  tracking: TrackingService;
  dataDirectory: string;
  maxParallelSteps: number;
  /** Base address of the tracking API as steps reach it. */
  trackingUri: string;
  tokens: RunTokens;
  logger: LoggerService;
  /** Told when a run changed. */
  onChange(run: { id: string; project: string; phase: string }): void;
}

/** Runs on this machine: one loop a run, steps of all runs sharing the places. */
export class LocalWorkflowEngine {
  private readonly loops = new Map<
    string,
    { loop: RunLoop; done: Promise<void> }
  >();
  private readonly slots: Slots;
  private ended = false;

  constructor(private readonly options: LocalWorkflowEngineOptions) {
    this.slots = new Slots(options.maxParallelSteps);
  }

  get activeRuns(): number {
    return this.loops.size;
  }

  /** Takes over what an earlier portal left. */
  async resumeAll(): Promise<void> {
    for (const id of await this.options.store.listActive())
      this.start(await this.options.store.get(id));
  }

  /** Begins a run that was stored, or goes on with it. */
  start(run: StoredRun): void {
    const { id, project } = run.summary;
    if (this.ended || this.loops.has(id)) return;
    const loop = new RunLoop(run, {
      store: this.options.store,
      runner: this.options.runner,
      slots: this.slots,
      folder: path.join(this.options.dataDirectory, 'runs'),
      environment: this.environmentOf(run),
      onChange: state =>
        this.options.onChange({ id, project, phase: state.phase }),
    });
    const done = loop
      .toEnd()
      .then(state => this.finish(run, state))
      // One broken run never stops the others.
      .catch(error => this.fail(run, error))
      .finally(() => this.loops.delete(id));
    this.loops.set(id, { loop, done });
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

  private async finish(
    { summary }: StoredRun,
    state: WorkflowState,
  ): Promise<void> {
    const stopped = state.message?.startsWith('Stopped with strategy');
    await this.options.tracking.endRun(
      summary.trackingRunId,
      state.phase === 'Succeeded' ? 'FINISHED' : stopped ? 'KILLED' : 'FAILED',
    );
  }

  private async fail(run: StoredRun, error: Error): Promise<void> {
    this.options.logger.error(
      `Run ${run.summary.id} broke the engine: ${error.stack}`,
    );
    const { state } = await this.options.store.get(run.summary.id);
    if (isTerminal(state)) return;
    const finishedAt = new Date().toISOString();
    await this.options.store.saveState(run.summary.id, {
      ...state,
      phase: 'Error',
      message: `the engine failed: ${error.message}`,
      finishedAt,
    });
    await this.options.tracking.endRun(run.summary.trackingRunId, 'FAILED');
    this.options.onChange({
      id: run.summary.id,
      project: run.summary.project,
      phase: 'Error',
    });
  }

  /** Ends a run at a person's wish. ConflictError when it is over. */
  async stop(id: string): Promise<void> {
    await this.options.store.requestShutdown(id, 'Stop');
    this.loops.get(id)?.loop.requestShutdown('Stop');
  }

  /** Ends all steps and waits until their runs say so. */
  async shutDown(): Promise<void> {
    this.ended = true;
    const all = [...this.loops.values()];
    await Promise.all(all.map(({ loop }) => loop.endWithPortal()));
    await Promise.race([
      Promise.all(all.map(({ done }) => done)),
      new Promise(resolve => setTimeout(resolve, 15_000)),
    ]);
  }
}
