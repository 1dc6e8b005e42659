/* Checks that are runs: the project's own tests, and a trial of a pipeline, both at the head of the change. */
import { parseWorkflows } from '@backstage-mlops/argo-engine';
import type {
  Change,
  PortalPages,
  RunSummary,
} from '@backstage-mlops/mlops-core';
import type { GitRepository } from '../gitops/GitRepository';
import type { RunService } from '../runs/RunService';
import type { RunStore } from '../runs/RunStore';
import type { ChangeCheck, ChangeContext, CheckResult } from './ChangeCheck';
import type { ChangeFacts } from './ChangeStore';

/** Names of the checks. */
export const testsName = 'project tests';
export const trialName = 'trial run';
const testsPipeline = 'project-tests';

interface RunCheckOptions {
  runService: RunService;
  runs: RunStore;
  repository: GitRepository;
  /** Ends a run that nobody waits for any more. */
  stopRun(id: string): Promise<void>;
  pages: PortalPages;
}

/** The project's own tests, run as a step like any other, so that isolation, limits, log and audit are the same. */
export function projectTests(
  options: RunCheckOptions & {
    /** Image of the step. */
    image: string;
  },
): ChangeCheck {
  const { repository, runService, image } = options;
  return {
    name: testsName,
    abandon: row => endRun(testsName, row, options),
    applies: async ({ after, head }) =>
      after !== undefined &&
      (await testCommand(repository, head, after.path)) !== undefined,
    async run(context) {
      const path = context.after!.path;
      const command = await testCommand(repository, context.head, path);
      if (!command)
        return { state: 'passed', message: 'The project has no tests.' };
      const file = `${path}/package.json`;
      const { documents, problems } = parseWorkflows(
        testWorkflow(image, command),
        file,
      );
      const run = await runService.submitForChange(
        {
          project: context.project,
          pipeline: testsPipeline,
          ref: context.head,
        },
        {
          ...askedFor(context, testsName),
          document: {
            pipeline: testsPipeline,
            file,
            document: documents[0],
            problems,
          },
        },
      );
      const { nodes } = run;
      const node = Object.values(nodes).find(item => item.type === 'Pod');
      return resultOf(run, {
        what: 'The tests of the project',
        logUrl: node && `/api/mlops/runs/${run.id}/nodes/${node.id}/log`,
      });
    },
  };
}

/** A run of a pipeline at the head: where a person asked for it, or the policy of the project does. */
export function trialRun(options: RunCheckOptions): ChangeCheck {
  const { runService } = options;
  return {
    name: trialName,
    abandon: row => endRun(trialName, row, options),
    applies: async context => wishOf(context) !== undefined,
    async run(context) {
      const wish = wishOf(context);
      if (!wish)
        return { state: 'passed', message: 'Nobody asks for a trial run.' };
      const run = await runService.submitForChange(
        { project: context.project, ref: context.head, ...wish },
        askedFor(context, trialName),
      );
      return resultOf(run, {
        what: `The trial run of ${wish.pipeline}`,
        logUrl: options.pages.run(run.id),
      });
    },
  };
}

async function endRun(
  name: string,
  row: { number: number; commit: string; attempt: number },
  { runs, stopRun }: RunCheckOptions,
): Promise<void> {
  const known = await runs.findByIdempotency(
    `change:${row.number}`,
    keyOf(name, row.commit, row.attempt),
  );
  if (!known) return;
  const { phase } = (await runs.get(known.runId)).summary;
  if (['Pending', 'Running'].includes(phase)) await stopRun(known.runId);
}

/** The run that a trial of a head is, if there is one. */
export async function findTrial(
  { number, facts }: { number: number; facts: ChangeFacts },
  check: { commit: string; attempt: number } | undefined,
  runs: RunStore,
): Promise<Change['trialRun']> {
  const known =
    check &&
    (await runs.findByIdempotency(
      `change:${number}`,
      keyOf(trialName, check.commit, check.attempt),
    ));
  if (!known) return undefined;
  const { id, phase, pipeline } = (await runs.get(known.runId)).summary;
  return { id, phase, pipeline: pipeline ?? facts.trial?.pipeline };
}

// What a person asked for is before what the policy does; texts and promotions need no training.
function wishOf({ trial, after, change, kind }: ChangeContext) {
  if (trial) return trial;
  const pipeline = after?.project?.spec.policy?.trialRun;
  if (!pipeline || kind === 'promotion') return undefined;
  const isNeeded = change.files.some(
    ({ path }) =>
      !/(^|\/)(models|docs)\/[^/]*$|\.md$|(^|\/)CODEOWNERS$/.test(path),
  );
  return isNeeded ? { pipeline } : undefined;
}

const keyOf = (name: string, commit: string, attempt: number) =>
  `${name}:${commit}:${attempt}`;

const askedFor = ({ change, head, attempt }: ChangeContext, name: string) => ({
  by: change.author,
  change: String(change.number),
  key: keyOf(name, head, attempt),
});

function resultOf(
  run: RunSummary,
  { what, logUrl }: { what: string; logUrl?: string },
): CheckResult {
  const link = logUrl ? { logUrl } : {};
  switch (run.phase) {
    case 'Succeeded':
      return {
        state: 'passed',
        message: `${what} passed${timeOf(run)}.`,
        ...link,
      };
    case 'Failed':
    case 'Error': {
      const { cause } = run;
      const why =
        cause && cause.node !== run.id
          ? `${cause.node}: ${cause.message}`
          : cause?.message ?? run.message ?? run.phase;
      return {
        state: 'failed',
        message: `${what} failed: ${why.replace(/\.$/, '')}.`,
        ...link,
      };
    }
    case 'Running':
      return { state: 'pending', message: `${what} run now.`, ...link };
    default:
      return {
        state: 'pending',
        message: `${what} wait for their turn.`,
        ...link,
      };
  }
}

function timeOf({ startedAt, finishedAt }: RunSummary): string {
  if (!startedAt || !finishedAt) return '';
  const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
  return ` in ${Math.max(1, Math.round(seconds))} s`;
}

// `node --run` needs no npm and takes the script as the team wrote it.
async function testCommand(
  repository: GitRepository,
  commit: string,
  folder: string,
): Promise<string | undefined> {
  const manifest = await repository.read(
    `${commit}:${folder}/package.json`,
    262_144,
  );
  if (manifest?.bytes && hasTestScript(manifest.bytes.toString()))
    return 'node --run test';
  for (const place of ['test', 'tests', 'src', '']) {
    const { entries } = await repository.readFolder(
      `${commit}:${[folder, place].filter(Boolean).join('/')}`,
    );
    if (entries.some(entry => /\.test\.[cm]?[jt]s$/.test(entry.name)))
      return 'node --test';
  }
  return undefined;
}

function hasTestScript(text: string): boolean {
  try {
    return typeof JSON.parse(text)?.scripts?.test === 'string';
  } catch {
    return false;
  }
}

const testWorkflow = (
  image: string,
  command: string,
) => `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: ${testsPipeline} }
spec:
  entrypoint: test
  activeDeadlineSeconds: 900
  arguments:
    parameters:
      - { name: repo, value: '' }
      - { name: revision, value: '' }
      - { name: path, value: '' }
  templates:
    - name: test
      inputs:
        artifacts:
          - name: source
            path: /srv/project
            git: { repo: '{{workflow.parameters.repo}}', revision: '{{workflow.parameters.revision}}' }
      script:
        image: ${JSON.stringify(image)}
        command: [sh]
        workingDir: '/srv/project/{{workflow.parameters.path}}'
        source: |
          ${command}
`;
