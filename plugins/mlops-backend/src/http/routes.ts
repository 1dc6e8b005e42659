import type { UserInfoService } from '@backstage/backend-plugin-api';
import {
  InputError,
  NotFoundError,
  type Run,
} from '@backstage-mlops/mlops-core';
import type { TrackingService } from '@backstage-mlops/mlops-tracking';
import type { BackgroundLoop } from '../BackgroundLoop';
import type { Changes } from '../changes/createChanges';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import type { GitRepository } from '../gitops/GitRepository';
import type { ResourceFinder } from '../permissions/ResourceFinder';
import type { ProjectService } from '../projects/ProjectService';
import type { ArtifactReader } from '../runs/ArtifactReader';
import type { ClusterRuns } from '../runs/ClusterRuns';
import type { LocalWorkflowEngine } from '../runs/LocalWorkflowEngine';
import type { Prices } from '../runs/prices';
import type { Retention } from '../runs/Retention';
import type { RunQueue } from '../runs/RunQueue';
import type { RunService } from '../runs/RunService';
import type { RunStore } from '../runs/RunStore';
import { sendLog } from '../runs/sendLog';
import {
  bodyFields,
  queryChoice,
  queryInteger,
  queryText,
  requiredText,
  textMap,
} from './fields';
import { callerOf } from './callerOf';
import { changeRoutes } from './changeRoutes';
import { effectRoutes } from './effectRoutes';
import { openApiDocument } from './openApi/document';
import { promotionRoutes, type PromotionTargets } from './promotionRoutes';
import type { Route, RouteCall } from './route';
import {
  checkReadable,
  madeRun,
  reuseOf,
  runControlRoutes,
} from './runControlRoutes';
import { sendBytes } from './sendBytes';

/** What the routes speak to. */
export interface RouteTargets {
  index: GitopsIndex;
  repository: GitRepository;
  projects: ProjectService;
  runService: RunService;
  runs: RunStore;
  engine: LocalWorkflowEngine;
  artifacts: ArtifactReader;
  tracking: TrackingService;
  clusters: ClusterRuns;
  userInfo: UserInfoService;
  queue: RunQueue;
  retention: Retention;
  prices?: Prices;
  changes: Changes;
  promotion: PromotionTargets;
  finder: ResourceFinder;
  /** What the portal does by itself; health tells how each stands. */
  loops: BackgroundLoop[];
}

const phases = ['Pending', 'Running', 'Succeeded', 'Failed', 'Error'] as const;
const maxPage = 200;

const pageLimit = (call: RouteCall, fallback = 50) =>
  queryInteger(call.request, 'limit', { min: 1, max: maxPage, fallback });
const rest = ({ request }: RouteCall) =>
  (request.params as Record<string, string>)[0] ?? '';

/** All routes of the plugin. */
export function createRoutes(targets: RouteTargets): Route[] {
  return [
    ...projectRoutes(targets),
    ...runRoutes(targets),
    ...runControlRoutes(targets),
    ...promotionRoutes(targets),
    ...changeRoutes(targets),
    ...effectRoutes(targets),
    ...modelRoutes(targets),
    ...portalRoutes(targets),
  ];
}

function projectRoutes({
  projects,
  tracking,
  repository,
  index,
}: RouteTargets): Route[] {
  return [
    {
      method: 'get',
      path: '/projects',
      permission: 'projectRead',
      event: 'project-list',
      lists: true,
      handle: async call =>
        projects.list({
          visible: await call.projectsOf('projectRead'),
          limit: pageLimit(call, 200),
          cursor: queryText(call.request, 'cursor'),
          text: queryText(call.request, 'text'),
          owner: queryText(call.request, 'owner'),
        }),
    },
    {
      method: 'get',
      path: '/projects/:project',
      permission: 'projectRead',
      event: 'project-get',
      handle: async ({ request, may }) =>
        projects.detail(request.params.project, {
          run: await may('runCreate'),
          control: await may('runControl'),
          propose: await may('changePropose'),
        }),
    },
    {
      method: 'get',
      path: '/pipelines/:project/:pipeline',
      permission: 'projectRead',
      event: 'pipeline-get',
      handle: ({ request }) =>
        projects.pipeline(
          request.params.project,
          request.params.pipeline,
          queryText(request, 'ref'),
        ),
    },
    {
      method: 'get',
      path: '/datasets/:project/:dataset',
      permission: 'projectRead',
      event: 'dataset-get',
      handle: ({ request }) =>
        projects.dataset(request.params.project, request.params.dataset),
    },
    {
      method: 'get',
      path: '/datasets/:project/:dataset/files/*',
      permission: 'projectRead',
      event: 'dataset-file-get',
      handle: async call => {
        const { project, dataset } = call.request.params as Record<
          string,
          string
        >;
        const run = await projects.datasetRun(project, dataset);
        if (!run)
          throw new NotFoundError('There is no such file.', 'not-found');
        await sendBytes(
          call.response,
          rest(call),
          await tracking.openArtifact(
            run.run_uuid,
            `datasets/${dataset}/${rest(call)}`,
          ),
        );
      },
    },
    {
      method: 'get',
      path: '/refs',
      permission: 'projectRead',
      event: 'ref-list',
      lists: true,
      // Names of branches and titles of commits tell of every project.
      handle: async call =>
        (await call.projectsOf('projectRead')) === undefined
          ? {
              branches: await repository.branches(),
              commits: index.commit
                ? await repository.log(index.commit, '', 50)
                : [],
            }
          : {
              branches: (await repository.branches()).filter(
                branch => branch.name === index.branch,
              ),
              commits: [],
            },
    },
  ];
}

