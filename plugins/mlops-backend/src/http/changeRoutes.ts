/* Proposed changes: propose, look, talk, review, merge. */
import {
  InputError,
  type Change,
  type ChangeResource,
  type ChangeRequest,
  type ChangeUpdate,
  type HostActor,
} from '@backstage-mlops/mlops-core';
import { checkLine } from '../changes/checkNames';
import { standingOf, type ChangeCaller } from '../changes/toChange';
import { changeSight } from '../permissions/changeSight';
import type { Scope } from '../permissions/ResourceFinder';
import {
  bodyFields,
  queryChoice,
  queryInteger,
  queryText,
  requiredText,
  textMap,
} from './fields';
import type { PermissionName, Route, RouteCall } from './route';
import type { RouteTargets } from './routes';

type Fields = Record<string, unknown>;

const mebibyte = 1024 * 1024;
const states = ['open', 'merged', 'closed'] as const;
const verdicts = ['approved', 'changes-requested', 'commented'] as const;
const methods = ['squash', 'merge'] as const;

/** Routes below `changes`. */
export function changeRoutes(targets: RouteTargets): Route[] {
  const callerOf = async (
    call: RouteCall,
    scope: Scope = call.scope,
  ): Promise<ChangeCaller & { by: HostActor; groups: string[] }> => {
    const by = await targets.changes.people.actorOf(call.credentials);
    await call.rights.load([
      'changeUpdate',
      'changeReview',
      'changeMerge',
      'modelPromote',
    ]);
    const may = (name: PermissionName) => call.rights.may(name, scope);
    return {
      ref: by.ref,
      by,
      groups: await targets.changes.people.groupsOf(call.credentials),
      update: await may('changeUpdate'),
      review: await may('changeReview'),
      merge: await may('changeMerge'),
      promote: await may('modelPromote'),
      mergesEverywhere: await mergesEverywhere(call, targets, scope.change),
    };
  };
  const act = (
    name: string,
    permission: Route['permission'],
    work: (
      id: string,
      call: RouteCall,
      caller: Awaited<ReturnType<typeof callerOf>>,
    ) => Promise<Change>,
  ): Route => ({
    method: 'post',
    path: `/changes/:id/${name}`,
    permission,
    event: `change-${name}`,
    handle: async call => {
      const { id } = call.request.params;
      const change = await work(id, call, await callerOf(call));
      call.record(factsOf(change, call.scope));
      return change;
    },
  });
  return [
    {
      method: 'post',
      path: '/changes',
      permission: 'changePropose',
      whenMissing: 'projectCreate',
      namesProject: true,
      event: 'change-open',
      status: 201,
      bodyBytes: mebibyte,
      handle: async call => {
        const change = await targets.changes.service.open(requestOf(call), {
          by: await targets.changes.people.actorOf(call.credentials),
          idempotencyKey: keyOf(call),
          callerOf(found) {
            const opened = targets.finder.ofChange(found);
            return callerOf(call, { change: opened, project: opened.project });
          },
        });
        call.record(factsOf(change, {}));
        return change;
      },
    },
    {
      method: 'get',
      path: '/changes',
      permission: 'changeRead',
      event: 'change-list',
      lists: true,
      handle: async ({ request, rights, credentials }) => {
        const { people, service } = targets.changes;
        const isWaiting =
          queryChoice(request, 'waitingFor', ['me']) !== undefined;
        const state = queryChoice(request, 'state', states);
        return service.reader.list({
          project: queryText(request, 'project', 63),
          state: isWaiting ? 'open' : state,
          cursor: queryText(request, 'cursor', 20),
          limit: queryInteger(request, 'limit', {
            min: 1,
            max: 200,
            fallback: 50,
          }),
          maySee: await changeSight(targets, rights),
          ...(isWaiting
            ? {
                waitingFor: {
                  ref: (await people.actorOf(credentials)).ref,
                  groups: await people.groupsOf(credentials),
                },
              }
            : {}),
        });
      },
    },
    {
      method: 'get',
      path: '/branches',
      permission: 'changePropose',
      event: 'branch-list',
      lists: true,
      // Names of branches tell of every project.
      handle: async call => ({
        items:
          (await call.projectsOf('projectRead')) === undefined
            ? await targets.changes.service.reader.looseBranches()
            : [],
      }),
    },
    {
      method: 'get',
      path: '/changes/:id',
      permission: 'changeRead',
      event: 'change-get',
      handle: async call =>
        targets.changes.service.reader.get(
          call.request.params.id,
          await callerOf(call),
        ),
    },
    {
      method: 'get',
      path: '/changes/:id/comparison',
      permission: 'changeRead',
      event: 'change-comparison-get',
      handle: ({ request }) => targets.changes.compare(request.params.id),
    },
    {
      method: 'patch',
      path: '/changes/:id',
      permission: 'changeUpdate',
      event: 'change-update',
      bodyBytes: mebibyte,
      handle: async call => {
        const update = updateOf(call);
        const change = await targets.changes.service.update(
          call.request.params.id,
          update,
          await callerOf(call),
        );
        call.record(factsOf(change, call.scope));
        return change;
      },
    },
    act('review', 'changeReview', async (id, call, caller) => {
      const fields = bodyFields(call.request, ['verdict', 'comment']);
      const review = {
        verdict: choiceOf(fields, 'verdict', verdicts),
        ...(fields.comment === undefined
          ? {}
          : { comment: requiredText(fields, 'comment', 65_536) }),
      };
      call.record({ verdict: review.verdict });
      return targets.changes.service.review(id, review, caller);
    }),
    act('comment', 'changePropose', async (id, call, caller) => {
      const fields = bodyFields(call.request, ['comment', 'text']);
      const name = fields.text === undefined ? 'comment' : 'text';
      return targets.changes.service.comment(
        id,
        requiredText(fields, name, 65_536),
        caller,
      );
    }),
    act('merge', 'changeMerge', async (id, call, caller) => {
      const fields = optionalFields(call, ['method', 'head']);
      const wish = {
        ...(fields.method === undefined
          ? {}
          : { method: choiceOf(fields, 'method', methods) }),
        ...(fields.head === undefined
          ? {}
          : { head: commitOf(fields, 'head') }),
      };
      return targets.changes.service.merge(id, wish, caller);
    }),
    act('close', 'changeUpdate', async (id, call, caller) => {
      optionalFields(call, []);
      return targets.changes.service.close(id, caller);
    }),
    act('rebase', 'changeUpdate', async (id, call, caller) => {
      optionalFields(call, []);
      return targets.changes.service.rebase(id, caller);
    }),
    act('checks', 'changePropose', async (id, call, caller) => {
      const fields = optionalFields(call, ['name', 'trialRun']);
      const wish = {
        ...(fields.name === undefined
          ? {}
          : { name: requiredText(fields, 'name', 100) }),
        ...trialOf(fields),
      };
      return targets.changes.service.runChecks(id, wish, caller);
    }),
  ];
}

