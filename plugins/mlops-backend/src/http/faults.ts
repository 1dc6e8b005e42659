import type { LoggerService } from '@backstage/backend-plugin-api';
import type { NextFunction, Request, Response } from 'express';
import { isDatabaseTrouble } from '../isDatabaseTrouble';

const statuses: Record<string, number> = {
  InputError: 400,
  AuthenticationError: 401,
  NotAllowedError: 403,
  NotFoundError: 404,
  ConflictError: 409,
  LimitError: 429,
  ServiceUnavailableError: 503,
};

/** A fault with a status of its own. */
export function fault(
  status: number,
  name: string,
  code: string,
  message: string,
): Error {
  return Object.assign(new Error(message), { name, code, status });
}

/** Answers every error in one shape: `{error: {name, message, code}, response: {statusCode}}`. Causes stay in the log. */
export function faultHandler(logger: LoggerService) {
  return (
    error: any,
    _request: Request,
    response: Response,
    next: NextFunction,
  ) => {
    if (response.headersSent) return next(error);
    const { status, name, code, message } = describe(error);
    if (status >= 500) logger.error(`Request failed: ${error?.stack ?? error}`);
    if (status === 503) response.set('retry-after', '2');
    if (status === 429) response.set('retry-after', '30');
    response.status(status).json({
      error: { name, message, code },
      response: { statusCode: status },
    });
    return undefined;
  };
}

function describe(error: any): {
  status: number;
  name: string;
  code: string;
  message: string;
} {
  if (error?.type === 'entity.too.large')
    return {
      status: 413,
      name: 'PayloadTooLargeError',
      code: 'too-large',
      message: `The request body is larger than ${
        (error.limit ?? 262_144) / 1024
      } KiB.`,
    };
  if (error?.type === 'entity.parse.failed')
    return {
      status: 400,
      name: 'InputError',
      code: 'invalid-field',
      message: 'The request body is not valid JSON.',
    };
  // An escape in the address that is none, as %ff.
  if (error instanceof URIError)
    return {
      status: 400,
      name: 'InputError',
      code: 'invalid-field',
      message: `The address is not valid: ${error.message}.`,
    };
  // Who throws it says what does not answer, whatever the cause looks like.
  if (error?.name === 'ServiceUnavailableError' && error.code === 'unavailable')
    return {
      status: 503,
      name: error.name,
      code: error.code,
      message: String(error.message),
    };
  if (isDatabaseTrouble(error))
    return {
      status: 503,
      name: 'ServiceUnavailableError',
      code: 'unavailable',
      message: 'The database does not answer now; try again.',
    };
  const status =
    statuses[error?.name] ??
    (error?.status >= 400 && error?.status < 500 ? error.status : 500);
  const code =
    typeof error?.code === 'string' && /^[a-z][a-z-]+$/.test(error.code)
      ? error.code
      : {
          400: 'invalid-field',
          401: 'not-signed-in',
          403: 'not-allowed',
          404: 'not-found',
        }[status as 400] ?? 'failed';
  return {
    status,
    name: error?.name ?? 'Error',
    code,
    message:
      status >= 500
        ? 'The portal failed; its log says why.'
        : String(error.message),
  };
}
