import type { PipelineGraph, Problem } from '@backstage-mlops/argo-engine';
import type { RunEstimate, RunSummary } from '../runs/Run';
import type {
  ConflictHunk,
  MergeMethod,
  PullRequestCheck,
  PullRequestComment,
  PullRequestDetail,
  PullRequestReview,
  ReviewVerdict,
} from './PullRequestHost';

/** One edit of one file of the repository. Paths are relative to the repository's root. @public */
export type FileEdit =
  | {
      path: string;
      /** The whole new text. */ content: string;
    }
  | { path: string; delete: true }
  | {
      path: string;
      /** Values set in a YAML file; everything else of its text stays as it is. `undefined` as value takes the key away. */
      set: { at: (string | number)[]; value?: unknown }[];
    };

/** Body of `POST changes` and `POST effect`. @public */
export interface ChangeRequest {
  project: string;
  title: string;
  /** Why; Markdown. */
  message?: string;
  edits: FileEdit[];
  /** Commit that the edits were made from; default: the newest of the main branch. */
  base?: string;
  draft?: boolean;
  /** Runs the pipeline on the branch, and compares it with the last good run of the main branch. */
  trialRun?: { pipeline: string; parameters?: Record<string, string> };
  /** Entity references, as `user:default/rex`. */
  reviewers?: string[];
  /** A branch that was pushed already, instead of edits. */
  branch?: string;
}

/** What a change is about; decides which page opens it and which rules hold. @public */
export type ChangeKind = 'change' | 'promotion' | 'project' | 'revert';

/** A proposed change in a list. @public */
export interface ChangeSummary {
  /** The number at the host, as text. */
  id: string;
  project: string;
  kind: ChangeKind;
  title: string;
  state: 'open' | 'merged' | 'closed';
  draft: boolean;
  branch: string;
  target: string;
  /** Merge base; full commit id. */
  base: string;
  head: string;
  author: string;
  reviewers: string[];
  /** ISO 8601. */
  createdAt: string;
  updatedAt: string;
  mergeCommit?: string;
  mergedBy?: string;
  mergedAt?: string;
  /** At the host, where that is not the portal. */
  url?: string;
  /** Of the present head: `failed` when one failed, else `pending` when one is, else `passed`. */
  checksState: 'pending' | 'passed' | 'failed' | 'none';
}

/** A proposed change with all that belongs to it. @public */
export interface Change extends ChangeSummary {
  message: string;
  files: PullRequestDetail['files'];
  commits: PullRequestDetail['commits'];
  checks: PullRequestCheck[];
  reviews: PullRequestReview[];
  comments: PullRequestComment[];
  conflicts?: ConflictHunk[];
  /** Whether `merge` would go through for somebody who may merge: git can merge it and nothing blocks. */
  mergeable: boolean;
  /** Every reason why it cannot be merged now; sentences for a person. */
  blockedBy: string[];
  /** Owners by CODEOWNERS whose approval is needed: entity references. */
  requiredReviewers: string[];
  trialRun?: Pick<RunSummary, 'id' | 'phase'> & { pipeline: string };
  promotion?: PromotionRequest;
  /** True once the portal reads the merge commit. */
  live?: boolean;
  /** What the caller may do. */
  allowed: {
    review: boolean;
    merge: boolean;
    close: boolean;
    update: boolean;
    promote: boolean;
    /**
     * Present where CODEOWNERS asks for the approval of the caller, or of a group of theirs, and they wrote none of it: whether
     * they may give it. `false` tells that they lack the right to review.
     */
    approveAsOwner?: boolean;
  };
}

/** Answer of `GET changes/{id}/comparison`: the trial run beside the last good run of the main branch. @public */
export interface ChangeComparison {
  /** Absent while nobody asked for a trial run. */
  trial?: ComparedRun;
  /** The last run of the same pipeline that succeeded on the main branch; absent when there is none. */
  main?: ComparedRun;
  metrics: {
    name: string;
    trial?: number;
    main?: number;
    /** Trial less main. */
    difference?: number;
    trialInterval?: { lower: number; upper: number };
    mainInterval?: { lower: number; upper: number };
    /** Which way is better, where the project says so. */
    direction?: 'higher' | 'lower';
    /** `within-noise`: the intervals overlap. `unknown` without direction or without both values. */
    verdict: 'better' | 'worse' | 'same' | 'within-noise' | 'unknown';
  }[];
  parameters: { name: string; trial?: string; main?: string }[];
}