// Who may merge such a change in each project that there is.
async function mergesEverywhere(
  { rights }: RouteCall,
  { finder }: RouteTargets,
  change: ChangeResource | undefined,
): Promise<boolean> {
  if ((await rights.reach('changeMerge')) !== 'some')
    return (await rights.reach('changeMerge')) === 'all';
  if (!change) return false;
  for (const project of finder.projects())
    if (
      !(await rights.may('changeMerge', {
        change: { ...change, project },
        project,
      }))
    )
      return false;
  return true;
}

// What the audit log keeps of a change: which it was, how it stood before and after.
const factsOf = (change: Change, before: Scope) => ({
  change: change.id,
  project: change.project,
  base: change.base,
  before: before.change?.standing ?? null,
  after: standingOf(change),
});

const keyOf = ({ request }: RouteCall): string | undefined => {
  const key = request.get('idempotency-key');
  if (key !== undefined && !/^[\x21-\x7e]{1,200}$/.test(key))
    throw new InputError(
      'Idempotency-Key must be 1 to 200 visible characters.',
      'invalid-field',
    );
  return key;
};

const optionalFields = (call: RouteCall, known: string[]): Fields =>
  call.request.body === undefined ? {} : bodyFields(call.request, known);

/** The body of `POST changes`. */
export function requestOf(call: RouteCall): ChangeRequest {
  const fields = bodyFields(call.request, [
    'project',
    'title',
    'message',
    'edits',
    'base',
    'draft',
    'trialRun',
    'reviewers',
    'branch',
  ]);
  return {
    project: requiredText(fields, 'project', 63),
    title: checkLine(fields.title, 'title', 250),
    ...(fields.message === undefined
      ? {}
      : { message: textOf(fields, 'message') }),
    edits: (fields.edits ?? []) as ChangeRequest['edits'],
    ...(fields.base === undefined
      ? {}
      : { base: requiredText(fields, 'base') }),
    ...(fields.draft === undefined ? {} : { draft: flagOf(fields, 'draft') }),
    ...trialOf(fields),
    ...(fields.reviewers === undefined
      ? {}
      : { reviewers: reviewersOf(fields) }),
    ...(fields.branch === undefined
      ? {}
      : { branch: requiredText(fields, 'branch') }),
  };
}

