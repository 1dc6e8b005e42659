/**
 * The file `datasets/<name>/report.json` among the artifacts of a tracking run: what the verification step saw.
 * Pictures named by `path` lie beside it.
 *
 * @public
 */
export interface DatasetReport {
  name: string;
  /** `sha256:` and hex, over what was accepted. */
  digest: string;
  rows: number;
  setAsideRows: number;
  /** How many examples of each label, source and split. */
  counts: {
    by: 'label' | 'source' | 'split' | string;
    values: { value: string; count: number }[];
  }[];
  histograms: { feature: string; edges: number[]; counts: number[] }[];
  checks: {
    name: string;
    status: 'passed' | 'warning' | 'failed';
    value?: number | string;
    limit?: string;
    message: string;
  }[];
  /** At most 60. */
  samples: {
    path?: string;
    label?: string;
    source?: string;
    values?: Record<string, string | number>;
  }[];
  /** At most 60. */
  setAside: {
    path?: string;
    reason: string;
    label?: string;
    source?: string;
    values?: Record<string, string | number>;
  }[];
}

/** Answer of `GET datasets/{project}/{dataset}`. @public */
export interface DatasetDetail {
  project: string;
  name: string;
  title?: string;
  description?: string;
  licence?: string;
  sources: { name: string; description?: string }[];
  schema: { name: string; type: string; description?: string; unit?: string }[];
  splits?: Record<string, number>;
  /** Checks that the file asks for. */
  declaredChecks: string[];
  /** What the newest run saw; absent before the first. */
  report?: DatasetReport;
  /** Portal run that wrote the report. */
  runId?: string;
  /** Digests over time, newest first. */
  history: {
    digest: string;
    rows: number;
    runId?: string;
    createdAt: string;
  }[];
}