/** One run in a comparison. @public */
export interface ComparedRun {
  id: string;
  pipeline: string;
  phase: RunSummary['phase'];
  message?: string;
  commit: string;
  ref: string;
  /** From its start to its end; absent while it runs. */
  seconds?: number;
  price?: number;
  currency?: string;
  /** ISO 8601. */
  createdAt: string;
  finishedAt?: string;
}

/** @public */
export interface ChangePage {
  items: ChangeSummary[];
  nextCursor?: string;
}

/** Body of `PATCH changes/{id}`. @public */
export interface ChangeUpdate {
  title?: string;
  message?: string;
  draft?: boolean;
  reviewers?: string[];
  edits?: FileEdit[];
  /** The head that the edits were made from. */
  head?: string;
}

/** Body of `POST changes/{id}/review`. @public */
export interface ReviewRequest {
  verdict: ReviewVerdict;
  comment?: string;
}

/** Body of `POST changes/{id}/checks`: runs checks again. @public */
export interface ChecksRequest {
  /** Default: all of them. */
  name?: string;
  /** Asks for a trial run, or for another one, beside. */
  trialRun?: { pipeline: string; parameters?: Record<string, string> };
}

/** Body of `POST changes/{id}/merge`. @public */
export interface MergeRequest {
  method?: MergeMethod;
  /** The head that the person saw; default: the newest. */
  head?: string;
}

/** What a change does to one pipeline. @public */
export interface PipelineEffect {
  pipeline: string;
  file: string;
  /** Absent when the file is new, or cannot be read before. */
  before?: PipelineGraph;
  /** Absent when the file is removed, or cannot be read after. */
  after?: PipelineGraph;
  /** Ids of graph nodes. */
  added: string[];
  removed: string[];
  /** Nodes on both sides whose template, arguments or place differ; `fields` are paths, as `container.args[2]`. */
  changed: { id: string; fields: string[] }[];
  parameters: { name: string; before?: string; after?: string }[];
  /** Names of nodes that would do their work again. */
  rerun: string[];
  /** Names of nodes whose memoized result would be used again. */
  cached: string[];
  estimate?: RunEstimate;
}

/** Answer of `POST effect`: what the edits would do. Nothing is written. @public */
export interface Effect {
  base: string;
  files: PullRequestDetail['files'];
  /** Over all pipelines; node names, with the pipeline before them when there are several: `train/split`. */
  graph: { added: string[]; removed: string[]; changed: string[] };
  parameters: {
    pipeline: string;
    name: string;
    before?: string;
    after?: string;
  }[];
  rerun: string[];
  cached: string[];
  /** Of the first pipeline that changes and has runs. */
  estimate?: RunEstimate;
  affected: {
    pipelines: string[];
    models: string[];
    datasets: string[];
    /** Owners: entity references. */
    teams: string[];
    /** Other projects that use a shared file. */
    projects: string[];
  };
  /** All faults of the files after the edits, with file, line, column. */
  findings: Problem[];
  pipelines: PipelineEffect[];
}

/** Body of `POST models/{project}/{model}/promotions`. @public */
export interface PromotionRequest {
  alias: string;
  version: string;
  reason: string;
  reviewers?: string[];
}

/** What one gate says of a candidate. @public */
export interface GateResult {
  /** The CEL text in git. */
  gate: string;
  name: string;
  state: 'passed' | 'failed' | 'waived' | 'error';
  /** One sentence with the values, as "metrics.accuracy 0.94 is at least 0.9". */
  message: string;
  /** Sub-conditions that are plain comparisons: what was compared, with the interval of the metric where it is known. */
  comparisons: {
    metric: string;
    value?: number;
    operator: string;
    limit?: number;
    interval?: { lower: number; upper: number };
    passed: boolean;
  }[];
  waiver?: { by: string; reason: string; until: string };
}

