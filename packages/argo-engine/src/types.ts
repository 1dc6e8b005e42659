/*
 * The words of Argo Workflows v4 that every room shares: what a template is, what a node of a run is, and what `operate`
 * takes and gives. Nothing here knows machine learning, a database or a process.
 */
import type { StoredFiles } from './documents/storedFiles';
/** Phases of a node, Argo's own. @public */
export type NodePhase =
  | 'Pending'
  | 'Running'
  | 'Succeeded'
  | 'Skipped'
  | 'Failed'
  | 'Error'
  | 'Omitted';

/** Phases of a workflow, Argo's own. @public */
export type WorkflowPhase =
  | 'Pending'
  | 'Running'
  | 'Succeeded'
  | 'Failed'
  | 'Error';

/** Types of a node, Argo's own. @public */
export type NodeType =
  | 'Pod'
  | 'Steps'
  | 'StepGroup'
  | 'DAG'
  | 'TaskGroup'
  | 'Retry'
  | 'Skipped'
  | 'Suspend'
  | 'Container'
  | 'HTTP'
  | 'Plugin';

/** A fault or a remark about a file, with the place where it is. @public */
export interface Problem {
  /** Path of the file, as its reader knows it. */
  file: string;
  /** 1-based. */
  line: number;
  /** 1-based. */
  column: number;
  /** Path of the field, as `spec.templates[2].daemon`. */
  path?: string;
  /** A stable word for programs, as `unsupported-field`. */
  code: string;
  /** One sentence for a person: the thing, the value, what was expected. */
  message: string;
  severity: 'error' | 'warning' | 'notice';
}

/** A parameter as Argo writes it. @public */
export interface Parameter {
  name: string;
  /** Always a string once a node runs. `null` in a status means "supplied later". */
  value?: string | null;
  default?: string;
  description?: string;
  enum?: string[];
  globalName?: string;
  valueFrom?: {
    path?: string;
    default?: string;
    parameter?: string;
    expression?: string;
    supplied?: Record<string, never>;
  };
}

/** An artifact as Argo writes it; at most one of `from`, `raw`, `git` says where an input comes from. @public */
export interface Artifact {
  name: string;
  /** Absolute path inside the step. */
  path?: string;
  optional?: boolean;
  /** Rights of the file, or with `recurseMode` of all that a folder holds. */
  mode?: number;
  recurseMode?: boolean;
  from?: string;
  raw?: { data: string };
  git?: {
    repo: string;
    revision?: string;
    depth?: number;
    singleBranch?: boolean;
    branch?: string;
  };
  /** Key of the bytes in the artifact store, set by the engine that runs the step. */
  s3?: { key: string };
  archive?: {
    none?: Record<string, never>;
    tar?: { compressionLevel?: number };
    zip?: Record<string, never>;
  };
}

/** @public */
export interface Inputs {
  parameters?: Parameter[];
  artifacts?: Artifact[];
}

/** @public */
export interface Outputs {
  parameters?: Parameter[];
  artifacts?: Artifact[];
  /** Standard output of the main container, at most 256 KiB, without its last newline. */
  result?: string;
  exitCode?: string;
}

/** One node of a run, as in `status.nodes` of a Workflow. @public */
export interface NodeStatus {
  id: string;
  name: string;
  displayName: string;
  type: NodeType;
  phase: NodePhase;
  message?: string;
  templateName?: string;
  templateRef?: { name?: string; template?: string; clusterScope?: boolean };
  /** Id of the Steps or DAG node that this node belongs to. */
  boundaryID?: string;
  /** Ids. */
  children: string[];
  /** Ids. */
  outboundNodes?: string[];
  inputs?: Inputs;
  outputs?: Outputs;
  /** ISO 8601. */
  startedAt: string;
  /** ISO 8601. */
  finishedAt?: string;
  nodeFlag?: { hooked?: boolean; retried?: boolean };
  memoizationStatus?: {
    hit: boolean;
    key: string;
    cacheName: string;
    /** Run whose outputs these are. */
    fromRun?: string;
  };
  synchronizationStatus?: { waiting?: string };
  [extra: string]: unknown;
}

/** A Workflow with everything it needs resolved: what `operate` runs. @public */
export interface Workflow {
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    /** ISO 8601. */
    creationTimestamp?: string;
  };
  /** The `spec` of a Workflow or WorkflowTemplate; `arguments` are the submitter's over the template's. */
  spec: Record<string, any>;
  /** What the run took along of other files. */
  stored?: StoredFiles;
}

