import {
  InputError,
  NotFoundError,
  type Run,
} from '@backstage-mlops/mlops-core';
import { sendLog } from '../runs/sendLog';
import { callerOf } from './callerOf';
import {
  bodyFields,
  queryChoice,
  queryInteger,
  queryText,
  requiredText,
  textMap,
} from './fields';
import { pageLimit } from './pageLimit';
import { rest } from './rest';
import type { Route, RouteCall } from './route';
import type { RouteTargets } from './routes';
import { checkReadable, madeRun, reuseOf } from './runControlRoutes';
import { sendBytes } from './sendBytes';

const phases = ['Pending', 'Running', 'Succeeded', 'Failed', 'Error'] as const;

/** Submitting runs, and what is seen of them: nodes, curves, logs, artifacts. */
export function runRoutes({
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
      namesProject: true,
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
        const page = await runs.list({
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
        return { ...page, items: await queue.withPlaces(page.items) };
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
        const [placed] = await queue.withPlaces([run]);
        return placed;
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
        const attempts = (await runs.attempts.list(run.id)).filter(
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
