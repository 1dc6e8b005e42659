/** Error codes of MLflow that this server answers. @public */
export type MlflowErrorCode =
  | 'INVALID_PARAMETER_VALUE'
  | 'RESOURCE_ALREADY_EXISTS'
  | 'BAD_REQUEST'
  | 'UNAUTHENTICATED'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_DOES_NOT_EXIST'
  | 'ENDPOINT_NOT_FOUND'
  | 'INTERNAL_ERROR'
  | 'TEMPORARILY_UNAVAILABLE';

/** Their HTTP status. */
const statuses: Record<MlflowErrorCode, number> = {
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  INTERNAL_ERROR: 500,
  TEMPORARILY_UNAVAILABLE: 503,
};

/** A fault as an MLflow client reads it. @public */
export class MlflowError extends Error {
  constructor(readonly errorCode: MlflowErrorCode, message: string) {
    super(message);
  }

  get status(): number {
    return statuses[this.errorCode];
  }
}

export const invalid = (message: string) =>
  new MlflowError('INVALID_PARAMETER_VALUE', message);
export const missing = (message: string) =>
  new MlflowError('RESOURCE_DOES_NOT_EXIST', message);
