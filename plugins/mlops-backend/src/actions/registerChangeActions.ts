/* Proposed changes for assistants and templates: they propose, look and talk; people merge. */
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { Change, FileEdit } from '@backstage-mlops/mlops-core';
import type { RouteTargets } from '../http/routes';
import { changeSight } from '../permissions/changeSight';
import type { Rights } from '../permissions/Rights';
import { changeRights } from './changeRights';
import { editsSchema, trialSchema } from './changeSchemas';
import { registerOpenChangeActions } from './registerOpenChangeActions';

/** Registers the actions. None of them merges. */
export function registerChangeActions(
  registry: ActionsRegistryService,
  targets: RouteTargets,
  { rights }: { rights: Rights },
): void {
  const { changes, finder } = targets;
  const { service, people } = changes;
  const { demand, callerOf } = changeRights(targets, rights);

  registry.register({
    name: 'propose-change',
    title: 'Propose a change of a machine-learning project',
    description:
      'Opens a request with edits of files of a project on a branch of its own, or of a branch that was pushed, and starts its checks. Nothing changes until a person has merged it. Use preview-change first to see what the edits would do.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          project: z.string(),
          title: z.string(),
          message: z.string().optional().describe('Why; Markdown.'),
          edits: editsSchema(z).optional(),
          branch: z
            .string()
            .optional()
            .describe('A branch that was pushed, instead of edits.'),
          base: z.string().optional(),
          draft: z.boolean().optional(),
          trialRun: trialSchema(z).optional(),
          reviewers: z.array(z.string()).optional(),
        }),
      output: z =>
        z.object({
          id: z.string(),
          state: z.string(),
          branch: z.string(),
          head: z.string(),
          diff: z.string(),
        }),
    },
    action: async ({ input, credentials }) => {
      await demand('changePropose', credentials, { project: input.project });
      const change = await service.open(
        { ...input, edits: (input.edits ?? []) as FileEdit[] },
        { by: await people.actorOf(credentials) },
      );
      const { id, state, branch, head, files } = change;
      const diff = files.map(file => file.diff).join('');
      return {
        output: { id, state, branch, head, diff: diff.slice(0, 20_000) },
      };
    },
  });
  registry.register({
    name: 'get-change',
    title: 'Look at a proposed change',
    description:
      'Gives state, checks, reviews, comments and diff of a change, and every reason why it cannot be merged now.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z => z.object({ id: z.string() }),
      output: z => z.object({}).passthrough(),
    },
    action: async ({ input: { id }, credentials }) => {
      await demand('changeRead', credentials, { change: id });
      const { ref } = await callerOf(credentials);
      return { output: plain(await service.reader.get(id, { ref })) };
    },
  });
  registry.register({
    name: 'list-changes',
    title: 'List proposed changes',
    description: 'Lists changes, newest first, of all projects or of one.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          project: z.string().optional(),
          state: z.enum(['open', 'merged', 'closed']).optional(),
        }),
      output: z =>
        z.object({
          changes: z.array(
            z.object({
              id: z.string(),
              project: z.string(),
              title: z.string(),
              state: z.string(),
              author: z.string(),
              checksState: z.string(),
            }),
          ),
        }),
    },
    action: async ({ input, credentials }) => {
      const own = await rights.of(credentials, ['projectRead', 'changeRead']);
      const { items } = await service.reader.list({
        ...input,
        limit: 100,
        maySee: await changeSight({ finder }, own),
      });
      return {
        output: {
          changes: items.map(
            ({ id, project, title, state, author, checksState }) => ({
              id,
              project,
              title,
              state,
              author,
              checksState,
            }),
          ),
        },
      };
    },
  });
  registry.register({
    name: 'comment-on-change',
    title: 'Comment on a proposed change',
    description: 'Says something on a change; Markdown.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z => z.object({ id: z.string(), text: z.string() }),
      output: z => z.object({ id: z.string(), comments: z.number() }),
    },
    action: async ({ input: { id, text }, credentials }) => {
      await demand('changePropose', credentials, { change: id });
      const { comments } = await service.comment(
        id,
        text,
        await callerOf(credentials),
      );
      return { output: { id, comments: comments.length } };
    },
  });
  registry.register({
    name: 'review-change',
    title: 'Review a proposed change',
    description:
      'Asks for changes of a change, or comments on it. Approving is for people, on the page of the change.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          id: z.string(),
          verdict: z.enum(['changes-requested', 'commented']),
          comment: z.string(),
        }),
      output: z => z.object({ id: z.string(), blockedBy: z.array(z.string()) }),
    },
    action: async ({ input: { id, ...review }, credentials }) => {
      await demand('changeReview', credentials, { change: id });
      const { blockedBy } = await service.review(
        id,
        review,
        await callerOf(credentials),
      );
      return { output: { id, blockedBy } };
    },
  });
  registerOpenChangeActions(registry, targets, { rights });
}

// Without what an assistant has no use for; plain JSON.
function plain(change: Change) {
  const { allowed: _, conflicts: _c, ...rest } = change;
  return JSON.parse(JSON.stringify(rest)) as Record<string, unknown>;
}
