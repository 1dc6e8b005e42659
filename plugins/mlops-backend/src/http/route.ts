/*
 * The only way to mount a route: each names its permission and its audit event, and finds what it is about. What a caller may not
 * see is not there (404, in the same words as what is missing); what a caller sees but may not do is refused (403).
 */
import type {
  AuditorService,
  BackstageCredentials,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import {
  CHANGE_RESOURCE_TYPE,
  mlopsPermissions,
  type MlopsPermissionName,
} from '@backstage-mlops/mlops-core';
import type { JsonObject } from '@backstage/types';
import express, {
  type NextFunction,
  type Request,
  type Response,
  type Router,
} from 'express';
import type { Scope, ScopeNames } from '../permissions/ResourceFinder';
import {
  nothingHere,
  notAllowed,
  type CallerRights,
  type Rights,
} from '../permissions/Rights';
import { fault } from './faults';
import type { QuietDatabase } from './QuietDatabase';
import { bodyFields, checkQuery, requiredText } from './fields';
import { queryNames } from './openApi/queryNames';

/** Keys of `mlopsPermissions`. */
export type PermissionName = MlopsPermissionName;

/** What a handler is given. */
export interface RouteCall {
  request: Request;
  response: Response;
  credentials: BackstageCredentials;
  /** What the call is about, as rules saw it before anything was done. */
  scope: Scope;
  /** Whether the caller has a right over what the call is about. */
  may(permission: PermissionName): Promise<boolean>;
  /** Names of the projects where the caller has a right; undefined for all. What a list leaves out is decided by this. */
  projectsOf(permission: PermissionName): Promise<string[] | undefined>;
  /** All that the caller may, for lists of changes. */
  rights: CallerRights;
  /** Puts facts of the decision into the audit log: what was before, what is after. */
  record(meta: JsonObject): void;
}

/** One route below `/api/mlops`. */
export interface Route {
  method: 'get' | 'post' | 'patch';
  path: string;
  permission: PermissionName | 'public';
  /** Name of the audit event. */
  event: string;
  /** Answers itself when it returns undefined. */
  handle(call: RouteCall): Promise<unknown>;
  status?: number;
  /** Bytes that a body may have; default 256 KiB. */
  bodyBytes?: number;
  /**
   * What the call is about. By default `:project`, `/runs/:id`, `/changes/:id`, else `project` of the body or the query.
   */
  scope?(request: Request): ScopeNames;
  /** The body has to name a project. */
  namesProject?: boolean;
  /** The right that counts instead when the project that the call names is not there. */
  whenMissing?: PermissionName;
  /** The handler itself leaves out what the caller may not see, and says so by this. */
  lists?: boolean;
}

/** Services that every route passes through. */
export interface RouteServices {
  /** A database that may go quiet; absent for one in this process. */
  database?: QuietDatabase;
  httpAuth: HttpAuthService;
  rights: Rights;
  auditor: AuditorService;
}

const bodyLimit = 256 * 1024;

/** Mounts routes on a router. */
export function mountRoutes(
  router: Router,
  routes: Route[],
  services: RouteServices,
): void {
  for (const plain of routes) {
    const route = { ...plain, known: queryNames(plain) };
    router[route.method](
      route.path,
      ...(route.method === 'get'
        ? []
        : [express.json({ limit: route.bodyBytes ?? bodyLimit })]),
      (request: Request, response: Response, next: NextFunction) => {
        const served = serve(route, services, request, response);
        const answered =
          services.database && route.permission !== 'public'
            ? services.database.during(response, served)
            : served;
        answered.catch(next);
      },
    );
  }
  router.use((request: Request, _response: Response, next: NextFunction) =>
    next(
      fault(
        404,
        'NotFoundError',
        'not-found',
        `There is no route ${request.method} ${request.path.slice(0, 200)}.`,
      ),
    ),
  );
}

/** What a call is about, when its route does not say. */
export function scopeNames(route: Route, request: Request): ScopeNames {
  if (route.lists) return {};
  const { project, id } = request.params;
  if (project !== undefined) return { project };
  if (route.path.startsWith('/runs/:id')) return { run: id };
  if (route.path.startsWith('/changes/:id')) return { change: id };
  const named =
    route.method === 'get' ? request.query.project : request.body?.project;
  return typeof named === 'string' ? { project: named } : {};
}

async function serve(
  route: Route & { known: string[] },
  services: RouteServices,
  request: Request,
  response: Response,
): Promise<void> {
  if (route.permission === 'public') {
    checkQuery(request, route.known);
    response.json(await route.handle({ request, response } as RouteCall));
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
  const facts: JsonObject = {};
  try {
    const rights = await services.rights.of(credentials, [
      'projectRead',
      route.permission,
    ]);
    const scope = await services.rights.scopeOf(
      route.scope?.(request) ?? scopeNames(route, request),
    );
    await checkProject(route, request, rights, scope);
    await admit(route, route.permission, rights, scope);
    checkQuery(request, route.known);
    const body = await route.handle({
      request,
      response,
      credentials,
      rights,
      scope,
      may: name => rights.may(name, scope),
      projectsOf: name => rights.projects(name),
      record: meta => Object.assign(facts, meta),
    });
    if (body !== undefined && !response.headersSent)
      response.status(route.status ?? 200).json(body);
    await audit.success({ meta: facts });
  } catch (error) {
    await audit.fail({ error: error as Error, meta: facts });
    throw error;
  }
}

// Whoever may do it in some projects is told that none was named; rights over nothing would only be refused.
async function checkProject(
  route: Route,
  request: Request,
  rights: CallerRights,
  scope: Scope,
): Promise<void> {
  if (!route.namesProject || scope.project || scope.isMissing) return;
  if ((await rights.reach(route.permission as PermissionName)) === 'some')
    requiredText(bodyFields(request), 'project', 63);
}

/** Lets a call through to its handler, or throws. */
async function admit(
  route: Route,
  permission: PermissionName,
  rights: CallerRights,
  scope: Scope,
): Promise<void> {
  if (scope.isMissing && route.whenMissing) {
    await rights.demand(route.whenMissing, {});
    return;
  }
  const reads: PermissionName[] =
    scope.change || isOfChange(permission)
      ? ['projectRead', 'changeRead']
      : ['projectRead'];
  await rights.load(reads);
  for (const name of reads)
    if (!(await passes(route, name, rights, scope))) throw nothingHere();
  if (await passes(route, permission, rights, scope)) return;
  // Who reads everything learns nothing by being told that it is not there.
  const isNothing =
    scope.isMissing && (await rights.reach(permission)) === 'some';
  throw route.method === 'get' || isNothing
    ? nothingHere()
    : notAllowed(permission);
}

// Whoever has a right everywhere is told by the handler what is missing; nobody else can tell it from what is hidden.
async function passes(
  route: Route,
  permission: PermissionName,
  rights: CallerRights,
  scope: Scope,
): Promise<boolean> {
  if (route.lists) return (await rights.reach(permission)) !== 'none';
  return rights.may(permission, scope);
}

function isOfChange(name: PermissionName): boolean {
  const permission = mlopsPermissions[name];
  return (
    permission.type === 'resource' &&
    permission.resourceType === CHANGE_RESOURCE_TYPE
  );
}
