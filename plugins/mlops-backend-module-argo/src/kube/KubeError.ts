/** An answer of a Kubernetes API that is no success, or none at all (`status` 0). */
export class KubeError extends Error {
  readonly name = 'KubeError';

  constructor(
    message: string,
    /** HTTP status; 0 = no answer. */
    readonly status: number,
    /** Kubernetes' own word, as `AlreadyExists`, `Conflict`, `Expired`. */
    readonly reason?: string,
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }

  /** Whether the same call may go through a little later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** True for a KubeError with that status. */
export const isStatus = (error: unknown, status: number): error is KubeError =>
  error instanceof KubeError && error.status === status;
