/* What can go wrong with a cluster, turned on by a test. */

export interface Failure {
  status: number;
  /** So many answers, then all is well again. */
  count: number;
  retryAfter?: number;
  /** Only these calls: `watch`, `list`, `get`, `create`, ... */
  verbs?: string[];
}

export class Switches {
  /** Answers that fail. */
  failure?: Failure;
  /** Milliseconds before every answer. */
  slowMs = 0;
  /** Until then (epoch milliseconds) open and new watches say nothing. */
  silentUntil = 0;
  /** Every event is sent twice. */
  duplicates = false;
  /** Events that are not sent at all. */
  missing = 0;
  /** Lists answer as of this version. */
  staleVersion?: number;
  /** How a watch from too old a version is answered. */
  goneAs: 'status' | 'event' = 'status';
  /** Verbs of calls that are refused, as `delete pods`. */
  forbidden: string[] = [];

  /** Turns switches; null, which JSON has for it, turns one off. */
  set(values: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(values))
      Object.assign(this, { [name]: value ?? undefined });
  }

  /** The failure of a call, counted down; undefined when it is answered. */
  fails(verb: string): Failure | undefined {
    const { failure } = this;
    if (!failure || (failure.verbs && !failure.verbs.includes(verb)))
      return undefined;
    failure.count -= 1;
    if (failure.count <= 0) this.failure = undefined;
    return failure;
  }
}