/** Answer of `GET models/{project}/{model}/promotions/preview?alias&version`: what the dialog shows. @public */
export interface PromotionPreview {
  project: string;
  model: string;
  alias: string;
  champion?: PromotionSide;
  candidate: PromotionSide;
  /** File that a promotion changes. */
  file: string;
  /** The alias goes back to a version that it had before. */
  rollback: boolean;
  gates: GateResult[];
  passes: boolean;
  /** Commits and diff between the two versions' commits, of the project's folder. */
  codeDiff?: {
    from: string;
    to: string;
    commits: number;
    files: PullRequestDetail['files'];
    truncated: boolean;
  };
  /** Held-out inputs that both were asked and answered differently. */
  disagreements: {
    id: string;
    /** Picture of it among the files of `version`. */
    path?: string;
    version?: string;
    truth: string;
    champion: string;
    candidate: string;
    note?: string;
  }[];
  /** How many there are, of how many inputs that both were asked; absent when one of the two kept no answers. */
  disagreement?: { inputs: number; different: number };
  /** The exact diff that would be committed. */
  diff: PullRequestDetail['files'];
  /** Who has to agree: entity references. */
  requiredReviewers: string[];
  /** Another person than the author must approve. */
  fourEyes: boolean;
}

/** One version in a promotion. @public */
export interface PromotionSide {
  version: string;
  digest: string;
  createdAt: string;
  runId?: string;
  commit?: string;
  sizeBytes: number;
  metrics: Record<string, number>;
  intervals: Record<string, { lower: number; upper: number }>;
  parameters: Record<string, string>;
  dataset?: { name: string; digest: string };
  slices: {
    feature: string;
    value: string;
    examples: number;
    metric: string;
    metricValue: number;
  }[];
}

/** Answer of `GET models/{project}/{model}/aliases`. @public */
export interface AliasPage {
  /** ISO 8601: the moment that was asked for. */
  at: string;
  /** As they were at that moment. */
  items: AliasState[];
  /** Every change of an alias in git; newest first. */
  history: AliasState[];
}

/** An alias that git declares. @public */
export interface AliasState {
  alias: string;
  /** Absent in the history when the alias was taken away. */
  version?: string;
  digest?: string;
  commit: string;
  /** ISO 8601: when it came onto the main branch. */
  since: string;
  by: string;
  reason?: string;
  change?: string;
}

/** One thing that git asks for, and how it stands. @public */
export interface SyncItem {
  project: string;
  kind: 'pipeline' | 'schedule' | 'alias';
  name: string;
  /** Of an alias: the model. */
  model?: string;
  state: 'Synced' | 'OutOfSync' | 'Failed';
  /** What differs, as `aliases.champion.version`. */
  field?: string;
  desired?: string;
  actual?: string;
  message?: string;
  /** ISO 8601: in this state since. */
  since: string;
  /** Commit that asks for it. */
  commit: string;
}

/** Answer of `GET sync?project`. @public */
export interface SyncPage {
  items: SyncItem[];
  /** ISO 8601 of the last look. */
  lookedAt: string;
  /** What the caller may do. */
  allowed: { sync: boolean };
}

/** Body of `POST changes/reverts`: opens a request that takes a commit back. @public */
export interface RevertRequest {
  project: string;
  commit: string;
  reason?: string;
  reviewers?: string[];
}

/** One line of `GET activity?project`. @public */
export interface ActivityItem {
  /** `rewrite`: commits were taken away from the main branch. */
  kind: 'commit' | 'change' | 'run' | 'promotion' | 'rollback' | 'rewrite';
  /** ISO 8601. */
  at: string;
  /** Entity reference, or what git calls the author. */
  by: string;
  /** One sentence. */
  title: string;
  why?: string;
  commit?: string;
  change?: string;
  run?: string;
  model?: string;
  phase?: string;
  /** A commit that can be taken back by a request. */
  revertible?: boolean;
}

/** Answer of `GET activity?project`. @public */
export interface ActivityPage {
  items: ActivityItem[];
  nextCursor?: string;
}

/** Answer of `GET projects/{project}/maturity`: the level by evidence in git and runs. @public */
export interface Maturity {
  level: 0 | 1 | 2;
  points: {
    name: string;
    level: 0 | 1 | 2;
    met: boolean;
    /** What shows it, or what is missing; a sentence. */
    message: string;
    /** A file that would meet it: opens "Fix by pull request". */
    fix?: { path: string; content: string };
  }[];
}
