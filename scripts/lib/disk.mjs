import fs from 'node:fs';
import path from 'node:path';

const least = 4 * 1024 * 1024;

/** Whether the disk of a place (or of the next folder above that is there) has no room left; programs do not always say so. */
export function diskIsFull(place) {
  let folder = path.resolve(place);
  while (!fs.existsSync(folder)) folder = path.dirname(folder);
  const { bavail, bsize } = fs.statfsSync(folder);
  return bavail * bsize < least;
}
