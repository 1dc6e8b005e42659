import express, {
  type NextFunction,
  type Request,
  type Response,
  type Router,
} from 'express';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { MlflowError, invalid } from './protocol/errors';
import { Fields } from './protocol/fields';
import { Guard, type TrackingPrincipal } from './protocol/Guard';
import { checkArtifactPath } from './artifacts/checkArtifactPath';
import { handlers } from './protocol/handlers';
import { listFolder } from './protocol/listFolder';
import type { TrackingService } from './TrackingService';

/** @public */
export interface TrackingRouterOptions {
  tracking: TrackingService;
  /** Says who asks; throws an MlflowError (UNAUTHENTICATED, PERMISSION_DENIED) when nobody may. */
  authorize(
    request: Request,
    action: 'read' | 'write',
  ): Promise<TrackingPrincipal>;
  /** Told of every finished call that changed something, and of every refused one. */
  audit?(event: { request: Request; action: string; error?: unknown }): void;
  /** Path of the file in git that declares an alias of a registered model; such an alias is refused to every client. */
  declaredIn?(registeredName: string, alias: string): string | undefined;
  /** Bytes of one artifact; default 1 GiB. */
  artifactLimitBytes?: number;
}

const bodyLimit = '1mb';

/** MLflow's REST API: `/api/2.0/mlflow/...` and the artifacts proxy beside it. @public */
export function createTrackingRouter(options: TrackingRouterOptions): Router {
  const router = express.Router();
  router.use('/api/2.0/mlflow-artifacts', artifactsRouter(options));
  router.use(
    '/api/2.0/mlflow',
    express.json({ limit: bodyLimit, type: () => true, strict: false }),
    (request, response, next) => {
      answer(options, request, response).catch(next);
    },
  );
  // Newer clients ask for what is not here (traces, server facts); they take a JSON 404 for 'not offered'.
  router.use(['/api', '/ajax-api'], (request, _response, next) =>
    next(unknownRoute(request)),
  );
  router.use(['/api', '/ajax-api'], faults(options));
  return router;
}

const unknownRoute = ({ method, originalUrl }: Request) =>
  new MlflowError(
    'ENDPOINT_NOT_FOUND',
    `No route ${method} ${originalUrl.split('?')[0].slice(0, 300)}`,
  );

async function answer(
  options: TrackingRouterOptions,
  request: Request,
  response: Response,
): Promise<void> {
  const action = request.path.replace(/^\//, '');
  const handler = handlers[`${request.method} ${action}`];
  if (!handler) throw unknownRoute(request);
  const kind =
    request.method === 'GET' || action.endsWith('search') ? 'read' : 'write';
  const principal = await options.authorize(request, kind);
  if (request.method !== 'GET') checkContentType(request);
  const values = request.method === 'GET' ? request.query : request.body;
  const fields = new Fields(
    typeof values === 'object' && values !== null && !Array.isArray(values)
      ? (values as Record<string, unknown>)
      : {},
  );
  const guard = new Guard(principal, options.tracking);
  response.json(
    await handler({
      fields,
      guard,
      tracking: options.tracking,
      declaredIn: options.declaredIn,
    }),
  );
  if (kind === 'write') options.audit?.({ request, action });
}

function checkContentType({ headers }: Request): void {
  if (
    /^application\/json\b/i.test(headers['content-type'] ?? 'application/json')
  )
    return;
  throw invalid(
    "Bad Request. Content-Type must be one of ['application/json'].",
  );
}

function artifactsRouter({
  tracking,
  authorize,
  artifactLimitBytes = 1024 ** 3,
}: TrackingRouterOptions): Router {
  const router = express.Router();
  const place = async (request: Request, action: 'read' | 'write') => {
    const principal = await authorize(request, action);
    const [experiment, runId, word, ...rest] = decodeParts(
      (request.params as Record<string, string>)[0] ?? '',
    );
    const guard = new Guard(principal, tracking);
    const run =
      runId === undefined ? undefined : await tracking.runs.find(runId);
    if (
      !run ||
      !(await guard.sees(run.experiment_id)) ||
      word !== 'artifacts' ||
      String(run.experiment_id) !== experiment
    )
      throw new MlflowError('RESOURCE_DOES_NOT_EXIST', 'No such artifact.');
    await guard.run(action, run);
    return {
      run,
      path: rest.length > 0 ? checkArtifactPath(rest.join('/')) : '',
    };
  };
  const handle =
    (work: (request: Request, response: Response) => Promise<void>) =>
    (request: Request, response: Response, next: NextFunction) => {
      work(request, response).catch(next);
    };
  router.put(
    '/artifacts/*',
    handle(async (request, response) => {
      const { run, path } = await place(request, 'write');
      if (path === '') throw invalid('Invalid path');
      await tracking.artifacts.put(tracking.artifactKey(run, path), request, {
        replace: true,
        limitBytes: artifactLimitBytes,
      });
      response.json({});
    }),
  );
  router.get(
    '/artifacts/*',
    handle(async (request, response) => {
      const { run, path } = await place(request, 'read');
      const { body, sizeBytes } = await tracking.openArtifact(
        run.run_uuid,
        path,
      );
      response.set({
        'content-type': 'application/octet-stream',
        'content-length': String(sizeBytes),
        'x-content-type-options': 'nosniff',
        'content-disposition': 'attachment',
      });
      await pipeline(Readable.from(body), response);
    }),
  );
  router.get(
    '/artifacts',
    handle(async (request, response) => {
      const at = String(request.query.path ?? '');
      (request.params as Record<string, string>)[0] = at;
      const { run, path } = await place(request, 'read');
      const { files = [] } = (await listFolder(tracking, run, path)) as {
        files?: { path: string }[];
      };
      response.json({
        files: files.map(file => ({
          ...file,
          path: file.path.slice(path === '' ? 0 : path.length + 1),
        })),
      });
    }),
  );
  return router;
}

// Express decodes once; what still holds an escape is not a path of ours.
function decodeParts(path: string): string[] {
  if (path.length > 1000 || path.includes('%')) throw invalid('Invalid path');
  return path.split('/');
}

function faults({ audit }: TrackingRouterOptions) {
  return (
    error: any,
    request: Request,
    response: Response,
    next: NextFunction,
  ) => {
    audit?.({ request, action: request.path, error });
    if (response.headersSent) return next(error);
    const known = toMlflowError(error);
    response
      .status(known.status)
      .json({ error_code: known.errorCode, message: known.message });
    return undefined;
  };
}

function toMlflowError(error: any): MlflowError {
  if (error instanceof MlflowError) return error;
  if (error?.type === 'entity.too.large')
    return new MlflowError(
      'BAD_REQUEST',
      `The request is larger than ${bodyLimit}.`,
    );
  if (error?.type === 'entity.parse.failed')
    return new MlflowError(
      'BAD_REQUEST',
      'The request body is not valid JSON.',
    );
  if (error?.name === 'InputError' || error?.name === 'ConflictError')
    return invalid(error.message);
  if (error?.name === 'NotFoundError')
    return new MlflowError('RESOURCE_DOES_NOT_EXIST', error.message);
  if (error?.name === 'AuthenticationError')
    return new MlflowError('UNAUTHENTICATED', 'Not signed in.');
  if (error?.name === 'NotAllowedError')
    return new MlflowError('PERMISSION_DENIED', 'Permission denied.');
  return new MlflowError(
    'INTERNAL_ERROR',
    'The tracking server failed; its log says why.',
  );
}
