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
  /** Bytes of artifacts by the keys that node statuses name; undefined when none is configured. */
  readonly artifacts?: Pick<ArtifactStore, 'get' | 'stat' | 'list'>;
}
