import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

const mostEntries = 100_000;

/** Bytes of all files below a folder; 0 when it is not there. Links count as themselves. */
export async function treeBytes(folder: string): Promise<number> {
  const open = [folder];
  let bytes = 0;
  let entries = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true }).catch(
      () => [],
    )) {
      entries += 1;
      if (entries > mostEntries) return bytes;
      const full = path.join(next, entry.name);
      if (entry.isDirectory()) open.push(full);
      else
        bytes += await lstat(full).then(
          stat => stat.size,
          () => 0,
        );
    }
  }
  return bytes;
}
