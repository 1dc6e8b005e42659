import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { MlopsPermissionName } from '@backstage-mlops/mlops-core';
import {
  checkAlias,
  checkVersion,
  momentOf,
  proposeRevert,
} from '../http/promotionRoutes';
import type { RouteTargets } from '../http/routes';
import { changeSight } from '../permissions/changeSight';
import { nothingHere, type Rights } from '../permissions/Rights';
import { changeRights } from './changeRights';

/** Promotions, sync and activity as actions: they give a request, never a merge. */
export function registerPromotionActions(
  registry: ActionsRegistryService,
  targets: RouteTargets,
  services: { rights: Rights },
): void {
  const demand = async (
    name: MlopsPermissionName,
    credentials: BackstageCredentials,
    project: string,
  ) => {
    const rights = await services.rights.of(credentials, ['projectRead', name]);
    await rights.demand(name, await services.rights.scopeOf({ project }));
    return rights;
  };
  registry.register({
    name: 'propose-promotion',
    title: 'Propose that a model version takes an alias',
    description:
      'Opens a request that moves an alias (usually champion) to a version, after judging its gates. People review and merge it; nothing is promoted here. A lower version that the alias had before is a rollback.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          project: z.string(),
          model: z.string(),
          alias: z.string().default('champion'),
          version: z.string(),
          reason: z.string().min(1).max(2_000),
          reviewers: z.array(z.string()).optional(),
        }),
      output: z =>
        z.object({
          change: z.string(),
          title: z.string(),
          branch: z.string(),
          passes: z.boolean(),
          gates: z.array(
            z.object({
              name: z.string(),
              state: z.string(),
              message: z.string(),
            }),
          ),
        }),
    },
    action: async ({ input, credentials }) => {
      const { project, model, reason, reviewers } = input;
      await demand('modelPromote', credentials, project);
      const alias = checkAlias(input.alias);
      const version = checkVersion(input.version);
      const { promotions } = targets.promotion;
      const preview = await promotions.preview(project, model, {
        alias,
        version,
      });
      const change = await promotions.propose(
        project,
        model,
        { alias, version, reason, ...(reviewers && { reviewers }) },
        { credentials },
      );
      return {
        output: {
          change: change.id,
          title: change.title,
          branch: change.branch,
          passes: preview.passes,
          gates: preview.gates.map(({ name, state, message }) => ({
            name,
            state,
            message,
          })),
        },
      };
    },
  });
  registry.register({
    name: 'propose-revert',
    title: 'Propose to take a commit back',
    description:
      'Opens a request that takes a commit of the main branch back, as far as it is of a project. People review and merge it.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          project: z.string(),
          commit: z.string(),
          reason: z.string().min(1).max(2_000).optional(),
          reviewers: z.array(z.string()).optional(),
        }),
      output: z =>
        z.object({
          change: z.string(),
          title: z.string(),
          branch: z.string(),
        }),
    },
    action: async ({ input, credentials }) => {
      const about = { project: input.project };
      const { promotion } = targets;
      await promotion.index.refresh();
      const rights = await changeRights(targets, services.rights).demand(
        'changePropose',
        credentials,
        about,
      );
      const scope = await services.rights.scopeOf(about);
      if (!(await rights.may('projectRead', scope))) throw nothingHere();
      const change = await proposeRevert(input, { credentials }, promotion);
      const { id, title, branch } = change;
      return { output: { change: id, title, branch } };
    },
  });
  registry.register({
    name: 'list-aliases',
    title: 'See which version has which alias, and had',
    description:
      'Gives the aliases of a model now or at a day or time, and every move of an alias with who and why.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          project: z.string(),
          model: z.string(),
          at: z
            .string()
            .optional()
            .describe('As 2026-05-03 or 2026-05-03T12:00:00Z.'),
        }),
      output: z => z.object({}).passthrough(),
    },
    action: async ({ input: { project, model, at }, credentials }) => {
      await demand('modelRead', credentials, project);
      const page = await targets.promotion.promotions.aliasPage(
        project,
        model,
        momentOf(at),
      );
      return { output: JSON.parse(JSON.stringify(page)) };
    },
  });
  registry.register({
    name: 'get-sync',
    title: 'See where the portal differs from git',
    description:
      'Gives, for each pipeline, schedule and alias that git asks for, whether it is Synced, OutOfSync or Failed, with field, both values, since when and commit.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z => z.object({ project: z.string() }),
      output: z =>
        z.object({
          items: z.array(
            z.object({
              kind: z.string(),
              name: z.string(),
              model: z.string().optional(),
              state: z.string(),
              field: z.string().optional(),
              desired: z.string().optional(),
              actual: z.string().optional(),
              message: z.string().optional(),
              since: z.string(),
              commit: z.string(),
            }),
          ),
        }),
    },
    action: async ({ input: { project }, credentials }) => {
      await demand('projectRead', credentials, project);
      const items = await targets.promotion.reconciler.list(project);
      return {
        output: { items: items.map(({ project: _of, ...item }) => item) },
      };
    },
  });
  registry.register({
    name: 'list-activity',
    title: 'See what happened in a project',
    description:
      'Lists commits, requests, runs, promotions and rollbacks of a project, newest first, with who and why.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          project: z.string(),
          model: z.string().optional(),
          limit: z.number().int().min(1).max(200).default(30),
          cursor: z.string().optional(),
        }),
      output: z =>
        z.object({
          items: z.array(
            z.object({
              kind: z.string(),
              at: z.string(),
              by: z.string(),
              title: z.string(),
              why: z.string().optional(),
              commit: z.string().optional(),
              change: z.string().optional(),
              run: z.string().optional(),
              model: z.string().optional(),
              phase: z.string().optional(),
            }),
          ),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => {
      const rights = await demand('projectRead', credentials, input.project);
      const scope = await services.rights.scopeOf({ project: input.project });
      const { items, nextCursor } = await targets.promotion.activity.list({
        ...input,
        without: (await rights.may('runRead', scope)) ? [] : ['run'],
        maySeeChange: await changeSight(targets, rights),
      });
      return {
        output: {
          items: items.map(({ revertible: _not, ...item }) => item),
          ...(nextCursor && { nextCursor }),
        },
      };
    },
  });
}
