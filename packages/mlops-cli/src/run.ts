import {
  collectFiles,
  lintWorkflow,
  newWorkflow,
  onlyTemplate,
  resolveWorkflow,
  submitProblems,
  type NodeStatus,
  type ParsedWorkflow,
  type WorkflowState,
} from '@backstage-mlops/argo-engine';
import {
  findCause,
  noSharedFiles,
  readShared,
  type SharedFiles,
} from '@backstage-mlops/mlops-core';
import {
  LocalStepRunner,
  probeIsolation,
  readLog,
  removeTree,
} from '@backstage-mlops/mlops-executor';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { readManifests, sharedOf } from './findProblems';
import { FolderArtifacts } from './FolderArtifacts';
import { readFolder } from './readFolder';
import { WorkflowRun } from './runWorkflow';
import { WrongUse } from './WrongUse';

export interface RunCommand {
  file: string;
  parameters: Record<string, string>;
  entrypoint?: string;
  /** Kept afterwards; without it everything is in a folder that goes with the run. */
  workdir?: string;
  /** What steps of an image see. */
  images: { image: string; source: string; target: string }[];
}

const signs: Record<string, string> = {
  Pending: '.',
  Running: '>',
  Succeeded: '+',
  Skipped: '-',
  Omitted: '-',
  Failed: 'x',
  Error: 'x',
};

/** Runs a workflow file on this machine; 0 when it succeeded. */
export async function run(command: RunCommand): Promise<number> {
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const shared = sharedAround(command.file);
  const workflow = workflowOf(
    command,
    readWorkflow(command.file, shared.templates),
    shared,
  );
  const folder = command.workdir
    ? path.resolve(command.workdir)
    : mkdtempSync(path.join(os.tmpdir(), 'mlops-run-'));
  mkdirSync(folder, { recursive: true });
  const { available, reason } = await probeIsolation();
  if (!available)
    say(`Steps run without isolation on this machine: ${reason}.`);
  const ending = new AbortController();
  const onSignal = () => ending.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const logs: Promise<void>[] = [];
  const begun = Date.now();
  try {
    const state = await new WorkflowRun({
      workflow,
      folder,
      isolation: available ? 'namespaces' : 'none',
      places: os.availableParallelism(),
      signal: ending.signal,
      runner: new LocalStepRunner({
        artifacts: new FolderArtifacts(path.join(folder, 'artifacts')),
        environments: environmentsOf(command),
        fetchGit,
      }),
      onNode: node => tellNode(node, say),
      onStep: ({ nodeName }, directory) =>
        logs.push(follow(nodeName, directory, say)),
      ask,
    }).toEnd();
    await Promise.all(logs);
    const seconds = ((Date.now() - begun) / 1000).toFixed(1);
    say(`${state.phase} after ${seconds} s${whyOf(state)}`);
    if (command.workdir) say(`Files are in ${folder}.`);
    if (ending.signal.aborted) return 130;
    return state.phase === 'Succeeded' ? 0 : 1;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    if (!command.workdir) await removeTree(folder);
  }
}

/** The step at the root of a failure; a run that was ended says why itself. */
function whyOf({ phase, nodes, message }: WorkflowState): string {
  if (phase === 'Succeeded') return '';
  const cause = findCause(nodes);
  const isRoot = cause && !cause.message?.startsWith('Stopped with');
  const why = isRoot
    ? `${cause.displayName}: ${cause.message ?? cause.phase}`
    : message;
  return why ? `: ${why}` : '';
}

function readWorkflow(
  file: string,
  templates: SharedFiles['templates'],
): ParsedWorkflow {
  const { documents, problems } = readManifests(
    readFileSync(file, 'utf8'),
    file,
  );
  const document =
    documents.find(({ kind }) => kind === 'Workflow') ??
    documents.find(({ kind }) => kind === 'WorkflowTemplate');
  const faults = [
    ...problems,
    ...(document ? lintWorkflow(document, templates) : []),
  ].filter(problem => problem.severity === 'error');
  if (faults.length > 0 || !document)
    throw new WrongUse(
      faults.length > 0
        ? faults
            .map(
              ({ line, column, message }) =>
                `${file}:${line}:${column}: ${message}`,
            )
            .join('\n')
        : `'${file}' holds no Workflow and no WorkflowTemplate.`,
    );
  return document;
}

/** Templates and ConfigMaps in the file, in those beside it and, for a file of a project, in the repository's `argo` folder. */
function sharedAround(file: string): SharedFiles {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new WrongUse(`There is no file '${file}'.`);
  const folder = path.dirname(path.resolve(file));
  const near = readShared(
    folder,
    readFolder(folder, name => /^[^/]+\.ya?ml$/.test(name)),
  );
  const project = path.dirname(folder);
  const far = existsSync(path.join(project, 'mlproject.yaml'))
    ? sharedOf(path.dirname(project))
    : noSharedFiles;
  return {
    problems: [],
    templates: (name, clusterScope) =>
      near.templates(name, clusterScope) ?? far.templates(name, clusterScope),
    config: (name, key) => near.config(name, key) ?? far.config(name, key),
  };
}

