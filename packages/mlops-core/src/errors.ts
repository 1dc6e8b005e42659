/*
 * Faults of our own making. The names are the host's, so that an HTTP shell answers 400, 404, 409 or 503 without a table.
 * A failure of user code in a step is data, never one of these.
 */

/** Stable words for programs. @public */
export type MlopsErrorCode =
  | 'invalid-field'
  | 'invalid-file'
  | 'too-large'
  | 'not-found'
  | 'conflict'
  | 'idempotency-conflict'
  | 'input-changed'
  | 'input-gone'
  | 'terminal-run'
  | 'unmapped-image'
  | 'unusable-path'
  | 'unusable-limit'
  | 'untrusted-project'
  | 'limit-exceeded'
  | 'queue-full'
  | 'engine-off'
  | 'unavailable';

/** A fault with a stable code. @public */
export class MlopsError extends Error {
  constructor(
    message: string,
    readonly code: MlopsErrorCode,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** The caller said something that cannot be: 400. @public */
export class InputError extends MlopsError {
  readonly name = 'InputError';
}

/** The thing is not there, or not the caller's to see: 404. @public */
export class NotFoundError extends MlopsError {
  readonly name = 'NotFoundError';
}

/** The thing is in another state than the caller thinks: 409. @public */
export class ConflictError extends MlopsError {
  readonly name = 'ConflictError';
}

/** More than is allowed at the same time; try again later: 429. @public */
export class LimitError extends MlopsError {
  readonly name = 'LimitError';
}

/** A part of the portal is not there now; try again: 503. @public */
export class ServiceUnavailableError extends MlopsError {
  readonly name = 'ServiceUnavailableError';
}
