/*
 * Engines beside the portal's own: which there are, what leads a run on one of them, and runs that began or go on there without
 * the portal having been asked.
 */
import {
  initialState,
  isTerminal,
  type Workflow,
} from '@backstage-mlops/argo-engine';
import {
  InputError,
  type EngineHealth,
  type ForeignRun,
  type Run,
  type WorkflowEngine,
} from '@backstage-mlops/mlops-core';
import type { TrackingService } from '@backstage-mlops/mlops-tracking';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import { isUniqueViolation } from '../isDatabaseTrouble';
import { ClusterRunLoop, type ClusterRunLoopOptions } from './ClusterRunLoop';
import { activePhases, type Lease, type Leases } from './Leases';
import type { RunStore } from './RunStore';
import type { StoredRun } from './StoredRun';
import { ownKeys } from './ownKeys';
import { Slots } from './Slots';
import type { ScheduleStore } from './ScheduleStore';
import { hashToken, type RunTokens } from './token';

export interface ClusterRunsOptions {
  engines: WorkflowEngine[];
  /** Address of the portal as pods reach it; needed before a run is submitted. */
  externalUrl?: string;
  index: GitopsIndex;
  store: RunStore;
  leases: Leases;
  tracking: TrackingService;
  tokens: RunTokens;
  schedules: ScheduleStore;
  logBytes?: number;
  logger: LoggerService;
}

// As `environmentOf` of the supervisor gives them.
const stepVariables = [
  'MLFLOW_TRACKING_URI',
  'MLFLOW_TRACKING_TOKEN',
  'MLFLOW_EXPERIMENT_ID',
  'MLFLOW_RUN_ID',
  'MLOPS_PROJECT',
  'MLOPS_PIPELINE',
  'MLOPS_RUN_ID',
  'MLOPS_COMMIT',
  'NODE_NO_WARNINGS',
  'TF_CPP_MIN_LOG_LEVEL',
];

/** Logs of finished steps that are read at the same time, of all runs. */
const logsAtOnce = 64;

/** What a supervisor of runs gives. */
export interface RunSupervision {
  start(run: StoredRun, lease: Lease): void;
  /** Whether a loop of this portal leads the run. */
  leads(id: string): boolean;
  /** Tells the loop of a run, if it is led here, that there is news. */
  notify(id: string): boolean;
}

type Callbacks = Pick<
  ClusterRunLoopOptions,
  'folder' | 'admission' | 'onChange' | 'onEnd' | 'onTrouble'
>;

export class ClusterRuns {
  private readonly engines: Map<string, WorkflowEngine>;
  private readonly busy = new Set<string>();
  private readonly reading = new Slots(logsAtOnce);
  private supervision?: RunSupervision;

  constructor(private readonly options: ClusterRunsOptions) {
    this.engines = new Map(
      options.engines.map(engine => [engine.name, engine]),
    );
  }

  /** The engines themselves, without the portal's own. */
  get all(): WorkflowEngine[] {
    return [...this.engines.values()];
  }

  /** Names of what the steps of a run on a cluster read of their environment. */
  readonly valueNames = stepVariables;

  /** Names of all engines, the portal's own first. */
  get names(): string[] {
    return ['local', ...this.engines.keys()];
  }

  /** Engines that runs may begin on, the one that they take by themselves first. */
  choiceFor(usual: string, { localIsOn }: { localIsOn: boolean }): string[] {
    const all = this.names.filter(name => name !== 'local' || localIsOn);
    return [
      ...all.filter(name => name === usual),
      ...all.filter(name => name !== usual),
    ];
  }

  /** The engine of a run; undefined for runs of this machine. InputError when the configuration has none of that name. */
  engineOf(name: string): WorkflowEngine | undefined {
    if (name === 'local') return undefined;
    const engine = this.engines.get(name);
    if (!engine)
      throw new InputError(
        `There is no engine '${name}'. Known: ${this.names.join(', ')}.`,
        'invalid-field',
      );
    return engine;
  }

  health(): Record<string, EngineHealth> {
    return Object.fromEntries(
      [...this.engines].map(([name, engine]) => [name, engine.health()]),
    );
  }

  /** What a reader of a run should know of its cluster; nothing while all is well, or once the run is over. */
  notesOn({ engine, phase }: Pick<Run, 'engine' | 'phase'>): string[] {
    if (engine === 'local' || !activePhases.includes(phase)) return [];
    const health = this.engines.get(engine)?.health();
    if (!health) return [`The portal knows no cluster '${engine}' any more.`];
    return health.state === 'ok' ? [] : [health.message];
  }

  /** Takes the workflow of a run away, when its cluster is still known. */
  async forget(engine: string, id: string): Promise<void> {
    await this.engines.get(engine)?.remove(id);
  }

  /** Takes what a run put into the bucket of its cluster out of it; a bucket that does not let the portal do so keeps it. */
  async removeArtifacts(id: string): Promise<void> {
    const run = await this.options.store.find(id);
    const bucket = this.engines.get(run?.summary.engine ?? '')?.artifacts;
    if (!run || !bucket?.delete) return;
    try {
      for (const key of ownKeys(id, run.state)) await bucket.delete(key);
    } catch (error) {
      if ((error as Error).name !== 'ConflictError') throw error;
      this.options.logger.warn(
        `Artifacts of run '${id}' stay where they are: ${
          (error as Error).message
        }`,
      );
    }
  }

  async begin(supervision: RunSupervision): Promise<void> {
    this.supervision = supervision;
    for (const engine of this.engines.values())
      await engine.begin({
        changed: id => {
          if (!supervision.notify(id)) this.unled(engine, id);
        },
        found: run => {
          if (!supervision.leads(run.id))
            this.once(run.id, () => this.take(engine, run));
        },
      });
  }