function runRoutes({
  runs,
  runService,
  clusters,
  tracking,
  artifacts,
  userInfo,
  queue,
  finder,
}: RouteTargets): Route[] {
  const nodeOf = async (
    call: RouteCall,
  ): Promise<{ run: Run; nodeId: string }> => {
    const run = await runs.getRun(call.request.params.id);
    if (!run.nodes[call.request.params.node])
      throw new NotFoundError(
        `Run '${run.id}' has no node '${call.request.params.node.slice(
          0,
          200,
        )}'.`,
        'not-found',
      );
    return { run, nodeId: call.request.params.node };
  };
  const sendArtifact = async (call: RouteCall) => {
    const { run, nodeId } = await nodeOf(call);
    const content = await artifacts.open(
      run,
      nodeId,
      call.request.params.name,
      rest(call),
    );
    if (content.kind === 'folder') return { entries: content.entries };
    try {
      await sendBytes(call.response, content.name, content);
    } finally {
      await content.close();
    }
    return undefined;
  };
  return [
    {
      method: 'post',
      path: '/runs',
      permission: 'runCreate',
      event: 'run-create',
      status: 201,
      handle: async call => {
        const { request, credentials } = call;
        const fields = bodyFields(request, [
          'project',
          'pipeline',
          'ref',
          'parameters',
          'entrypoint',
          'engine',
          'reuse',
        ]);
        const key = request.get('idempotency-key');
        if (key !== undefined && !/^[\x21-\x7e]{1,200}$/.test(key))
          throw new InputError(
            'Idempotency-Key must be 1 to 200 visible characters.',
            'invalid-field',
          );
        const reuse = reuseOf(fields);
        if (reuse)
          await checkReadable({ finder, runs }, call.rights, reuse.run);
        const run = await runService.submit(
          {
            project: requiredText(fields, 'project', 63),
            pipeline: requiredText(fields, 'pipeline', 128),
            ref:
              fields.ref === undefined
                ? undefined
                : requiredText(fields, 'ref'),
            parameters: textMap(fields, 'parameters'),
            engine:
              fields.engine === undefined
                ? undefined
                : requiredText(fields, 'engine', 64),
            entrypoint:
              fields.entrypoint === undefined
                ? undefined
                : requiredText(fields, 'entrypoint', 128),
            reuse,
          },
          await callerOf(userInfo, credentials),
          key,
        );
        call.record(madeRun(run));
        return run;
      },
    },
    {
      method: 'get',
      path: '/runs',
      permission: 'runRead',
      event: 'run-list',
      lists: true,
      handle: async call => {
        const { request } = call;
        const phase = queryChoice(request, 'phase', phases);
        return runs.list({
          project: queryText(request, 'project', 63),
          projects: await call.projectsOf('runRead'),
          pipeline: queryText(request, 'pipeline', 128),
          phases: phase && [phase],
          text: queryText(request, 'text'),
          schedule: queryText(request, 'schedule', 128),
          sort: queryChoice(request, 'sort', ['newest', 'oldest']) ?? 'newest',
          cursor:
            queryText(request, 'cursor') === undefined
              ? undefined
              : queryInteger(request, 'cursor', {
                  min: 0,
                  max: Number.MAX_SAFE_INTEGER,
                  fallback: 0,
                }),
          limit: pageLimit(call),
        });
      },
    },
    {
      method: 'get',
      path: '/runs/:id',
      permission: 'runRead',
      event: 'run-get',
      handle: async ({ request, may }) => {
        const stored = await runs.getRun(request.params.id);
        const run = {
          ...stored,
          notes: [...(stored.notes ?? []), ...clusters.notesOn(stored)],
          allowed: {
            create: await may('runCreate'),
            control: await may('runControl'),
          },
        };
        const place =
          run.phase === 'Pending' && !run.startedAt
            ? await queue.placeOf(run.id)
            : undefined;
        return place ? { ...run, queue: place } : run;
      },
    },
    {
      method: 'get',
      path: '/runs/:id/metrics',
      permission: 'runRead',
      event: 'run-metrics-get',
      handle: async ({ request }) => ({
        items: await tracking.listMetricSeries(
          (
            await runs.get(request.params.id)
          ).summary.trackingRunId,
        ),
      }),
    },
    {
      method: 'get',
      path: '/runs/:id/nodes/:node/log',
      permission: 'runRead',
      event: 'run-log-get',
      handle: async call => {
        const { run, nodeId } = await nodeOf(call);
        const attempts = (await runs.attempts(run.id)).filter(
          item => item.nodeId === nodeId,
        );
        const number =
          queryText(call.request, 'attempt') === undefined
            ? undefined
            : queryInteger(call.request, 'attempt', {
                min: 0,
                max: 10_000,
                fallback: 0,
              });
        const attempt =
          number === undefined
            ? attempts.at(-1)
            : attempts.find(item => item.attempt === number);
        if (number !== undefined && !attempt)
          throw new NotFoundError(
            `Node '${nodeId.slice(0, 200)}' has no attempt ${number}.`,
            'not-found',
          );
        await sendLog(call.request, call.response, attempt?.directory);
      },
    },
    {
      method: 'get',
      path: '/runs/:id/nodes/:node/artifacts/:name',
      permission: 'runRead',
      event: 'run-artifact-get',
      handle: sendArtifact,
    },
    {
      method: 'get',
      path: '/runs/:id/nodes/:node/artifacts/:name/*',
      permission: 'runRead',
      event: 'run-artifact-get',
      handle: sendArtifact,
    },
  ];
}

