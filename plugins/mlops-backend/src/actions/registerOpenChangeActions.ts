/* What can be done with a request that is open, for assistants and templates; merging is left to people. */
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { Change, FileEdit } from '@backstage-mlops/mlops-core';
import type { RouteTargets } from '../http/routes';
import type { Rights } from '../permissions/Rights';
import { changeRights } from './changeRights';
import { editsSchema, trialSchema } from './changeSchemas';

const attributes = { readOnly: false, destructive: false, idempotent: false };

/** Registers the actions. */
export function registerOpenChangeActions(
  registry: ActionsRegistryService,
  targets: RouteTargets,
  { rights }: { rights: Rights },
): void {
  const { service } = targets.changes;
  const { demand, callerOf } = changeRights(targets, rights);
  registry.register({
    name: 'update-change',
    title: 'Change a request that is open',
    description:
      'Puts another commit of edits on the branch of a request, or gives it another title, message, reviewers or draft state. Its checks start again for a new commit.',
    attributes,
    schema: {
      input: z =>
        z.object({
          id: z.string(),
          title: z.string().optional(),
          message: z.string().optional(),
          draft: z.boolean().optional(),
          reviewers: z.array(z.string()).optional(),
          edits: editsSchema(z).optional(),
          head: z
            .string()
            .optional()
            .describe('Commit that the edits were made from.'),
        }),
      output: z => z.object(standingShape(z)),
    },
    action: async ({ input: { id, edits, ...words }, credentials }) => {
      await demand('changeUpdate', credentials, { change: id });
      const change = await service.update(
        id,
        { ...words, ...(edits && { edits: edits as FileEdit[] }) },
        await callerOf(credentials),
      );
      return { output: standing(change) };
    },
  });
  for (const { act, destructive, ...words } of [
    {
      name: 'close-change',
      title: 'Close a request without merging it',
      description: 'Closes a request that is open; nothing of it is merged.',
      destructive: true,
      act: service.close.bind(service),
    },
    {
      name: 'rebase-change',
      title: 'Put a request on the newest commit',
      description:
        'Puts the branch of a request onto the newest commit of the main branch; fails with the files where the two do not fit.',
      destructive: false,
      act: service.rebase.bind(service),
    },
  ])
    registry.register({
      ...words,
      attributes: { ...attributes, destructive },
      schema: {
        input: z => z.object({ id: z.string() }),
        output: z => z.object(standingShape(z)),
      },
      action: async ({ input: { id }, credentials }) => {
        await demand('changeUpdate', credentials, { change: id });
        return { output: standing(await act(id, await callerOf(credentials))) };
      },
    });
  registry.register({
    name: 'check-change',
    title: 'Check a request again',
    description:
      'Runs the checks of a request again, one of them by its name, or runs a pipeline on its branch as a trial.',
    attributes,
    schema: {
      input: z =>
        z.object({
          id: z.string(),
          name: z.string().optional().describe('One check; default: all.'),
          trialRun: trialSchema(z).optional(),
        }),
      output: z => z.object(standingShape(z)),
    },
    action: async ({ input: { id, ...wish }, credentials }) => {
      await demand('changePropose', credentials, { change: id });
      return {
        output: standing(
          await service.runChecks(id, wish, await callerOf(credentials)),
        ),
      };
    },
  });
}

type Zod = Parameters<typeof editsSchema>[0];

const standingShape = (z: Zod) => ({
  id: z.string(),
  state: z.string(),
  head: z.string(),
  checksState: z.string(),
  blockedBy: z.array(z.string()),
});

const standing = ({ id, state, head, checksState, blockedBy }: Change) => ({
  id,
  state,
  head,
  checksState,
  blockedBy,
});