function updateOf(call: RouteCall): ChangeUpdate {
  const fields = bodyFields(call.request, [
    'title',
    'message',
    'draft',
    'reviewers',
    'edits',
    'head',
  ]);
  if (Object.keys(fields).length === 0)
    throw new InputError(
      'The body must say what changes: title, message, draft, reviewers or edits.',
      'invalid-field',
    );
  return {
    ...(fields.title === undefined
      ? {}
      : { title: checkLine(fields.title, 'title', 250) }),
    ...(fields.message === undefined
      ? {}
      : { message: textOf(fields, 'message') }),
    ...(fields.draft === undefined ? {} : { draft: flagOf(fields, 'draft') }),
    ...(fields.reviewers === undefined
      ? {}
      : { reviewers: reviewersOf(fields) }),
    ...(fields.edits === undefined
      ? {}
      : { edits: fields.edits as ChangeUpdate['edits'] }),
    ...(fields.head === undefined ? {} : { head: commitOf(fields, 'head') }),
  };
}

const show = (value: unknown) => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
};
const refuse = (field: string, expected: string, value: unknown): never => {
  throw new InputError(
    `${field} must be ${expected}, not ${show(value)}.`,
    'invalid-field',
  );
};

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : refuse(name, 'a text', value);
}

function flagOf(fields: Fields, name: string): boolean {
  const value = fields[name];
  return typeof value === 'boolean'
    ? value
    : refuse(name, 'true or false', value);
}

function choiceOf<T extends string>(
  fields: Fields,
  name: string,
  choices: readonly T[],
): T {
  const value = fields[name];
  return choices.includes(value as T)
    ? (value as T)
    : refuse(name, `one of ${choices.join(', ')}`, value);
}

function commitOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' && /^[0-9a-f]{40}$/.test(value)
    ? value
    : refuse(name, 'a full commit id', value);
}

function reviewersOf(fields: Fields): string[] {
  const value = fields.reviewers;
  const isGood =
    Array.isArray(value) &&
    value.length <= 50 &&
    value.every(
      item =>
        typeof item === 'string' &&
        /^(user|group):[\w.-]{1,63}\/[\w.-]{1,63}$/i.test(item),
    );
  return isGood
    ? [...new Set((value as string[]).map(item => item.toLowerCase()))]
    : refuse('reviewers', "a list of entities, as 'user:default/rex'", value);
}

function trialOf(fields: Fields): Pick<ChangeRequest, 'trialRun'> {
  const value = fields.trialRun;
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse('trialRun', 'an object with a pipeline', value);
  const trial = value as Fields;
  const unknown = Object.keys(trial).find(
    name => !['pipeline', 'parameters'].includes(name),
  );
  if (unknown !== undefined)
    return refuse('trialRun', 'an object of pipeline and parameters', value);
  if (
    typeof trial.pipeline !== 'string' ||
    !/^[\w.-]{1,128}$/.test(trial.pipeline)
  )
    return refuse(
      'trialRun.pipeline',
      'the name of a pipeline',
      trial.pipeline,
    );
  return {
    trialRun: {
      pipeline: trial.pipeline,
      ...(trial.parameters === undefined
        ? {}
        : { parameters: textMap(trial, 'parameters') }),
    },
  };
}
