/* Where two sides changed the same lines. GitHub only says that they did, so the three texts are merged here, by git itself. */
import type { ConflictHunk } from '@backstage-mlops/mlops-core';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** One file as both sides have it, and as both began. Absent texts count as empty. */
export interface ThreeTexts {
  path: string;
  ours?: string;
  base?: string;
  theirs?: string;
}

const markerSize = 13;
const mark = (sign: string) => sign.repeat(markerSize);

/** Hunks that git cannot merge. */
export async function conflictsOf(texts: ThreeTexts): Promise<ConflictHunk[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mlops-merge-'));
  try {
    const sides = ['ours', 'base', 'theirs'] as const;
    for (const side of sides)
      await writeFile(path.join(folder, side), texts[side] ?? '');
    return readHunks(texts.path, await merge(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function merge(folder: string): Promise<string> {
  return new Promise((resolve, reject) =>
    execFile(
      'git',
      [
        'merge-file',
        '-p',
        '--diff3',
        `--marker-size=${markerSize}`,
        'ours',
        'base',
        'theirs',
      ],
      { cwd: folder, maxBuffer: 64 << 20, timeout: 30_000 },
      // It ends with the number of conflicts; above 127 it failed.
      (error, stdout) =>
        error && typeof error.code !== 'number'
          ? reject(error)
          : Number(error?.code ?? 0) > 127
          ? resolve('')
          : resolve(stdout),
    ),
  );
}

/** Reads a text with markers of git's diff3 style. */
export function readHunks(file: string, text: string): ConflictHunk[] {
  const hunks: ConflictHunk[] = [];
  let hunk: ConflictHunk | undefined;
  let side: 'ours' | 'base' | 'theirs' = 'ours';
  text.split('\n').forEach((line, index) => {
    if (!hunk) {
      if (line.startsWith(mark('<')))
        hunk = { path: file, line: index + 1, ours: [], base: [], theirs: [] };
      side = 'ours';
    } else if (line.startsWith(mark('|'))) side = 'base';
    else if (line === mark('=')) side = 'theirs';
    else if (line.startsWith(mark('>'))) {
      hunks.push(hunk);
      hunk = undefined;
    } else hunk[side].push(line);
  });
  return hunks;
}
