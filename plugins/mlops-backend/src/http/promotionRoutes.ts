import {
  aliasesOf,
  InputError,
  NotFoundError,
  type Change,
  type ChangeRequest,
  type RevertRequest,
  type SyncItem,
} from '@backstage-mlops/mlops-core';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { ActivityService } from '../activity/ActivityService';
import type { Reverts } from '../activity/Reverts';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import { changeSight } from '../permissions/changeSight';
import type { ResourceFinder } from '../permissions/ResourceFinder';
import { nothingHere } from '../permissions/Rights';
import {
  readMaturity,
  type ReadMaturityOptions,
} from '../projects/readMaturity';
import type {
  OpenChange,
  PromotionService,
} from '../promotions/PromotionService';
import type { Reconciler } from '../sync/Reconciler';
import { bodyFields, queryInteger, queryText, requiredText } from './fields';
import type { Route, RouteCall } from './route';

/** Who opens a request. */
export interface Proposer {
  credentials: BackstageCredentials;
  /** The same key opens the same request. */
  idempotencyKey?: string;
}

/** What these routes speak to. */
export interface PromotionTargets {
  index: GitopsIndex;
  promotions: PromotionService<Proposer>;
  reconciler: Reconciler;
  activity: ActivityService;
  reverts: Reverts;
  /** Folder of a project in the repository, also of one that is not there. */
  folderOf(project: string): string;
  maturity: ReadMaturityOptions;
  /** Opens a request in the name of whoever calls. */
  openChange(
    request: ChangeRequest,
    options: OpenChange & { by: Proposer },
  ): Promise<Change>;
}

const aliasPattern = /^(?!latest$)(?!v\d+$)[\w-]{1,250}$/i;

/** An alias that MLflow takes; InputError otherwise. */
export function checkAlias(alias: string): string {
  if (!aliasPattern.test(alias))
    throw new InputError(
      `alias must be letters, digits, '_' and '-', neither 'latest' nor 'v1', not '${alias.slice(
        0,
        100,
      )}'.`,
      'invalid-field',
    );
  return alias;
}

/** A version's number; InputError otherwise. */
export function checkVersion(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^[1-9]\d{0,8}$/.test(text))
    throw new InputError(
      `version must be the number of a version, as '3', not ${
        JSON.stringify(value)?.slice(0, 100) ?? 'nothing'
      }.`,
      'invalid-field',
    );
  return text;
}

/** Entity references of a body; undefined when there are none. */
export function reviewersOf(
  fields: Record<string, unknown>,
): string[] | undefined {
  const { reviewers } = fields;
  if (reviewers === undefined) return undefined;
  if (
    !Array.isArray(reviewers) ||
    reviewers.length > 50 ||
    !reviewers.every(
      item => typeof item === 'string' && /^\w+:[\w.-]+\/[\w.-]+$/.test(item),
    )
  )
    throw new InputError(
      `reviewers must be a list of entities, as 'user:default/rex', not ${JSON.stringify(
        reviewers,
      ).slice(0, 100)}.`,
      'invalid-field',
    );
  return reviewers;
}

/** A moment of the query: a time, or a day, which counts to its end (UTC). Now when it is not given. */
export function momentOf(text: string | undefined): Date {
  if (text === undefined) return new Date();
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const time = new Date(day ? `${text}T23:59:59.999Z` : text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(time.getTime()))
    throw new InputError(
      `at must be a day or a time, as '2026-05-03' or '2026-05-03T12:00:00Z', not '${text.slice(
        0,
        60,
      )}'.`,
      'invalid-field',
    );
  return time;
}

