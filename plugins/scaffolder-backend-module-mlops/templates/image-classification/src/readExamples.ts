/* Pictures in data/<label>/<name>.pgm (plain grey, P2) as numbers: the middle of each of 8 x 8 fields. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Examples } from './Example.ts';

const fields = 8;

export function readExamples(folder: string): Examples {
  const names = Array.from(
    { length: fields * fields },
    (_, at) => `field_${Math.floor(at / fields)}_${at % fields}`,
  );
  const result: Examples = { names, items: [], setAside: [] };
  const labels = readdirSync(folder, { withFileTypes: true }).filter(entry =>
    entry.isDirectory(),
  );
  for (const { name: label } of labels)
    for (const file of readdirSync(path.join(folder, label))
      .filter(name => name.endsWith('.pgm'))
      .sort()) {
      const id = `${label}/${file}`;
      try {
        result.items.push({
          id,
          label,
          numbers: fieldsOf(readFileSync(path.join(folder, id), 'latin1')),
        });
      } catch (error) {
        result.setAside.push({ id, reason: (error as Error).message });
      }
    }
  return result;
}

/** The middle brightness of each field of a picture, between 0 and 1. */
export function fieldsOf(text: string): number[] {
  const [kind, ...words] = text.replace(/#.*$/gm, '').trim().split(/\s+/);
  const [width, height, most, ...points] = words.map(Number);
  if (kind !== 'P2') throw new Error('is no plain grey picture (P2)');
  if (
    !(width >= fields && height >= fields && most > 0) ||
    points.length !== width * height ||
    !points.every(Number.isFinite)
  )
    throw new Error('is damaged');
  const sums = new Array<number>(fields * fields).fill(0);
  const counts = new Array<number>(fields * fields).fill(0);
  points.forEach((value, at) => {
    const row = Math.floor((Math.floor(at / width) * fields) / height);
    const column = Math.floor(((at % width) * fields) / width);
    sums[row * fields + column] += value / most;
    counts[row * fields + column] += 1;
  });
  return sums.map((sum, at) => sum / counts[at]);
}
