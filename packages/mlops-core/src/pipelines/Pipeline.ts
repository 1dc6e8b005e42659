import type { PipelineGraph, Problem } from '@backstage-mlops/argo-engine';

/** One field of the run form, from `spec.arguments.parameters`. @public */
export interface PipelineParameter {
  name: string;
  value?: string;
  default?: string;
  description?: string;
  enum?: string[];
  /** True when neither a value nor a default is given. */
  required: boolean;
}

/** Answer of `GET pipelines/{project}/{pipeline}`. @public */
export interface Pipeline {
  project: string;
  name: string;
  ref: string;
  commit: string;
  file: string;
  title?: string;
  description?: string;
  /** Parameters a person sets; those the portal sets by itself (`repo`, `revision`, `path`) are left out. */
  parameters: PipelineParameter[];
  graph: PipelineGraph;
  /** Engines that a run may name, the one that it takes by itself first. Absent where there is no choice. */
  engines?: string[];
  problems: Problem[];
  /** Text of the file at the commit. */
  source: string;
}

/** A schedule of a project and how it stands. @public */
export interface ScheduleSummary {
  name: string;
  /** Path in the repository. */
  file: string;
  title?: string;
  description?: string;
  /** Pipeline that it starts; its own name when it holds the steps itself. */
  pipeline: string;
  /** Cron expressions. */
  schedules: string[];
  /** IANA name. */
  timezone: string;
  concurrencyPolicy: 'Allow' | 'Forbid' | 'Replace';
  suspended: boolean;
  /** ISO 8601: it ended for good by its stopStrategy. */
  stoppedAt?: string;
  lastRun?: {
    id: string;
    /** ISO 8601. */
    scheduledFor: string;
  };
  /** Why its last time did not lead to a run. */
  fault?: string;
  /** The last time that led to no run, as its `when` or `concurrencyPolicy` had it. */
  passed?: {
    /** ISO 8601. */
    at: string;
    why: string;
  };
  /** The next five times; ISO 8601. Empty while it rests. */
  next: string[];
  problems: Problem[];
}
