/* What a person does with a run, beside looking at it. */
import {
  InputError,
  type ResumeRequest,
  type RetryRequest,
  type Run,
  type RunRequest,
} from '@backstage-mlops/mlops-core';
import type { CallerRights } from '../permissions/Rights';
import { callerOf } from './callerOf';
import { costsOf } from '../runs/costsOf';
import { estimateFor } from '../runs/estimateFor';
import { bodyFields, queryInteger, requiredText, textMap } from './fields';
import type { Route, RouteCall } from './route';
import type { RouteTargets } from './routes';

/** Routes that change runs and what runs left in caches. */
export function runControlRoutes(targets: RouteTargets): Route[] {
  const { runs, runService, engine, known, userInfo, prices, retention } =
    targets;
  const control = (
    name: string,
    work: (id: string, call: RouteCall) => Promise<unknown>,
  ): Route => ({
    method: 'post',
    path: `/runs/:id/${name}`,
    permission: 'runControl',
    event: `run-${name}`,
    handle: async (call): Promise<Run> => {
      const { id } = call.request.params;
      const before = (await runs.get(id)).summary.phase;
      call.record({ before });
      await work(id, call);
      const run = await runs.getRun(id);
      call.record({ after: run.phase });
      return run;
    },
  });
  return [
    control('stop', id => engine.stop(id)),
    control('terminate', id => engine.stop(id, 'Terminate')),
    control('suspend', id => engine.control(id, { kind: 'suspend' })),
    control('resume', (id, call) =>
      engine.control(id, { kind: 'resume', ...resumeOf(call) }),
    ),
    control('retry', (id, call) => runService.retries.retry(id, retryOf(call))),
    {
      method: 'post',
      path: '/runs/:id/retry-plan',
      permission: 'runControl',
      event: 'run-retry-plan',
      handle: call =>
        runService.retries.plan(call.request.params.id, retryOf(call)),
    },
    {
      method: 'post',
      path: '/runs/:id/resubmit',
      permission: 'runCreate',
      event: 'run-resubmit',
      status: 201,
      handle: async call => {
        const run = await runService.resubmit(
          call.request.params.id,
          textMap(fieldsOf(call, ['parameters']), 'parameters') ?? {},
          await callerOf(userInfo, call.credentials),
        );
        call.record({ from: call.request.params.id, ...madeRun(run) });
        return run;
      },
    },
    {
      method: 'get',
      path: '/runs/:id/costs',
      permission: 'runRead',
      event: 'run-costs-get',
      handle: async ({ request }) => {
        const run = await runs.getRun(request.params.id);
        const { workflow } = await runs.get(run.id);
        return costsOf(run, await runs.attempts.list(run.id), prices, workflow);
      },
    },
    {
      method: 'get',
      path: '/pipelines/:project/:pipeline/estimate',
      permission: 'runRead',
      event: 'pipeline-estimate-get',
      handle: async ({ request }) => {
        const { project, pipeline } = request.params;
        known.nameOf(project);
        const estimate = await estimateFor(runs, { project, pipeline }, prices);
        return { estimate: estimate ?? null };
      },
    },
    {
      method: 'get',
      path: '/projects/:project/storage',
      permission: 'runRead',
      event: 'storage-get',
      handle: ({ request }) =>
        retention.storage(known.nameOf(request.params.project)),
    },
    {
      method: 'get',
      path: '/projects/:project/retention',
      permission: 'runRead',
      event: 'retention-plan',
      handle: ({ request }) =>
        retention.plan(known.nameOf(request.params.project)),
    },
    {
      method: 'post',
      path: '/projects/:project/retention',
      permission: 'runControl',
      event: 'retention-apply',
      handle: async call => {
        fieldsOf(call, []);
        const plan = await retention.applyNow(
          known.nameOf(call.request.params.project),
        );
        call.record({
          before: { runs: plan.items.length, bytes: plan.bytes },
          after: { runs: 0, bytes: 0 },
        });
        return plan;
      },
    },
    {
      method: 'get',
      path: '/projects/:project/caches',
      permission: 'runRead',
      event: 'cache-list',
      handle: ({ request }) =>
        runs.caches.list(
          known.nameOf(request.params.project),
          queryInteger(request, 'limit', { min: 1, max: 200, fallback: 100 }),
        ),
    },
    {
      method: 'post',
      path: '/projects/:project/caches/forget',
      permission: 'runControl',
      event: 'cache-forget',
      handle: async call => {
        const fields = fieldsOf(call, ['cacheName', 'key']);
        const cacheName = requiredText(fields, 'cacheName', 253);
        const key = requiredText(fields, 'key', 253);
        await runs.caches.forget(
          known.nameOf(call.request.params.project),
          cacheName,
          key,
        );
        call.record({ cacheName, key, after: null });
        return { done: true };
      },
    },
  ];
}

