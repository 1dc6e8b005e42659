import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';

/** One digest over names and bytes of files and folders of the checkout; built and installed things are left out. */
export function digestOf(places) {
  const hash = createHash('sha256');
  for (const file of places.flatMap(place => filesBelow(place)).sort())
    hash
      .update(`${file}\0`)
      .update(fs.readFileSync(path.join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

const left = new Set(['node_modules', 'dist', 'dist-types', 'coverage']);

function filesBelow(place) {
  const full = path.join(root, place);
  if (!fs.existsSync(full)) return [];
  if (!fs.statSync(full).isDirectory()) return [place];
  return fs
    .readdirSync(full, { withFileTypes: true })
    .filter(
      entry => !left.has(entry.name) && (entry.isDirectory() || entry.isFile()),
    )
    .flatMap(entry => filesBelow(path.join(place, entry.name)));
}
