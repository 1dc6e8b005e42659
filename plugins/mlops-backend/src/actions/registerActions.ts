import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type {
  BackstageCredentials,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import type {
  FileEdit,
  MlopsPermissionName,
} from '@backstage-mlops/mlops-core';
import { callerOf } from '../http/callerOf';
import { checkReadable } from '../http/runControlRoutes';
import type { RouteTargets } from '../http/routes';
import { registerPromotionActions } from './registerPromotionActions';
import type { ScopeNames } from '../permissions/ResourceFinder';
import type { Rights } from '../permissions/Rights';

/** Actions for assistants, templates and the command line: the same rights as the routes. */
export function registerActions(
  registry: ActionsRegistryService,
  targets: RouteTargets,
  services: { rights: Rights; userInfo: UserInfoService },
): void {
  const demand = async (
    name: MlopsPermissionName,
    credentials: BackstageCredentials,
    about: ScopeNames,
  ) => {
    const rights = await services.rights.of(credentials, ['projectRead', name]);
    await rights.demand(name, await services.rights.scopeOf(about));
  };
  registry.register({
    name: 'run-pipeline',
    title: 'Run a machine-learning pipeline',
    description:
      'Submits a run of a pipeline of a project at a branch, tag or commit (default: the main branch). Parameters that are not given take the values of the pipeline file. Returns the id of the run at once; the run goes on.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          project: z.string(),
          pipeline: z.string(),
          ref: z.string().optional(),
          parameters: z.record(z.string()).optional(),
          engine: z
            .string()
            .optional()
            .describe('local, or the name of a cluster of the portal.'),
          entrypoint: z
            .string()
            .optional()
            .describe('A template to run instead of the whole pipeline.'),
          reuse: z
            .object({ run: z.string(), nodes: z.array(z.string()) })
            .optional()
            .describe(
              'An earlier run: with entrypoint, the one node whose inputs are taken; without, the nodes that are kept.',
            ),
        }),
      output: z =>
        z.object({ id: z.string(), phase: z.string(), commit: z.string() }),
    },
    action: async ({ input, credentials }) => {
      await demand('runCreate', credentials, { project: input.project });
      if (input.reuse)
        await checkReadable(
          targets,
          await services.rights.of(credentials, ['projectRead', 'runRead']),
          input.reuse.run,
        );
      const run = await targets.runService.submit(
        input,
        await callerOf(services.userInfo, credentials),
      );
      return { output: { id: run.id, phase: run.phase, commit: run.commit } };
    },
  });
  registry.register({
    name: 'get-run',
    title: 'Look at a run',
    description:
      'Gives the phase of a run, its message, and the step at the root of a failure.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z => z.object({ id: z.string() }),
      output: z =>
        z.object({
          id: z.string(),
          project: z.string(),
          pipeline: z.string(),
          phase: z.string(),
          message: z.string().optional(),
          cause: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => {
      await demand('runRead', credentials, { run: input.id });
      const { id, project, pipeline, phase, message, cause } = (
        await targets.runs.get(input.id)
      ).summary;
      return {
        output: {
          id,
          project,
          pipeline,
          phase,
          message,
          cause: cause && `${cause.node}: ${cause.message}`,
        },
      };
    },
  });
  registry.register({
    name: 'stop-run',
    title: 'Stop a run',
    description: 'Stops a run that is not over. Its steps are ended.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z => z.object({ id: z.string() }),
      output: z => z.object({ id: z.string() }),
    },
    action: async ({ input, credentials }) => {
      await demand('runControl', credentials, { run: input.id });
      await targets.engine.stop(input.id);
      return { output: { id: input.id } };
    },
  });
  for (const [name, title, description, work] of [
    [
      'terminate-run',
      'Terminate a run',
      'Stops a run at once: its steps are ended and no exit handler runs.',
      (id: string) => targets.engine.stop(id, 'Terminate'),
    ],
    [
      'suspend-run',
      'Suspend a run',
      'Lets the steps of a run that have begun go on, and begins no new one.',
      (id: string) => targets.engine.control(id, { kind: 'suspend' }),
    ],
  ] as const)
    registry.register({
      name,
      title,
      description,
      attributes: {
        readOnly: false,
        destructive: name === 'terminate-run',
        idempotent: false,
      },
      schema: {
        input: z => z.object({ id: z.string() }),
        output: z => z.object({ id: z.string(), phase: z.string() }),
      },
      action: async ({ input, credentials }) => {
        await demand('runControl', credentials, { run: input.id });
        await work(input.id);
        const { id, phase } = (await targets.runs.get(input.id)).summary;
        return { output: { id, phase } };
      },
    });
  registry.register({
    name: 'resume-run',
    title: 'Resume a run',
    description:
      'Goes on with a run that is suspended, or with one step that waits for a person. Values that are not given take their defaults.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          id: z.string(),
          node: z.string().optional(),
          parameters: z.record(z.string()).optional(),
          reject: z.boolean().optional(),
        }),
      output: z => z.object({ id: z.string(), phase: z.string() }),
    },
    action: async ({ input: { id, ...answer }, credentials }) => {
      await demand('runControl', credentials, { run: id });
      await targets.engine.control(id, { kind: 'resume', ...answer });
      const { phase } = (await targets.runs.get(id)).summary;
      return { output: { id, phase } };
    },
  });
  registry.register({
    name: 'plan-retry',
    title: 'See what a retry would do',
    description:
      'Tells which steps of a run that is over would run again, and which would stay. Changes nothing.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({ id: z.string(), nodes: z.array(z.string()).optional() }),
      output: z => {
        const steps = z.array(
          z.object({ id: z.string(), displayName: z.string() }),
        );
        return z.object({ again: steps, kept: steps });
      },
    },
    action: async ({ input: { id, nodes }, credentials }) => {
      await demand('runControl', credentials, { run: id });
      return { output: await targets.runService.retries.plan(id, { nodes }) };
    },
  });
  registry.register({
    name: 'retry-run',
    title: 'Retry a run',
    description:
      'Runs the failed steps of a run that is over again, and those that are named with all that comes after them; what else succeeded stays. Parameters may get other values.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          id: z.string(),
          nodes: z.array(z.string()).optional(),
          parameters: z.record(z.string()).optional(),
        }),
      output: z => z.object({ id: z.string(), phase: z.string() }),
    },
    action: async ({ input: { id, ...wish }, credentials }) => {
      await demand('runControl', credentials, { run: id });
      const { phase } = await targets.runService.retries.retry(id, wish);
      return { output: { id, phase } };
    },
  });
  registry.register({
    name: 'resubmit-run',
    title: 'Run the same again',
    description:
      'Submits a new run with the commit and the parameters of an earlier one. Parameters that are given replace its own.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          id: z.string(),
          parameters: z.record(z.string()).optional(),
        }),
      output: z => z.object({ id: z.string(), phase: z.string() }),
    },
    action: async ({ input, credentials }) => {
      await demand('runCreate', credentials, { run: input.id });
      const run = await targets.runService.resubmit(
        input.id,
        input.parameters ?? {},
        await callerOf(services.userInfo, credentials),
      );
      return { output: { id: run.id, phase: run.phase } };
    },
  });
  registry.register({
    name: 'preview-change',
    title: 'See what a change would do',
    description:
      'Tells what edits of files of a project would do: steps that are added, removed or changed, parameters, steps that run again, whom it affects, and what is wrong with the files. Writes nothing.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z => {
        const path = z.string().describe('Path in the repository.');
        const set = z.array(
          z.object({
            at: z.array(z.union([z.string(), z.number()])),
            value: z.unknown().optional(),
          }),
        );
        return z.object({
          project: z.string(),
          edits: z.array(
            z.object({
              path,
              content: z.string().optional(),
              delete: z.literal(true).optional(),
              set: set
                .optional()
                .describe(
                  'Values of a YAML file; without a value a key is taken away.',
                ),
            }),
          ),
          base: z.string().optional(),
        });
      },
      output: z =>
        z.object({
          base: z.string(),
          graph: z.object({
            added: z.array(z.string()),
            removed: z.array(z.string()),
            changed: z.array(z.string()),
          }),
          parameters: z.array(
            z.object({
              pipeline: z.string(),
              name: z.string(),
              before: z.string().optional(),
              after: z.string().optional(),
            }),
          ),
          rerun: z.array(z.string()),
          cached: z.array(z.string()),
          affected: z.record(z.array(z.string())),
          findings: z.array(
            z.object({
              file: z.string(),
              line: z.number(),
              message: z.string(),
              severity: z.string(),
            }),
          ),
          diff: z.string(),
        }),
    },
    action: async ({ input, credentials }) => {
      await demand('changePropose', credentials, { project: input.project });
      const effect = await targets.changes.effects.preview({
        title: 'Preview',
        ...input,
        edits: input.edits as FileEdit[],
      });
      const { base, graph, parameters, rerun, cached, files } = effect;
      return {
        output: {
          base,
          graph,
          parameters,
          rerun,
          cached,
          affected: effect.affected,
          findings: effect.findings.map(
            ({ file, line, message, severity }) => ({
              file,
              line,
              message,
              severity,
            }),
          ),
          diff: files.map(({ path, diff }) => `${path}\n${diff}`).join('\n'),
        },
      };
    },
  });
  registry.register({
    name: 'list-projects',
    title: 'List machine-learning projects',
    description:
      'Lists projects with owner, state, pipelines, models and the last run.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z => z.object({ text: z.string().optional() }),
      output: z =>
        z.object({
          projects: z.array(
            z.object({
              name: z.string(),
              title: z.string(),
              owner: z.string(),
              state: z.string(),
              pipelines: z.array(z.string()),
              models: z.array(z.string()),
            }),
          ),
        }),
    },
    action: async ({ input, credentials }) => {
      const rights = await services.rights.of(credentials);
      const { items } = await targets.projects.list({
        visible: await rights.projects('projectRead'),
        limit: 200,
        text: input.text,
      });
      return {
        output: {
          projects: items.map(
            ({ name, title, owner, state, pipelines, models }) => ({
              name,
              title,
              owner,
              state,
              pipelines,
              models: models.map(model => model.name),
            }),
          ),
        },
      };
    },
  });
  registerPromotionActions(registry, targets, services);
}
