import type {
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { mlopsPermissions } from '@backstage-mlops/mlops-core';
import {
  MlflowError,
  type TrackingPrincipal,
} from '@backstage-mlops/mlops-tracking';
import {
  AuthorizeResult,
  type BasicPermission,
} from '@backstage/plugin-permission-common';
import type { Request } from 'express';
import type { RunStore } from '../runs/RunStore';
import { hashToken } from '../runs/token';

/** Says who speaks MLflow: a step with the token of its run, or a signed-in person with the right to. Nobody else. */
export function trackingAuthorize(services: {
  runs: RunStore;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
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
    const permission = (
      action === 'read'
        ? mlopsPermissions.trackingRead
        : mlopsPermissions.trackingWrite
    ) as BasicPermission;
    const [decision] = await services.permissions.authorize([{ permission }], {
      credentials,
    });
    if (decision.result !== AuthorizeResult.ALLOW)
      throw new MlflowError('PERMISSION_DENIED', 'Permission denied.');
    return { kind: 'user', canWrite: action === 'write' };
  };
}
