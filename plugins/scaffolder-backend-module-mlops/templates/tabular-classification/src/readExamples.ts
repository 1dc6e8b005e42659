/* Rows of data/examples.csv: the column `label` is the answer, every other column is a number. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Examples } from './Example.ts';

export function readExamples(folder: string): Examples {
  const text = readFileSync(path.join(folder, 'examples.csv'), 'utf8');
  const [head, ...rows] = text
    .split(/\r?\n/)
    .filter(line => line.trim() !== '');
  const columns = head.split(',').map(name => name.trim());
  const labelAt = columns.indexOf('label');
  if (labelAt < 0) throw new Error('examples.csv has no column label');
  const names = columns.filter(name => name !== 'label');
  const result: Examples = { names, items: [], setAside: [] };
  const seen = new Set<string>();
  rows.forEach((row, index) => {
    const cells = row.split(',').map(cell => cell.trim());
    const numbers = cells
      .filter((_, at) => at !== labelAt)
      .map(cell => (cell === '' ? NaN : Number(cell)));
    const id = `row ${index + 2}`;
    if (cells.length !== columns.length)
      result.setAside.push({ id, reason: `has ${cells.length} cells` });
    else if (!numbers.every(Number.isFinite))
      result.setAside.push({ id, reason: 'has a cell that is no number' });
    else if (cells[labelAt] === '')
      result.setAside.push({ id, reason: 'has no label' });
    // The same row twice could stand on both sides of the split.
    else if (seen.has(row))
      result.setAside.push({ id, reason: 'stands there twice' });
    else result.items.push({ id: row, label: cells[labelAt], numbers });
    seen.add(row);
  });
  return result;
}
