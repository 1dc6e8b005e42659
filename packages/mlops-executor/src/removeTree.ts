import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Removes a folder of a step, also where the step took away its own rights to it, or nested folders deeper than a path may be
 * long: the system's programs go down folder by folder and need no long path.
 *
 * @public
 */
export async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch {
    await run('/bin/chmod', ['-R', 'u+rwX', '--', folder]).catch(() => {});
    await run('/bin/rm', ['-rf', '--', folder]);
  }
}
