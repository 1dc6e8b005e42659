/*
 * The only way to mount a route: each names its permission and its audit event. What a caller may not see is not there (404);
 * what a caller sees but may not do is refused (403).
 */
import type {
  AuditorService,
  BackstageCredentials,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { mlopsPermissions } from '@backstage-mlops/mlops-core';
import {
  AuthorizeResult,
  type BasicPermission,
} from '@backstage/plugin-permission-common';
import express, {
  type NextFunction,
  type Request,
  type Response,
  type Router,
} from 'express';
import { fault } from './faults';

/** Keys of `mlopsPermissions`. */
export type PermissionName = keyof typeof mlopsPermissions;

/** What a handler is given. */
export interface RouteCall {
  request: Request;
  response: Response;
  credentials: BackstageCredentials;
  /** Whether the caller has a right. */
  may(permission: PermissionName): Promise<boolean>;
}

/** One route below `/api/mlops`. */
export interface Route {
  method: 'get' | 'post';
  path: string;
  permission: PermissionName | 'public';
  /** Name of the audit event. */
  event: string;
  /** Answers itself when it returns undefined. */
  handle(call: RouteCall): Promise<unknown>;
  status?: number;
}

/** Services that every route passes through. */
export interface RouteServices {
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  auditor: AuditorService;
}

const bodyLimit = '256kb';

/** Mounts routes on a router. */
export function mountRoutes(
  router: Router,
  routes: Route[],
  services: RouteServices,
): void {
  const json = express.json({ limit: bodyLimit });
  for (const route of routes)
    router[route.method](
      route.path,
      ...(route.method === 'post' ? [json] : []),
      (request: Request, response: Response, next: NextFunction) => {
        serve(route, services, request, response).catch(next);
      },
    );
}

async function serve(
  route: Route,
  services: RouteServices,
  request: Request,
  response: Response,
): Promise<void> {
  if (route.permission === 'public') {
    response.json(
      await route.handle({
        request,
        response,
        credentials: undefined as never,
        may: async () => false,
      }),
    );
    return;
  }
  const credentials = await services.httpAuth.credentials(request, {
    allow: ['user', 'service'],
  });
  const audit = await services.auditor.createEvent({
    eventId: route.event,
    severityLevel: route.method === 'get' ? 'low' : 'medium',
    request,
    meta: { params: request.params },
  });
  try {
    const may = (name: PermissionName) =>
      isAllowed(services.permissions, credentials, name);
    if (!(await may('projectRead')))
      throw fault(404, 'NotFoundError', 'not-found', 'There is nothing here.');
    if (route.permission !== 'projectRead' && !(await may(route.permission))) {
      if (route.method === 'get')
        throw fault(
          404,
          'NotFoundError',
          'not-found',
          'There is nothing here.',
        );
      throw fault(
        403,
        'NotAllowedError',
        'not-allowed',
        `You need the permission ${
          mlopsPermissions[route.permission].name
        } for this.`,
      );
    }
    const body = await route.handle({ request, response, credentials, may });
    if (body !== undefined) response.status(route.status ?? 200).json(body);
    await audit.success();
  } catch (error) {
    await audit.fail({ error: error as Error });
    throw error;
  }
}

async function isAllowed(
  permissions: PermissionsService,
  credentials: BackstageCredentials,
  name: PermissionName,
): Promise<boolean> {
  const [decision] = await permissions.authorize(
    [{ permission: mlopsPermissions[name] as BasicPermission }],
    { credentials },
  );
  return decision.result === AuthorizeResult.ALLOW;
}
