import type { Workflow, WorkflowState } from '@backstage-mlops/argo-engine';
import type { ArtifactStore } from '../artifacts/ArtifactStore';
import type { ResumeRequest } from './Run';

/** A run as an engine outside of the portal is given it. @public */
export interface EngineRun {
  /** Id of the run; also the name of the Workflow. */
  id: string;
  project: string;
  pipeline: string;
  /** Commit that the run is pinned to. */
  commit: string;
  /** Path of the pipeline's file at that commit. */
  file: string;
  /** Entity reference of who or what started it. */
  by: string;
  workflow: Workflow;
  /** Environment of every step. */
  environment: Record<string, string>;
  /** As `environment`, but never written into a spec. */
  secrets: Record<string, string>;
}

/** What an engine knows of a workflow. @public */
export interface EngineObservation {
  /** Changes with every change of the workflow. */
  version: string;
  state: WorkflowState;
  /** Why the nodes cannot be shown, when they cannot; a sentence. */
  nodesMissing?: string;
}

/** A workflow of a project that somebody started beside the portal. @public */
export interface ForeignRun {
  /** Name of the Workflow, also the id of its run. */
  id: string;
  project: string;
  pipeline: string;
  /** As the engine knows them: a user name, or a service account. */
  by: string;
  /** ISO 8601. */
  createdAt: string;
  workflow: Workflow;
  /** The schedule of the project that started it, and the time that the schedule gave (ISO 8601). */
  schedule?: { name: string; scheduledFor: string };
  /** Its steps read the values of `provide` and wait for them. */
  needsValues?: boolean;
}

/** What the steps of a run read: environment, and values that are written into no spec. @public */
export type RunValues = Pick<EngineRun, 'environment' | 'secrets'>;

/** A file of git that an engine is to have, so that people and the engine's own clock can start it there. @public */
export interface EngineFile {
  /** `shared`: a file of templates that belongs to no project. */
  kind: 'pipeline' | 'schedule' | 'shared';
  /** Of a shared file: absent. */
  project?: string;
  name: string;
  /** A shared file that others name with `clusterScope`. */
  clusterScope?: boolean;
  /** Of a schedule: the pipeline that its runs count to. */
  pipeline?: string;
  /** Path in the repository. */
  file: string;
  commit: string;
  /** Changes with every file that a run of this one may read. */
  signature: string;
  /** `spec` with what the portal sets filled in. Absent when the file cannot be read: what the engine has of it stays. */
  spec?: Record<string, any>;
  /** Why there is none, when it is not the file's own fault; a sentence. */
  fault?: string;
}

/** Everything that git asks an engine to have. @public */
export interface EngineFiles {
  /** Which repository asks: of two portals on one cluster neither touches what the other put there. */
  source: string;
  /** Names of the values that `provide` gives a run. */
  values: string[];
  files: EngineFile[];
}

/** How one file stands on an engine. @public */
export interface EngineFileState
  extends Pick<EngineFile, 'kind' | 'project' | 'name'> {
  /** Commit that the engine's copy is equal to; absent when it has none. */
  commit?: string;
  /** Why it is not as git asks for; a sentence. */
  fault?: string;
  /** Of a schedule, ISO 8601: it ended by its stopStrategy. */
  stoppedAt?: string;
  /** Of a schedule, ISO 8601: the last time that led to a run. */
  lastScheduledAt?: string;
}

/** What an engine tells. Nothing may depend on being told: the same is asked for again and again. @public */
export interface EngineListener {
  /** The workflow of a run changed, or is gone. */
  changed(id: string): void;
  /** There is a workflow that no run of the portal stands for. Told until it is gone. */
  found(run: ForeignRun): void;
}

/** How an engine is. @public */
export interface EngineHealth {
  state: 'ok' | 'stale' | 'failed';
  /** One sentence. */
  message: string;
  /** ISO 8601: when it last heard from its cluster. */
  heardAt?: string;
}

/**
 * Runs workflows somewhere else than in the portal's own processes. Every method may be repeated: the same call again does no
 * harm. Errors are those of this package; ServiceUnavailableError when the other side does not answer.
 *
 * @public
 */
export interface WorkflowEngine {
  /** As it stands in `mlops.engine` and in a run's `engine`. */
  readonly name: string;
  /** Begins to watch. */
  begin(listener: EngineListener): Promise<void>;
  /** Stops watching; workflows go on. */
  end(): Promise<void>;
  health(): EngineHealth;
  /**
   * Makes sure that the workflow of a run is there. InputError when its spec asks for what this engine does not give;
   * ConflictError when something else has its name.
   */
  submit(run: EngineRun): Promise<void>;
  /**
   * Has what git asks for, and nothing more of what the same source once asked for. Answers how each file stands; a file that
   * cannot be had keeps no other from it. Absent where the engine reads git itself.
   */
  sync?(wanted: EngineFiles): Promise<EngineFileState[]>;
  /** Gives the steps of a workflow that began beside the portal what they read. */
  provide?(id: string, values: RunValues): Promise<void>;
  /** What is known of the workflow of a run; undefined when it is gone. `fresh` asks the other side first. */
  observe(
    id: string,
    options?: { fresh?: boolean },
  ): Promise<EngineObservation | undefined>;
  /** `Terminate` runs no exit handler. */
  shutdown(id: string, strategy: 'Stop' | 'Terminate'): Promise<void>;
  suspend(id: string): Promise<void>;
  /** The run, or one of its steps that wait. InputError when it does not wait, or for a wrong value. */
  resume(id: string, request: ResumeRequest): Promise<void>;
  /** Goes on with a workflow that is over, from a planned state. */
  retry(
    id: string,
    plan: { state: WorkflowState; parameters?: Record<string, string> },
  ): Promise<void>;
  remove(id: string): Promise<void>;
  /** The log of a node from its beginning, until the node is over or the signal aborts. */
  followLog(
    id: string,
    nodeId: string,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array>;
  /** Bytes of artifacts by the keys that node statuses name; undefined when none is configured. Without `delete` they stay for ever. */
  readonly artifacts?: Pick<ArtifactStore, 'get' | 'stat' | 'list'> &
    Partial<Pick<ArtifactStore, 'delete'>>;
}
