import path from 'node:path';
import { findInside, insidePath, makeFolders } from './insidePath';
import type {
  LocalStepRunnerOptions,
  StepAttempt,
  StepEnvironment,
} from './StepAttempt';
import { linkMounts, pathRewriter } from './rewritePaths';
import { writeProgram } from './stageInputs';
import { stepLimits } from './stepLimits';
import { containerOf, declaredPaths, type LeafTemplate } from './template';
import type { StepSpec } from './types';

const systemPath =
  '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const scriptPath = '/argo/staging/script';

/** What the step runs, in the step's own paths. */
interface StepBody {
  command: string[];
  env: Record<string, string>;
  workingDir?: string;
  /** Text of the script at `scriptPath`. */
  source?: string;
}

/** What the executor needs to know of an attempt; makes the folders and the script that it names. */
export async function toStepSpec(
  attempt: StepAttempt,
  environment: StepEnvironment,
  limits: LocalStepRunnerOptions['limits'] = {},
): Promise<StepSpec> {
  const { directory, request, isolation } = attempt;
  const template = request.template as LeafTemplate;
  await makeOutputFolders(directory, template);
  const isolated = isolation === 'namespaces';
  let body = bodyOf(template, attempt.env);
  if (!isolated) body = await moveToHost(body, attempt, environment);
  if (body.source !== undefined)
    await writeProgram(directory, scriptPath, body.source);
  return {
    attemptId: attempt.attemptId,
    directory,
    command: body.command,
    env: body.env,
    workingDir: body.workingDir,
    mounts: isolated
      ? environment.mounts.map(mount => ({ ...mount, readOnly: true }))
      : [],
    writable: [],
    activeDeadlineSeconds: request.activeDeadlineSeconds,
    isolation,
    logLimitBytes: limits.logBytes,
    limits: stepLimits(template, limits),
    captureResult: request.captureResult,
  };
}

// Folders that paths lie in would be part of an image; there is none here, so they are made before the step starts, but for those
// below /tmp, which images leave empty. One that an input brought may be a link to another place inside.
async function makeOutputFolders(
  directory: string,
  template: LeafTemplate,
): Promise<void> {
  for (const { path: declared } of declaredPaths(template)) {
    const folder = folderFromImage(declared);
    if (await findInside(directory, folder, { follow: true })) continue;
    await makeFolders(path.join(directory, 'fs'), folder);
  }
  // A volume is an empty folder that goes with the step.
  for (const { mountPath } of containerOf(template).volumeMounts ?? [])
    if (!(await findInside(directory, mountPath, { follow: true })))
      await makeFolders(path.join(directory, 'fs'), mountPath);
}

function folderFromImage(declared: string): string {
  const folder = path.posix.dirname(path.posix.normalize(declared));
  return folder.startsWith('/tmp/') ? '/tmp' : folder;
}

// Argo's executor gets the template by a variable of its own pod, so `$$` in a script is a dollar sign there, too; the step's
// variables are not known in that place, and `$(NAME)` stays.
function bodyOf(
  template: LeafTemplate,
  given: Record<string, string>,
): StepBody {
  const container = containerOf(template);
  const own: Record<string, string> = { ...given };
  for (const { name, value } of container.env ?? [])
    own[name] = expandVariables(String(value ?? ''), own);
  const expand = (text: unknown) => expandVariables(String(text), own);
  const env = {
    PATH: `/opt/node/bin:${systemPath}`,
    HOME: '/tmp',
    TMPDIR: '/tmp',
    LANG: 'C.UTF-8',
    ...own,
  };
  const { workingDir, command = [], args = [] } = container;
  const { script } = template;
  if (script)
    return {
      command: [...command.map(expand), scriptPath],
      env,
      workingDir,
      source: expandVariables(String(script.source), {}),
    };
  return { command: [...command, ...args].map(expand), env, workingDir };
}

async function moveToHost(
  { command, env, workingDir, source }: StepBody,
  { directory, request }: StepAttempt,
  environment: StepEnvironment,
): Promise<StepBody> {
  const rewrite = pathRewriter(
    directory,
    request.template as LeafTemplate,
    environment,
  );
  await makeFolders(path.join(directory, 'fs'), '/tmp');
  await linkMounts(directory, environment);
  const moved = Object.entries(env).map(([name, value]) => [
    name,
    rewrite(value),
  ]);
  return {
    command: command.map(rewrite),
    env: {
      ...Object.fromEntries(moved),
      PATH: env.PATH.replace('/opt/node/bin', path.dirname(process.execPath)),
    },
    workingDir:
      workingDir === undefined
        ? insidePath(directory, '/')
        : rewrite(workingDir),
    source: source === undefined ? undefined : rewrite(source),
  };
}

/** Kubernetes' rule for `$(NAME)`: known names are replaced, unknown stay, `$$` is a dollar sign. */
export function expandVariables(
  text: string,
  env: Record<string, string>,
): string {
  return text.replace(/\$\$|\$\(([^()]+)\)/g, (whole, name?: string) => {
    if (name === undefined) return '$';
    return Object.hasOwn(env, name) ? env[name] : whole;
  });
}