/** Promotions, aliases, desired and actual, activity, maturity. */
export function promotionRoutes(all: {
  promotion: PromotionTargets;
  finder: ResourceFinder;
}): Route[] {
  return [
    {
      method: 'get',
      path: '/models/:project/:model/promotions/preview',
      permission: 'modelRead',
      event: 'promotion-preview',
      handle: ({ request }) =>
        all.promotion.promotions.preview(
          request.params.project,
          request.params.model,
          {
            alias: checkAlias(queryText(request, 'alias') ?? ''),
            version: checkVersion(queryText(request, 'version') ?? ''),
          },
        ),
    },
    {
      method: 'post',
      path: '/models/:project/:model/promotions',
      permission: 'modelPromote',
      event: 'promotion-open',
      status: 201,
      handle: async call => {
        const { request } = call;
        const { project, model } = request.params;
        const fields = bodyFields(request, [
          'alias',
          'version',
          'reason',
          'reviewers',
        ]);
        const alias = checkAlias(requiredText(fields, 'alias', 250));
        const version = checkVersion(fields.version);
        const reviewers = reviewersOf(fields);
        const change = await all.promotion.promotions.propose(
          project,
          model,
          {
            alias,
            version,
            reason: requiredText(fields, 'reason', 2_000),
            ...(reviewers && { reviewers }),
          },
          proposerOf(call),
        );
        call.record({
          project,
          model,
          alias,
          change: change.id,
          before: declared(all.promotion.index, project, model, alias) ?? null,
          after: version,
        });
        return change;
      },
    },
    {
      method: 'get',
      path: '/models/:project/:model/aliases',
      permission: 'modelRead',
      event: 'alias-list',
      handle: ({ request }) =>
        all.promotion.promotions.aliasPage(
          request.params.project,
          request.params.model,
          momentOf(queryText(request, 'at')),
        ),
    },
    {
      method: 'get',
      path: '/sync',
      permission: 'projectRead',
      event: 'sync-get',
      lists: true,
      scope: ({ query }) =>
        typeof query.project === 'string' ? { project: query.project } : {},
      handle: async call => {
        const { index, reconciler } = all.promotion;
        const project = queryText(call.request, 'project', 63);
        if (project !== undefined) await seen(call, index, project);
        return syncPage(call, reconciler, project);
      },
    },
    {
      method: 'post',
      path: '/sync',
      permission: 'runControl',
      event: 'sync-now',
      handle: async call => {
        const { index, reconciler } = all.promotion;
        const fields = bodyFields(call.request, ['project']);
        const project =
          fields.project === undefined
            ? undefined
            : requiredText(fields, 'project', 63);
        if (project !== undefined) await seen(call, index, project);
        const before = await syncPage(call, reconciler, project);
        await index.refresh();
        await reconciler.look();
        const after = await syncPage(call, reconciler, project);
        call.record({
          before: countsOf(before.items),
          after: countsOf(after.items),
        });
        return after;
      },
    },
    {
      method: 'get',
      path: '/activity',
      permission: 'projectRead',
      event: 'activity-list',
      handle: async call => {
        const { request } = call;
        const project = queryText(request, 'project', 63);
        if (project === undefined)
          throw new InputError(
            'project must be the name of a project, not nothing.',
            'invalid-field',
          );
        return all.promotion.activity.list({
          project,
          model: queryText(request, 'model', 63),
          limit: queryInteger(request, 'limit', {
            min: 1,
            max: 200,
            fallback: 50,
          }),
          cursor: queryText(request, 'cursor', 500),
          without: (await call.may('runRead')) ? [] : ['run'],
          maySeeChange: await changeSight(all, call.rights),
        });
      },
    },
    {
      method: 'get',
      path: '/projects/:project/maturity',
      permission: 'projectRead',
      event: 'maturity-get',
      handle: ({ request }) =>
        readMaturity(request.params.project, all.promotion.maturity),
    },
    {
      method: 'post',
      path: '/changes/reverts',
      permission: 'changePropose',
      whenMissing: 'projectCreate',
      namesProject: true,
      event: 'revert-open',
      status: 201,
      handle: call => openRevert(call, all.promotion),
    },
  ];
}

// The version that the main branch declares for an alias.
function declared(
  index: GitopsIndex,
  project: string,
  model: string,
  alias: string,
): string | undefined {
  const file = index
    .find(project)
    ?.read.models.find(({ name }) => name === model)?.value;
  return aliasesOf(file).find(item => item.alias === alias)?.version;
}

function proposerOf({ request, credentials }: RouteCall): Proposer {
  const idempotencyKey = request.get('idempotency-key');
  if (
    idempotencyKey !== undefined &&
    !/^[\x21-\x7e]{1,200}$/.test(idempotencyKey)
  )
    throw new InputError(
      'Idempotency-Key must be 1 to 200 visible characters.',
      'invalid-field',
    );
  return { credentials, ...(idempotencyKey && { idempotencyKey }) };
}

async function seen(call: RouteCall, index: GitopsIndex, project: string) {
  if (!(await call.may('projectRead'))) throw nothingHere();
  if (!index.find(project))
    throw new NotFoundError(
      `There is no project '${project.slice(0, 100)}'.`,
      'not-found',
    );
}

async function syncPage(
  call: RouteCall,
  reconciler: Reconciler,
  project: string | undefined,
) {
  const visible = await call.projectsOf('projectRead');
  const items: SyncItem[] = await reconciler.list(project);
  return {
    items: items.filter(item => !visible || visible.includes(item.project)),
    lookedAt: reconciler.lookedAt,
    allowed: { sync: await call.may('runControl') },
  };
}

const countsOf = (items: SyncItem[]) => {
  const count = (state: SyncItem['state']) =>
    items.filter(item => item.state === state).length;
  return {
    Synced: count('Synced'),
    OutOfSync: count('OutOfSync'),
    Failed: count('Failed'),
  };
};

async function openRevert(call: RouteCall, targets: PromotionTargets) {
  const fields = bodyFields(call.request, [
    'project',
    'commit',
    'reason',
    'reviewers',
  ]);
  const project = requiredText(fields, 'project', 63);
  const commit = requiredText(fields, 'commit', 200);
  const reason =
    fields.reason === undefined
      ? undefined
      : requiredText(fields, 'reason', 2_000);
  const reviewers = reviewersOf(fields);
  await targets.index.refresh();
  // A project that is gone comes back by the revert of the commit that took it away.
  if (!targets.index.find(project) && !(await call.may('projectRead')))
    throw nothingHere();
  const change = await proposeRevert(
    { project, commit, reason, reviewers },
    proposerOf(call),
    targets,
  );
  call.record({ project, commit, change: change.id });
  return change;
}

/** Opens a request that takes a commit back. */
export async function proposeRevert(
  { project, reason, reviewers, ...wanted }: RevertRequest,
  by: Proposer,
  targets: PromotionTargets,
): Promise<Change> {
  const { index, reverts } = targets;
  const main = index.find(project)?.commit ?? index.commit!;
  const { commit, edits } = await reverts.plan({
    commit: wanted.commit,
    main,
    folder: targets.folderOf(project),
  });
  return targets.openChange(
    {
      project,
      title: `Revert "${commit.title.slice(0, 180)}"`,
      message: [reason, `This reverts commit ${commit.commit}.`]
        .filter(Boolean)
        .join('\n\n'),
      edits,
      base: main,
      ...(reviewers && { reviewers }),
    },
    { by, kind: 'revert' },
  );
}
