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
  problems: Problem[];
  /** Text of the file at the commit. */
  source: string;
}
