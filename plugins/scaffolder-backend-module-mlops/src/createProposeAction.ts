/* The action that proposes a new project: the portal opens the request, as the person who filled the form. */
import {
  resolvePackagePath,
  type AuthService,
  type DiscoveryService,
} from '@backstage/backend-plugin-api';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  InputError,
  ConflictError,
  portalPages,
  type Change,
  type PortalPages,
} from '@backstage-mlops/mlops-core';
import { projectFiles, type ProjectAnswers } from './projectFiles';

/** What the action speaks to. */
export interface ProposeActionOptions {
  auth: AuthService;
  discovery: DiscoveryService;
  /** Where the app has the pages of requests; default: below `/mlops`. */
  pages?: PortalPages;
  /** Folder of the skeletons; default: that of this package. */
  skeletons?: string;
  fetch?: typeof fetch;
}

const patienceMs = 60_000;

/** `mlops:project:propose`. */
export function createProposeAction(options: ProposeActionOptions) {
  const { auth, discovery, fetch: send = fetch } = options;
  const { pages = portalPages() } = options;
  const skeletons =
    options.skeletons ??
    resolvePackagePath(
      '@backstage-mlops/plugin-scaffolder-backend-module-mlops',
      'templates',
    );
  return createTemplateAction({
    id: 'mlops:project:propose',
    description:
      'Writes a machine-learning project with data, pipelines and tests, and opens it as a pull request.',
    supportsDryRun: true,
    schema: {
      input: {
        name: z =>
          z
            .string()
            .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
            .describe(
              "Folder of the project: lower-case letters, digits and '-'.",
            ),
        title: z => z.string().min(1).max(200),
        owner: z =>
          z.string().min(1).describe('An entity, as group:default/team.'),
        task: z => z.enum(['image-classification', 'tabular-classification']),
        decides: z => z.string().min(1).max(2000),
        forWhom: z => z.string().min(1).max(2000),
        whyMachineLearning: z => z.string().min(1).max(2000),
        costOfWrongAnswer: z => z.string().min(1).max(2000),
        baseline: z =>
          z
            .string()
            .min(1)
            .max(2000)
            .describe('The rule that the model has to beat.'),
        data: z =>
          z
            .string()
            .min(1)
            .max(1900)
            .describe('Where real data are, and whose they are.'),
        root: z =>
          z
            .string()
            .optional()
            .describe('Folder in the repository that holds ml-projects.'),
      },
      output: {
        change: z => z.string().describe('Number of the request.'),
        url: z => z.string().describe('Its page.'),
      },
    },
    async handler(ctx) {
      const { root, ...answers } = ctx.input;
      const folder = `${root ? `${root}/` : ''}ml-projects/${answers.name}`;
      const files = await projectFiles(
        skeletons,
        folder,
        answers as ProjectAnswers,
      );
      ctx.logger.info(`${files.length} files of ${folder}`);
      if (ctx.isDryRun) return;
      const { token } = await auth.getPluginRequestToken({
        onBehalfOf: await ctx.getInitiatorCredentials(),
        targetPluginId: 'mlops',
      });
      const base = await discovery.getBaseUrl('mlops');
      const ask = (path: string, init: RequestInit = {}) =>
        send(`${base}/${path}`, {
          ...init,
          headers: { authorization: `Bearer ${token}`, ...init.headers },
          signal: AbortSignal.any([
            AbortSignal.timeout(patienceMs),
            ...(ctx.signal ? [ctx.signal] : []),
          ]),
        });
      const there = await ask(`projects/${answers.name}`);
      if (there.ok)
        throw new ConflictError(
          `There is a project '${answers.name}' already; choose another name.`,
          'conflict',
        );
      const answer = await ask('changes', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          // A task that is taken up again opens no second request.
          'idempotency-key': `scaffolder-${ctx.task.id}-${answers.name}`,
        },
        body: JSON.stringify({
          project: answers.name,
          title: `New project: ${answers.title}`.slice(0, 250),
          message: messageOf(answers as ProjectAnswers),
          edits: files,
        }),
      });
      if (!answer.ok) throw await faultOf(answer);
      const change = (await answer.json()) as Change;
      ctx.logger.info(`Request ${change.id} is open`);
      ctx.output('change', change.id);
      ctx.output('url', change.url ?? pages.change(change.id));
    },
  });
}

function messageOf(answers: ProjectAnswers): string {
  const { decides, forWhom, whyMachineLearning, baseline, data } = answers;
  return [
    `**Decides:** ${decides}`,
    `**For whom:** ${forWhom}`,
    `**Why machine learning:** ${whyMachineLearning}`,
    `**Has to beat:** ${baseline}`,
    `**Data:** ${data}`,
  ].join('\n\n');
}

// In the portal's words, so that a person reads why.
async function faultOf(answer: Response): Promise<Error> {
  const text = await answer.text();
  let message = `The portal answered ${answer.status}.`;
  try {
    message = JSON.parse(text).error?.message ?? message;
  } catch {
    // What is no JSON says nothing to a person.
  }
  return answer.status < 500
    ? new InputError(message, 'invalid-field')
    : new Error(message);
}
