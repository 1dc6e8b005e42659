/*
 * Without a room of its own a step's absolute paths would be the host's. So paths that belong to the step are written anew as
 * host paths below its directory, in the text of its command, environment and script.
 *
 * Limits: a path is found only where its text stands whole and is not part of a longer name. A path that the program puts
 * together itself, or reads from an input, stays the host's. Therefore only trusted projects run this way.
 */
import { symlink } from 'node:fs/promises';
import { insidePath, makeParents } from './insidePath';
import type { StepEnvironment } from './StepAttempt';
import { declaredPaths, type LeafTemplate } from './template';

const always = ['/tmp', '/srv', '/var/run/argo', '/argo'];

/** A function that writes the step's own paths in a text as host paths. */
export function pathRewriter(
  directory: string,
  template: LeafTemplate,
  environment: StepEnvironment,
): (text: string) => string {
  const declared = declaredPaths(template).map(({ path }) => path);
  const mounts = environment.mounts.map(({ target }) => target);
  const own = [...new Set([...always, ...declared, ...mounts])]
    .map(text => text.replace(/\/+$/, ''))
    .filter(text => text.startsWith('/'))
    // The longest first, or a shorter one would hide it.
    .sort((a, b) => b.length - a.length);
  const either = own
    .map(text => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('|');
  const pattern = new RegExp(`(?<![\\w./-])(?:${either})(?![\\w.-])`, 'g');
  return text => text.replace(pattern, found => insidePath(directory, found));
}

/** Links in place of mounts. */
export async function linkMounts(
  directory: string,
  environment: StepEnvironment,
): Promise<void> {
  for (const { source, target } of environment.mounts)
    await symlink(source, await makeParents(directory, target));
}
