import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';

/** Host path of an absolute path inside a step. Throws when the path is not absolute or climbs out. @public */
export function insidePath(directory: string, inside: string): string {
  if (!inside.startsWith('/') || inside.includes('\0')) throw new Error(`'${inside}' is not an absolute path`);
  const root = path.join(directory, 'fs');
  const host = path.join(root, path.posix.normalize(inside));
  if (host !== root && !host.startsWith(root + path.sep)) throw new Error(`'${inside}' leaves the step`);
  return host;
}

/** A file or folder that a step left, when neither it nor a folder above it is a link out of the step. @public */
export async function findInside(directory: string, inside: string): Promise<string | undefined> {
  const host = insidePath(directory, inside);
  const stat = await lstat(host).catch(() => undefined);
  if (!stat) return undefined;
  const root = await realpath(path.join(directory, 'fs'));
  const parent = await realpath(path.dirname(host)).catch(() => undefined);
  if (!parent || (parent !== root && !parent.startsWith(root + path.sep))) throw new Error(`${inside} lies behind a link that leaves the step`);
  return host;
}
