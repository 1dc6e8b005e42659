import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { StepAttempt, StepEnvironment } from './LocalStepRunner';
import { insidePath } from './insidePath';
import { writeFileInside } from './stageInputs';
import type { StepSpec } from './types';

const searchPath = '/opt/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const scriptPath = '/argo/staging/script';

/** What the executor needs to know of an attempt: command, environment, folders. */
export async function toStepSpec(attempt: StepAttempt, environment: StepEnvironment, limits: { logBytes?: number } = {}): Promise<StepSpec> {
  const { directory, request, isolation } = attempt;
  const { template } = request;
  const container = template.container ?? template.script;
  const env: Record<string, string> = { PATH: searchPath, HOME: '/tmp', TMPDIR: '/tmp', LANG: 'C.UTF-8', ...attempt.env };
  for (const { name, value } of container.env ?? []) env[name] = expandVariables(String(value ?? ''), env);
  let command = [...(container.command ?? []), ...(template.script ? [] : container.args ?? [])].map(part => expandVariables(String(part), env));
  if (template.script) {
    await writeFileInside(directory, scriptPath, expandVariables(String(container.source), env));
    command.push(scriptPath);
  }
  let { workingDir } = container;
  const writable = parentsOf(template);
  for (const folder of writable) await mkdir(insidePath(directory, folder), { recursive: true });
  if (isolation === 'none') {
    const rewrite = rewriter(directory, environment);
    command = command.map(rewrite);
    workingDir = workingDir ? rewrite(workingDir) : insidePath(directory, '/');
    for (const key of Object.keys(env)) if (key !== 'PATH') env[key] = rewrite(env[key]);
    env.PATH = `${path.dirname(process.execPath)}:${searchPath}`;
    if (template.script) await writeFileInside(directory, scriptPath, rewrite(expandVariables(String(container.source), env)));
    await linkMounts(directory, environment);
    await mkdir(insidePath(directory, '/tmp'), { recursive: true });
  }
  return {
    attemptId: attempt.attemptId,
    directory,
    command,
    env,
    workingDir,
    mounts: isolation === 'none' ? [] : environment.mounts.map(mount => ({ ...mount, readOnly: true })),
    writable,
    activeDeadlineSeconds: request.activeDeadlineSeconds,
    isolation,
    logLimitBytes: limits.logBytes,
  };
}

/** Kubernetes' rule for `$(NAME)`: known names are replaced, unknown stay, `$$` is a dollar sign. */
export function expandVariables(text: string, env: Record<string, string>): string {
  return text.replace(/\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g, (whole, name?: string) => {
    if (name === undefined) return '$';
    return env[name] ?? whole;
  });
}

/** Folders that must exist before the step starts: parents of what it declares. */
function parentsOf(template: Record<string, any>): string[] {
  const declared = [
    ...(template.outputs?.parameters ?? []).map((parameter: any) => parameter.valueFrom?.path),
    ...(template.outputs?.artifacts ?? []).map((artifact: any) => artifact.path),
  ].filter((item): item is string => typeof item === 'string' && item.startsWith('/'));
  return [...new Set(declared.map(item => path.posix.dirname(item)))].filter(item => item !== '/');
}

// Without a room of its own a step's absolute paths would be the host's, so those that belong to it are written anew.
function rewriter(directory: string, environment: StepEnvironment): (text: string) => string {
  const roots = ['/tmp', '/srv', '/var/run/argo', '/argo', '/mnt', '/out', '/in', '/data', '/work', '/home', ...environment.mounts.map(mount => mount.target)];
  const pattern = new RegExp(`(?<![\\w./-])(${[...new Set(roots)].map(root => root.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('|')})(?=[/\\s"'\`;:,)]|$)`, 'g');
  return text => text.replace(pattern, root => insidePath(directory, root));
}

async function linkMounts(directory: string, environment: StepEnvironment): Promise<void> {
  for (const { source, target } of environment.mounts) {
    const host = insidePath(directory, target);
    await mkdir(path.dirname(host), { recursive: true });
    await symlink(source, host).catch(error => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}
