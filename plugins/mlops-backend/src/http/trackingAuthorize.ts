import type { HttpAuthService } from '@backstage/backend-plugin-api';
import {
  MlflowError,
  type TrackingPrincipal,
} from '@backstage-mlops/mlops-tracking';
import type { Request } from 'express';
import type { Rights } from '../permissions/Rights';
import type { RunStore } from '../runs/RunStore';
import { hashToken } from '../runs/token';

/** Says who speaks MLflow: a step with the token of its run, or a signed-in person with the right to. Nobody else. */
export function trackingAuthorize(services: {
  runs: RunStore;
  httpAuth: HttpAuthService;
  rights: Rights;
}) {
  return async (
    request: Request,
    action: 'read' | 'write',
  ): Promise<TrackingPrincipal> => {
    const token = /^Bearer ([A-Za-z0-9_-]{43})$/.exec(
      request.get('authorization') ?? '',
    )?.[1];
    const run = token && (await services.runs.findByToken(hashToken(token)));
    if (run) return { kind: 'run', ...run };
    const credentials = await services.httpAuth
      .credentials(request, { allow: ['user'] })
      .catch(() => {
        throw new MlflowError(
          'UNAUTHENTICATED',
          'Not signed in, or the run of this token is over.',
        );
      });
    const permission = action === 'read' ? 'trackingRead' : 'trackingWrite';
    const rights = await services.rights.of(credentials, [
      'projectRead',
      'trackingRead',
      permission,
    ]);
    for (const name of ['projectRead', permission] as const)
      if ((await rights.reach(name)) === 'none')
        throw new MlflowError('PERMISSION_DENIED', 'Permission denied.');
    return {
      kind: 'user',
      canWrite: action === 'write',
      readable: await rights.projects('trackingRead'),
      writable:
        action === 'write' ? await rights.projects('trackingWrite') : undefined,
    };
  };
}
