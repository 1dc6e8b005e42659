/** A registered version, as lists and comparisons need it. @public */
export interface ModelVersion {
  version: string;
  /** `sha256:` and hex, over the files of the version. */
  digest: string;
  /** ISO 8601. */
  createdAt: string;
  /** Portal run that made it; absent for versions registered from outside. */
  runId?: string;
  /** Tracking run that made it. */
  trackingRunId?: string;
  commit?: string;
  metrics: Record<string, number>;
  parameters: Record<string, string>;
  dataset?: { name: string; digest: string };
  /** What it was trained with: `native`, `wasm`, ... */
  backend?: string;
}

/** Answer of `GET models/{project}/{model}`. @public */
export interface RegisteredModel {
  name: string;
  project: string;
  title?: string;
  task?: string;
  classes?: string[];
  primaryMetric?: { name: string; direction: 'higher' | 'lower' };
  intendedUse?: string;
  limits?: string[];
  licence?: string;
  /** As the registry has them now. */
  aliases: {
    alias: string;
    version: string;
    /** Git says so; only a request moves it. */
    declared: boolean;
  }[];
  /** What a version must meet before it takes an alias. */
  gates: { name: string; check: string }[];
  /** Path of the file in the repository; absent when only the registry knows the model. */
  file?: string;
  /** What the caller may do. */
  allowed?: { promote: boolean };
  /** Newest first. */
  versions: ModelVersion[];
}

/** Answer of `GET models/{project}/{model}/versions/{version}`. @public */
export interface ModelVersionDetail extends ModelVersion {
  model: string;
  project: string;
  pipeline?: string;
  /** Size of all files. */
  sizeBytes: number;
  files: { path: string; sizeBytes: number; digest: string }[];
  /** Inputs and outputs of the model, as its step recorded them. */
  signature?: unknown;
  evaluation?: EvaluationReport;
  /** The version before it, for comparison. */
  previous?: ModelVersion;
}

/** The file `evaluation.json` beside a model: what the held-out data said. @public */
export interface EvaluationReport {
  /** Number of held-out examples. */
  examples: number;
  metrics: {
    name: string;
    value: number;
    /** Wilson 95 % interval, where the metric is a share. */
    interval?: { lower: number; upper: number };
  }[];
  confusionMatrix?: {
    labels: string[];
    /** rows = truth, columns = prediction */ counts: number[][];
  };
  slices?: {
    feature: string;
    value: string;
    examples: number;
    metric: string;
    metricValue: number;
    interval?: { lower: number; upper: number };
  }[];
  baseline?: { rule: string; metric: string; value: number };
  /** Over- or underfit, with the rule that says so. */
  verdict?: {
    name: 'good-fit' | 'overfit' | 'underfit';
    rule: string;
    message: string;
  };
  /** Features ranked by importance. */
  features?: { name: string; importance: number }[];
  /** A few held-out examples that were answered wrongly; paths relative to the report. */
  mistakes?: {
    /** The same as in `predictions.json`. */
    id?: string;
    path?: string;
    truth: string;
    prediction: string;
    confidence?: number;
    note?: string;
  }[];
}

/**
 * The file `predictions.json` beside `evaluation.json`: every held-out example and its answer. Two versions that were asked the same
 * examples can be held against each other by it.
 *
 * @public
 */
export interface EvaluationPrediction {
  /** The same for the same example in every run: a digest of it, never its place in a list. */
  id: string;
  truth: string;
  prediction: string;
  confidence?: number;
  /** A picture of it among the files of the version. */
  path?: string;
  note?: string;
}
