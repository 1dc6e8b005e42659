/* Files of a folder of this machine as git would give them: links are not followed, large and binary files are not read. */
import { maxFileBytes, type ProjectFile } from '@backstage-mlops/mlops-core';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const passedOver = new Set(['node_modules', '.git', 'dist']);
const mostFiles = 5_000;

/** Files below a folder that are wanted, with paths relative to it. */
export function readFolder(
  folder: string,
  isWanted: (path: string) => boolean,
): ProjectFile[] {
  const files: ProjectFile[] = [];
  const visit = (below: string) => {
    for (const entry of readdirSync(path.join(folder, below), {
      withFileTypes: true,
    })) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!passedOver.has(entry.name)) visit(name);
      } else if (isWanted(name) && files.length < mostFiles)
        files.push(readOne(folder, name));
    }
  };
  visit('');
  return files;
}

function readOne(folder: string, name: string): ProjectFile {
  const full = path.join(folder, name);
  const { size } = lstatSync(full);
  const isLink = lstatSync(full).isSymbolicLink();
  const readable = !isLink && size <= maxFileBytes;
  const text = readable ? toText(readFileSync(full)) : undefined;
  return {
    path: name,
    sizeBytes: size,
    mode: isLink ? '120000' : '100644',
    ...(text === undefined ? {} : { text }),
  };
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function toText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