// A body is not needed where everything in it has a default.
const fieldsOf = ({ request }: RouteCall, known: string[]) =>
  request.body === undefined ? {} : bodyFields(request, known);

function resumeOf(call: RouteCall): ResumeRequest {
  const fields = fieldsOf(call, ['node', 'parameters', 'reject']);
  if (fields.reject !== undefined && typeof fields.reject !== 'boolean')
    throw new InputError('reject must be true or false.', 'invalid-field');
  return {
    ...(fields.node === undefined
      ? {}
      : { node: requiredText(fields, 'node', 250) }),
    parameters: textMap(fields, 'parameters'),
    ...(fields.reject ? { reject: true } : {}),
  };
}

function retryOf(call: RouteCall): RetryRequest {
  const fields = fieldsOf(call, ['nodes', 'parameters']);
  return {
    ...(fields.nodes === undefined
      ? {}
      : { nodes: nodesOf(fields.nodes, 'nodes') }),
    parameters: textMap(fields, 'parameters'),
  };
}

/** What the audit log keeps of a run that was not there before. */
export const madeRun = ({ id, project, pipeline, commit, phase }: Run) => ({
  run: id,
  project,
  pipeline,
  commit,
  before: null,
  after: phase,
});

/** Answers for a run that the caller may not read as for one that is not there. */
export async function checkReadable(
  { finder, runs }: Pick<RouteTargets, 'finder' | 'runs'>,
  rights: CallerRights,
  run: string,
): Promise<void> {
  await rights.load(['projectRead', 'runRead']);
  const scope = await finder.scopeOf({ run });
  const isReadable =
    !scope.isMissing &&
    (await rights.may('projectRead', scope)) &&
    (await rights.may('runRead', scope));
  if (!isReadable && (await rights.reach('runRead')) !== 'all')
    throw runs.notThere(run);
}

/** `reuse` of a wish for a run. */
export function reuseOf(fields: Record<string, unknown>): RunRequest['reuse'] {
  const { reuse } = fields;
  if (reuse === undefined) return undefined;
  if (typeof reuse !== 'object' || reuse === null || Array.isArray(reuse))
    throw new InputError(
      'reuse must be an object with run and nodes.',
      'invalid-field',
    );
  const { run, nodes, ...rest } = reuse as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown)
    throw new InputError(
      `'reuse.${unknown.slice(0, 50)}' is not a field. Known: run, nodes.`,
      'invalid-field',
    );
  return {
    run: requiredText({ 'reuse.run': run }, 'reuse.run', 128),
    nodes: nodesOf(nodes ?? [], 'reuse.nodes'),
  };
}

function nodesOf(value: unknown, field: string): string[] {
  if (
    !Array.isArray(value) ||
    value.length > 5000 ||
    !value.every(item => typeof item === 'string' && item.length <= 250)
  )
    throw new InputError(
      `${field} must be a list of at most 5000 ids of nodes.`,
      'invalid-field',
    );
  return value;
}
