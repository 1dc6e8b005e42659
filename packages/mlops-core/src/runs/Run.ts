import type { NodeStatus, WorkflowPhase } from '@backstage-mlops/argo-engine';

/** Who or what started a run. @public */
export type RunTrigger =
  | {
      kind: 'person';
      /** Entity reference, as `user:default/guest`. */ by: string;
    }
  | {
      kind: 'schedule';
      /** Name of the schedule, a file under `pipelines/`. */
      by: string;
      /** The time that the schedule gave; ISO 8601. */
      scheduledFor: string;
    }
  | {
      /** A check of a proposed change. */
      kind: 'change';
      /** Who proposed it. */
      by: string;
      /** Id of the change. */
      change: string;
    }
  | {
      /** Somebody started the workflow on the cluster, beside the portal. */
      kind: 'cluster';
      /** As the cluster knows them. */
      by: string;
    }
  | {
      /** Nobody: the run that `mlops.firstRun` names, begun by a portal that had none yet. */
      kind: 'first-run';
      by: 'portal';
    };

/** Where a run comes from, when another one was before it. @public */
export interface RunOrigin {
  /** `resubmit`: the same again, perhaps with other parameters. `reuse`: with steps or inputs of the other. */
  kind: 'resubmit' | 'reuse';
  /** Id of the other run. */
  run: string;
}

/** What a run began from, beside its commit and parameters. @public */
export interface RunBasis {
  /** The template that it ran instead of the pipeline's own entrypoint. */
  entrypoint?: string;
  /** What it took over of an earlier run; see {@link RunRequest}. */
  reuse?: { run: string; nodes: string[] };
  /** Artifacts that were taken over, by what they were then. */
  inputs: {
    /** Display name of the step that they come from, or go to. */
    node: string;
    artifact: string;
    /** `sha256:` and hex digits; of a folder, the digest of the list of its files. */
    digest: string;
  }[];
}

/** One execution of a pipeline at a commit (one Argo Workflow). @public */
export interface Run {
  id: string;
  project: string;
  pipeline: string;
  /** `local`, or the name of a cluster. */
  engine: string;
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
  /** The run that this one repeats or goes on from. */
  origin?: RunOrigin;
  /** Absent when the run began at the beginning, from git alone. */
  basis?: RunBasis;
  /** What the caller may do with this run; in answers about one run. */
  allowed?: { create: boolean; control: boolean };
  /** No new step begins until a person resumes the run. */
  suspended?: boolean;
  /** Present while the run waits for its turn. */
  queue?: {
    /** 1 is the next. */
    position: number;
    message: string;
  };
  /** What retention took away. */
  removed?: ('logs' | 'artifacts')[];
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
  /** `local` or the name of a cluster; default: the project's `spec.engine`, else `mlops.engine`. */
  engine?: string;
  parameters?: Record<string, string>;
  /** Name of a template to run instead of the pipeline's own entrypoint. */
  entrypoint?: string;
  /**
   * An earlier run of the pipeline. With `entrypoint`: the one node whose inputs are taken; those that follow from the run's own
   * parameters alone are made of the new ones. Without: the nodes that are kept; everything else runs.
   */
  reuse?: { run: string; nodes: string[] };
}

/** What a person says to a run, or to one of its steps, that waits. @public */
export interface ResumeRequest {
  /** Id of a waiting step; absent = the run and all of its waiting steps. */
  node?: string;
  /** Values that the step asks for, by name. */
  parameters?: Record<string, string>;
  /** Ends the step as Failed. */
  reject?: boolean;
}

/** Body of `POST runs/{id}/retry` and `retry-plan`. @public */
export interface RetryRequest {
  /** Ids of nodes that run again although they succeeded. */
  nodes?: string[];
  /** Other values of parameters. */
  parameters?: Record<string, string>;
}

/** What a retry would do. @public */
export interface RetryPreview {
  again: { id: string; displayName: string }[];
  kept: { id: string; displayName: string }[];
}

/** What an attempt, or several together, cost. Absent figures are not known on the machine that ran them. @public */
export interface Cost {
  wallSeconds: number;
  /** User and system time. */
  cpuSeconds?: number;
  /** Largest memory of one attempt that was seen. */
  peakMemoryBytes?: number;
  /** Bytes that were sent to disk. */
  writtenBytes?: number;
  /** By the configured rates. */
  price?: number;
}

/** The lowest, the middle and the highest of some figures. @public */
export interface Spread {
  low: number;
  median: number;
  high: number;
}

/** What a run will probably take. @public */
export interface RunEstimate {
  /** How many earlier runs it is made of. */
  runs: number;
  /** From the beginning to the end. */
  seconds: Spread;
  /** Of all steps together. */
  cpuSeconds?: Spread;
  price?: Spread;
  currency?: string;
}

/** What a project keeps. @public */
export interface ProjectStorage {
  /** Runs on record. */
  runs: number;
  /** Logs and folders of steps. */
  stepBytes: number;
  /** Artifacts between steps. */
  artifactBytes: number;
  /** Files of tracking runs. */
  trackingBytes: number;
  /** Files of registered versions. */
  modelBytes: number;
  /** Entries of caches. */
  cacheEntries: number;
  /** What the runs of a day added; the last 14 days that had any, oldest first. */
  growth: { day: string; runs: number; bytes: number }[];
  /** The policy in git; absent = everything stays. */
  retention?: {
    runs?: { last?: number; days?: number };
    logs?: { days?: number };
    artifacts?: { days?: number };
  };
}

/** What a retention policy takes away. @public */
export interface RetentionPlan {
  items: {
    run: string;
    removes: ('run' | 'logs' | 'artifacts')[];
    bytes: number;
    why: string;
  }[];
  /** Runs that stay although the policy names them, and why. */
  kept: { run: string; why: string }[];
  bytes: number;
}

/** What a run cost, by attempt. @public */
export interface RunCosts {
  items: (Cost & {
    node: string;
    displayName: string;
    attempt: number;
    /** What the template asked for. */
    requests?: { cpu?: number; memoryBytes?: number };
  })[];
  total: Cost;
  /** Of the prices. */
  currency?: string;
}

/** Entries of the caches of a project. @public */
export interface CachePage {
  items: {
    cacheName: string;
    key: string;
    filledBy: { run: string; node: string };
    /** ISO 8601. */
    createdAt: string;
    /** ISO 8601. */
    lastHitAt?: string;
    usedBy: { run: string }[];
  }[];
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
