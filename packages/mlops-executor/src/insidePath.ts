/*
 * Paths of a step on the host. What a step sees as `/` is the folder `fs` of its directory; a step may leave links there, so a
 * path is never handed to the system before every link on it was read as the step would read it.
 */
import { lstat, mkdir, readlink } from 'node:fs/promises';
import path from 'node:path';

const namesOf = (text: string) => text.split('/').filter(name => name !== '');

/** Host path of an absolute path inside a step, by its text alone. Throws when it is not absolute. @public */
export function insidePath(directory: string, inside: string): string {
  if (!inside.startsWith('/') || inside.includes('\0'))
    throw new Error(`'${inside}' is not an absolute path`);
  return path.join(directory, 'fs', path.posix.normalize(inside));
}

/**
 * Host path of what a step left at an absolute path; undefined when there is nothing. Links in the folders above it lead where
 * they lead inside the step, never out of it; the last name is not followed unless `follow` is set.
 *
 * @public
 */
export async function findInside(
  directory: string,
  inside: string,
  options: { follow?: boolean } = {},
): Promise<string | undefined> {
  const root = path.join(directory, 'fs');
  insidePath(directory, inside);
  let names = namesOf(inside);
  let place: string[] = [];
  for (let hops = 0; names.length > 0; ) {
    const [name, ...rest] = names;
    names = rest;
    if (name === '.') continue;
    if (name === '..') {
      place = place.slice(0, -1);
      continue;
    }
    const host = path.join(root, ...place, name);
    const stat = await lstat(host).catch(() => undefined);
    if (!stat) return undefined;
    const isLast = rest.length === 0 && !options.follow;
    if (!stat.isSymbolicLink() || isLast) {
      // Of what is no folder, not even `.` can be asked.
      if (rest.length > 0 && !stat.isDirectory()) return undefined;
      place = [...place, name];
      continue;
    }
    if (++hops > 40) return undefined;
    const target = targetInside(root, await readlink(host));
    if (target.startsWith('/')) place = [];
    names = [...namesOf(target), ...rest];
  }
  return path.join(root, ...place);
}

// Without a room of its own a step makes links with host paths of its own folder.
function targetInside(root: string, target: string): string {
  return target === root || target.startsWith(`${root}/`)
    ? target.slice(root.length) || '/'
    : target;
}

/** Makes folders below a root, never through a link; gives the host path of the last. Throws when something is in the way. */
export async function makeFolders(
  root: string,
  inside: string,
): Promise<string> {
  let place = root;
  for (const name of namesOf(path.posix.normalize(`/${inside}`))) {
    place = path.join(place, name);
    const stat = await lstat(place).catch(() => undefined);
    if (!stat) await mkdir(place);
    else if (!stat.isDirectory())
      throw new Error(
        `'${inside}' cannot be a folder: a file or a link is in the way`,
      );
  }
  return place;
}

/** Makes the folders above a path of a step and gives the path's own place on the host. */
export async function makeParents(
  directory: string,
  inside: string,
): Promise<string> {
  insidePath(directory, inside);
  const normal = path.posix.normalize(inside).replace(/\/+$/, '');
  const parent = await makeFolders(
    path.join(directory, 'fs'),
    path.posix.dirname(normal),
  );
  return path.join(parent, path.posix.basename(normal));
}