  async end(): Promise<void> {
    await Promise.all([...this.engines.values()].map(engine => engine.end()));
  }

  /** What leads a run on a cluster to its end; undefined for a run of this machine. */
  driverOf(
    run: StoredRun,
    lease: Lease,
    environment: Record<string, string>,
    callbacks: Callbacks,
  ): ClusterRunLoop | undefined {
    if (run.summary.engine === 'local') return undefined;
    const { store, logBytes, tokens } = this.options;
    const { MLFLOW_TRACKING_TOKEN: _own, ...open } = environment;
    return new ClusterRunLoop(run, lease, {
      ...callbacks,
      engine: this.engineOf(run.summary.engine)!,
      store,
      reading: this.reading,
      logBytes,
      environment: {
        ...open,
        MLFLOW_TRACKING_URI: this.trackingUri ?? open.MLFLOW_TRACKING_URI,
      },
      secrets: { MLFLOW_TRACKING_TOKEN: tokens.of(run.summary.id) },
    });
  }

  private get trackingUri(): string | undefined {
    const { externalUrl } = this.options;
    return externalUrl && `${externalUrl.replace(/\/$/, '')}/api/mlops`;
  }

  /** InputError when a run cannot be submitted to a cluster from here. */
  checkReachable(gitUrl: string): void {
    if (!this.options.externalUrl)
      throw new InputError(
        'Pods cannot reach this portal: set mlops.externalUrl to its address as the cluster sees it.',
        'invalid-field',
      );
    if (!/^(https?|ssh|git):\/\/|^[\w.-]+@[\w.-]+:/.test(gitUrl))
      throw new InputError(
        'Pods cannot reach the GitOps repository of this portal: set mlops.gitops.url to an address that the cluster can clone.',
        'invalid-field',
      );
  }

  // One look at a workflow at a time; the next event or list brings the next.
  private once(id: string, work: () => Promise<void>): void {
    if (this.busy.has(id)) return;
    this.busy.add(id);
    work()
      .catch(error =>
        this.options.logger.warn(`Workflow '${id}': ${error.message}`),
      )
      .finally(() => this.busy.delete(id));
  }

  // A run that is over here and goes on there was retried beside the portal.
  private unled(engine: WorkflowEngine, id: string): void {
    this.once(id, async () => {
      const { store, leases, tokens } = this.options;
      const run = await store.find(id);
      if (!run || run.summary.engine !== engine.name) return;
      if (!isTerminal(run.state)) return;
      const seen = await engine.observe(id);
      if (!seen || isTerminal(seen.state)) return;
      const lease = await leases.take(id);
      if (!lease) return;
      await store.reopen(lease, {
        state: { ...seen.state, startedAt: seen.state.startedAt ?? '' },
        workflow: run.workflow,
        parameters: run.summary.parameters,
        tokenHash: hashToken(tokens.of(id)),
      });
      this.supervision?.start(await store.get(id), lease);
    });
  }

  // A workflow that somebody started beside the portal becomes a run of its project.
  private async take(engine: WorkflowEngine, found: ForeignRun): Promise<void> {
    const { index, store, leases, tracking, tokens } = this.options;
    const { schedule } = found;
    if (!index.find(found.project) || (await store.find(found.id))) return;
    const { runId: trackingRunId, experimentId } = await tracking.planRun(
      found.project,
    );
    const createdAt = new Date(found.createdAt || Date.now()).toISOString();
    const run: StoredRun = {
      summary: {
        id: found.id,
        project: found.project,
        pipeline: found.pipeline,
        engine: engine.name,
        phase: 'Pending',
        ref: index.branch,
        commit:
          found.workflow.metadata.annotations?.['backstage-mlops/commit'] ?? '',
        file:
          found.workflow.metadata.annotations?.['backstage-mlops/file'] ?? '',
        parameters: parametersOf(found.workflow),
        trigger: schedule
          ? {
              kind: 'schedule',
              by: schedule.name,
              scheduledFor: new Date(schedule.scheduledFor).toISOString(),
            }
          : { kind: 'cluster', by: found.by },
        createdAt,
        trackingRunId,
        notes: schedule
          ? []
          : ['It was started on the cluster, beside the portal.'],
      },
      workflow: found.workflow,
      // It is there already, so it is not submitted.
      state: { ...initialState(), startedAt: createdAt },
      isolation: 'none',
      experimentId,
    };
    try {
      const lease = await store.addInGroup(
        run,
        hashToken(tokens.of(found.id)),
        {
          owner: leases.owner,
          until: leases.until(),
        },
      );
      this.supervision?.start(run, lease);
      await this.count(run);
    } catch (error) {
      // Another portal saw it first.
      if (!isUniqueViolation(error)) throw error;
    }
  }

  // When a schedule last led to a run is told from the same place, whoever started it.
  private async count({ summary }: StoredRun): Promise<void> {
    const { project, id, trigger } = summary;
    if (trigger.kind !== 'schedule') return;
    const { schedules } = this.options;
    const at = trigger.scheduledFor;
    const row = await schedules.see(project, trigger.by, summary.createdAt);
    if (row.lastRunAt === undefined || row.lastRunAt < at)
      await schedules.advance(row, at, { run: { id, at } });
  }
}

const parametersOf = ({ spec }: Workflow) =>
  (spec.arguments?.parameters ?? [])
    .filter((item: { value?: unknown }) => item.value !== undefined)
    .map((item: { name: string; value: unknown }) => ({
      name: item.name,
      value: String(item.value),
    }));
