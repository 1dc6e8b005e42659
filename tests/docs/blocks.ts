/* Code blocks of the documentation. A block is run by a test when a word follows its language: ```sh stock. */
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/lib/paths.mjs';

/** The texts of all blocks of a page whose first line is exactly this, as `sh stock`. */
export function blocksOf(page: string, info: string): string[] {
  const text = fs.readFileSync(path.join(root, 'docs', page), 'utf8');
  const found = [...text.matchAll(/^```([^\n]*)\n([^]*?)^```$/gm)]
    .filter(([, given]) => given.trim() === info)
    .map(([, , body]) => body);
  if (found.length === 0)
    throw new Error(`docs/${page} has no block '${info}'.`);
  return found;
}