function workflowOf(
  { file, parameters, entrypoint }: RunCommand,
  document: ParsedWorkflow,
  { templates, config }: SharedFiles,
) {
  const { metadata, spec } = document.manifest;
  const resolved = {
    ...document,
    manifest: {
      ...document.manifest,
      spec: resolveWorkflow({ metadata, spec }, templates).spec,
    },
  };
  const given = { ...gitDefaults(file, resolved), ...parameters };
  const faults = submitProblems(resolved, given);
  if (faults.length > 0)
    throw new WrongUse(faults.map(({ message }) => message).join('\n'));
  const made = newWorkflow({
    document: resolved,
    name: `${document.name.replace(/-$/, '')}-local`,
    arguments: given,
    creationTimestamp: new Date().toISOString(),
  });
  const workflow = entrypoint
    ? onlyTemplate(made, entrypoint, undefined)
    : made;
  if (!workflow.spec.entrypoint)
    throw new WrongUse(`'${file}' has no entrypoint; give one.`);
  try {
    return { ...workflow, stored: collectFiles(workflow, templates, config) };
  } catch (error) {
    throw new WrongUse(`'${file}' cannot run: ${(error as Error).message}.`);
  }
}

/** As the portal does it: a workflow that asks for a repository gets the one that its file is in, at its commit. */
function gitDefaults(
  file: string,
  { manifest }: ParsedWorkflow,
): Record<string, string> {
  const folder = path.dirname(path.resolve(file));
  const git = (...args: string[]) => {
    const { status, stdout } = spawnSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
    });
    return status === 0 ? stdout.trim() : undefined;
  };
  const top = git('rev-parse', '--show-toplevel');
  const revision = git('rev-parse', 'HEAD');
  if (!top || !revision) return {};
  const project = path.basename(folder) === 'pipelines' ? '..' : '.';
  const values: Record<string, string> = {
    repo: top,
    revision,
    path: path.relative(top, path.join(folder, project)) || '.',
  };
  const declared = new Set(
    (manifest.spec.arguments?.parameters ?? []).map((item: any) => item.name),
  );
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => declared.has(name)),
  );
}

function environmentsOf({ images }: RunCommand) {
  const named = [...new Set(images.map(({ image }) => image))];
  return [
    ...named.map(image => ({
      images: [image],
      mounts: images
        .filter(item => item.image === image)
        .map(({ source, target }) => ({
          source: path.resolve(source),
          target,
        })),
    })),
    // Every other image stands for this machine's own programs.
    { images: ['*'], mounts: [] },
  ];
}

async function fetchGit(
  repository: string,
  revision: string | undefined,
  target: string,
): Promise<void> {
  mkdirSync(target, { recursive: true });
  const folder = spawnSync(
    'git',
    ['-C', repository, 'rev-parse', '--absolute-git-dir'],
    { encoding: 'utf8' },
  );
  if (folder.status !== 0) throw new Error(`git: ${folder.stderr.trim()}`);
  // Every file as it was committed, as the portal and a cluster have them: no attribute leaves one out or changes it.
  const archive = spawnSync(
    'git',
    [
      '--git-dir',
      folder.stdout.trim(),
      '--bare',
      'archive',
      '--worktree-attributes',
      '--format=tar',
      revision ?? 'HEAD',
    ],
    { maxBuffer: 1024 ** 3 },
  );
  if (archive.status !== 0)
    throw new Error(
      `git: ${archive.stderr.toString().trim() || 'the revision is not there'}`,
    );
  const unpacked = spawnSync('tar', ['-x', '-C', target], {
    input: archive.stdout,
  });
  if (unpacked.status !== 0) throw new Error(unpacked.stderr.toString());
}

function tellNode(node: NodeStatus, say: (text: string) => void): void {
  if (node.phase === 'Pending' || node.type === 'StepGroup') return;
  const seconds =
    node.finishedAt &&
    (Date.parse(node.finishedAt) - Date.parse(node.startedAt)) / 1000;
  say(
    `${signs[node.phase]} ${node.name} ${node.phase}${
      seconds ? ` after ${seconds.toFixed(1)} s` : ''
    }${node.message ? `: ${node.message}` : ''}`,
  );
}

/** Writes the lines of a log as they come, each with the name of its step. */
async function follow(
  name: string,
  directory: string,
  say: (text: string) => void,
): Promise<void> {
  let offset = 0;
  let rest = '';
  for (let last = false; ; ) {
    const { bytes, ended } = await readPart(directory, offset);
    offset += bytes.length;
    const lines = (rest + bytes.toString('utf8')).split('\n');
    rest = lines.pop()!;
    lines.forEach(line => say(`  ${name} | ${line}`));
    if (last) break;
    last = ended && bytes.length === 0;
    if (!last) await new Promise(resolve => setTimeout(resolve, 100));
  }
  if (rest) say(`  ${name} | ${rest}`);
}

async function readPart(directory: string, offset: number) {
  const { bytes } = await readLog(directory, { offset });
  const ended = Boolean(
    statSync(path.join(directory, 'exit.json'), { throwIfNoEntry: false }),
  );
  return { bytes, ended };
}

/** Asks on a terminal for what a waiting step wants to know. */
async function ask(
  node: NodeStatus,
  fault?: string,
): Promise<Record<string, string> | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const terminal = createInterface({
    input: process.stdin,
    output: process.stdout,
  });
  try {
    if (fault) process.stdout.write(`${node.displayName}: ${fault}\n`);
    const wanted = (node.outputs?.parameters ?? []).filter(
      parameter => parameter.value === undefined || parameter.value === null,
    );
    const answers: Record<string, string> = {};
    for (const { name } of wanted) {
      const choices = node.inputs?.parameters?.find(
        input => input.name === name,
      )?.enum;
      const answer = await terminal.question(
        `${node.displayName}: ${name}${
          choices ? ` (${choices.join(', ')})` : ''
        } = `,
      );
      // Just Enter leaves it to the default.
      if (answer !== '') answers[name] = answer;
    }
    if (wanted.length === 0)
      await terminal.question(`${node.displayName} waits; Enter goes on. `);
    return answers;
  } finally {
    terminal.close();
  }
}