/** Everything that `operate` remembers between two passes; plain JSON. @public */
export interface WorkflowState {
  phase: WorkflowPhase;
  message?: string;
  /** `done/all`, as `3/5`. */
  progress?: string;
  /** ISO 8601. */
  startedAt?: string;
  /** ISO 8601. */
  finishedAt?: string;
  /** By node id. */
  nodes: Record<string, NodeStatus>;
  outputs?: Outputs;
  /** No new step begins until a person resumes the run. */
  suspended?: boolean;
  /** Who holds and who waits for each lock, by lock name; ids of nodes, the run's own lock has the id of the run. */
  locks?: Record<string, { holding: string[]; waiting: string[] }>;
}

/** An entry of a cache: what a node gave under a key. @public */
export interface CacheEntry {
  /** Node that filled it. */
  nodeId: string;
  outputs?: Outputs;
  /** ISO 8601. */
  createdAt: string;
  /** Run that filled it, when it is another one; shown on the node. */
  runId?: string;
}

/** What a pass adds to a cache. @public */
export interface CacheSave {
  cacheName: string;
  key: string;
  nodeId: string;
  outputs?: Outputs;
}

/** What the world says about one started pod (a step attempt). @public */
export interface PodObservation {
  nodeId: string;
  phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Error';
  /** Exit code of the main container. */
  exitCode?: number;
  /** Message of the main container's end, as `Error (exit code 7)` is made of the code; given for OOMKilled and our own reasons. */
  message?: string;
  /** Message about the pod as a whole, as of its deadline or an eviction; says more than the container's end. */
  podMessage?: string;
  /** Fault before or after the main container: an input that failed to load, an output that is missing. */
  executorFault?: {
    container: 'init' | 'wait';
    exitCode: number;
    message: string;
  };
  outputs?: Outputs;
  /** ISO 8601. */
  startedAt?: string;
  /** ISO 8601. */
  finishedAt?: string;
}

/** A pod to start: one attempt of one leaf node, with every tag replaced. @public */
export interface PodRequest {
  nodeId: string;
  nodeName: string;
  podName: string;
  templateName: string;
  /** The template (`container` or `script`, `inputs`, `outputs`) after substitution; input artifacts say where their bytes come from. */
  template: Record<string, any>;
  /** True when some template refers to this node's `outputs.result`. */
  captureResult: boolean;
  /** Seconds the pod may be active, from the template and the workflow; absent = no deadline. */
  activeDeadlineSeconds?: number;
}

/** @public */
export interface OperateInput {
  workflow: Workflow;
  state: WorkflowState;
  /** Observations of all pods that were started and are not yet finished in `state`, by node id. */
  pods: Record<string, PodObservation>;
  /** ISO 8601. */
  now: string;
  /** A person's wish to end the run. */
  shutdown?: 'Stop' | 'Terminate';
  /** Calls of templates inside each other, the run's own included, that a run never reaches. Default: 100, which is Argo's own. */
  maxDepth?: number;
  /** A pass that would make more nodes throws a TooManyNodesError instead. Default: no limit. */
  maxNodes?: number;
  /** What a cache holds under a key; needed for `memoize`. */
  cached?(cacheName: string, key: string): CacheEntry | undefined;
  /**
   * How a lock stands outside of this run: how many other runs hold it, how many may at the same time (a mutex: 1), and whether
   * another one is before this. Needed for `synchronization`; without it the run is alone.
   */
  lock?(lockName: string): { held: number; limit?: number; blocked?: boolean };
  /** Templates of other files, for `templateRef`. */
  templates?(
    name: string,
    clusterScope: boolean,
  ): Record<string, any> | undefined;
}

/** @public */
export interface OperateResult {
  state: WorkflowState;
  /** Pods to start, in order. */
  start: PodRequest[];
  /** Node ids of running pods to end (stop, deadline). Their nodes may be over already. */
  stop: string[];
  /** New entries of caches. */
  saves: CacheSave[];
  /** ISO 8601: when to call again although nothing happened (deadlines, back-off). */
  requeueAt?: string;
}

/** The picture of a pipeline before it runs. @public */
export interface PipelineGraph {
  nodes: {
    /** Path of names from the entrypoint, unique in the graph, as `main.train`. */
    id: string;
    name: string;
    template: string;
    /** What it is: a leaf that runs, or a composite that is drawn around its members. */
    type: 'Pod' | 'Steps' | 'DAG' | 'Suspend';
    /** Id of the composite that it is in. */
    parent?: string;
    /** Text of `withItems`, `withParam` or `withSequence`, when the node is a loop. */
    loop?: string;
    /** Text of `when`. */
    when?: string;
    /** 1-based line of the step or task in the file. */
    line?: number;
    /** 1-based line of the template in the file. */
    templateLine?: number;
  }[];
  edges: { from: string; to: string }[];
}
