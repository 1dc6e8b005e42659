import type { LoggerService } from '@backstage/backend-plugin-api';
import { isFromStep } from '@backstage-mlops/mlops-executor';
import { NotAllowedError } from '@backstage/errors';
import type { RequestHandler } from 'express';

/**
 * Refuses calls of steps that run on this machine (403). A step shares the machine's network, so where people sign in without a
 * secret it could sign in as one of them and see what they see. It is meant to stand before the sign-in, `/api/auth`; a step has
 * the token of its own run, and needs no other.
 *
 * @public
 */
export function peopleOnly(
  logger: Pick<LoggerService, 'warn'>,
): RequestHandler {
  return (request, _response, next) => {
    isFromStep(request.socket).then(isStep => {
      if (!isStep) return next();
      logger.warn(`A step was refused at ${request.baseUrl}${request.path}.`);
      return next(
        new NotAllowedError(
          'A step cannot sign in. The token of its run is in MLFLOW_TRACKING_TOKEN.',
        ),
      );
    }, next);
  };
}
