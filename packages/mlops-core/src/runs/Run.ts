import type { NodeStatus, WorkflowPhase } from '@backstage-mlops/argo-engine';

/** Who or what started a run. @public */
export type RunTrigger = {
  kind: 'person';
  /** Entity reference, as `user:default/guest`. */ by: string;
};

/** One execution of a pipeline at a commit (one Argo Workflow). @public */
export interface Run {
  id: string;
  project: string;
  pipeline: string;
  engine: 'local';
  phase: WorkflowPhase;
  /** One sentence, Argo's wording. */
  message?: string;
  /** The node at the root of a failure, with its own message. */
  cause?: { node: string; message: string };
  /** Branch, tag or commit that was asked for. */
  ref: string;
  /** Full commit id that the run is pinned to. */
  commit: string;
  /** Path of the pipeline file at that commit. */
  file: string;
  parameters: { name: string; value: string }[];
  trigger: RunTrigger;
  /** ISO 8601. */
  createdAt: string;
  /** ISO 8601; absent while Pending. */
  startedAt?: string;
  /** ISO 8601. */
  finishedAt?: string;
  /** By node id. */
  nodes: Record<string, NodeStatus>;
  /** Id of the tracking run that the steps log to. */
  trackingRunId: string;
  /** Things a reader should know, as "Runs without isolation: project is trusted by mlops.local.trust". */
  notes?: string[];
}

/** A run in a list: a Run without its nodes. @public */
export type RunSummary = Omit<Run, 'nodes'>;

/** @public */
export interface RunPage {
  items: RunSummary[];
  nextCursor?: string;
}

/** Body of `POST runs`. @public */
export interface RunRequest {
  project: string;
  pipeline: string;
  /** Branch, tag or commit; default: the configured branch. */
  ref?: string;
  parameters?: Record<string, string>;
}

/** Points of one metric of a run or of one of its child runs. @public */
export interface MetricSeries {
  trackingRunId: string;
  /** Name of the tracking run; a child run is one candidate. */
  runName: string;
  key: string;
  /** At most 2,000 points, thinned by the server; ISO 8601 times. */
  points: { step: number; value: number; timestamp: string }[];
}