function modelRoutes({ projects, tracking }: RouteTargets): Route[] {
  return [
    {
      method: 'get',
      path: '/models/:project/:model',
      permission: 'modelRead',
      event: 'model-get',
      handle: async ({ request, may }) => ({
        ...(await projects.model(request.params.project, request.params.model)),
        allowed: { promote: await may('modelPromote') },
      }),
    },
    {
      method: 'get',
      path: '/models/:project/:model/versions/:version',
      permission: 'modelRead',
      event: 'model-version-get',
      handle: ({ request }) =>
        projects.version(
          request.params.project,
          request.params.model,
          request.params.version,
        ),
    },
    {
      method: 'get',
      path: '/models/:project/:model/versions/:version/files/*',
      permission: 'modelRead',
      event: 'model-file-get',
      handle: async call => {
        const { project, model, version } = call.request.params as Record<
          string,
          string
        >;
        await sendBytes(
          call.response,
          rest(call),
          await tracking.openVersionFile(
            `${project}.${model}`,
            version,
            rest(call),
          ),
        );
      },
    },
  ];
}

async function answersWithin(
  work: PromiseLike<unknown>,
  ms: number,
): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>(resolve => {
    timer = setTimeout(resolve, ms, false);
  });
  const answered = Promise.resolve(work).then(
    () => true,
    () => false,
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}

function portalRoutes({
  changes,
  queue,
  projects,
  engine,
  clusters,
  loops,
  tracking,
}: RouteTargets): Route[] {
  return [
    {
      method: 'get',
      path: '/health',
      permission: 'public',
      event: 'health-get',
      handle: async () => {
        const database = await answersWithin(
          tracking.knex('mlops_runs').first('id'),
          2000,
        );
        const parts = {
          database: database ? 'ok' : 'failed',
          disk: (await queue.space.complaint()) ? 'failed' : 'ok',
          ...Object.fromEntries(loops.map(loop => [loop.name, loop.state])),
        };
        const states = Object.values(parts);
        const engines = clusters.health();
        const notices = database
          ? await changes.history.notices().catch(() => [])
          : [];
        return {
          status: states.every(state => ['ok', 'starting'].includes(state))
            ? 'ok'
            : 'failed',
          parts,
          ...(notices.length > 0 ? { notices } : {}),
          ...(Object.keys(engines).length > 0 ? { engines } : {}),
          activeRuns: engine.activeRuns,
        };
      },
    },
    {
      method: 'get',
      path: '/openapi.json',
      permission: 'projectRead',
      event: 'openapi-get',
      lists: true,
      handle: async () => openApiDocument,
    },
    {
      method: 'get',
      path: '/catalog',
      permission: 'projectRead',
      event: 'catalog-get',
      lists: true,
      handle: async call =>
        projects.catalog(await call.projectsOf('projectRead')),
    },
  ];
}
