import type { Row } from './definition.ts';
import { shuffle } from '../random.ts';

/** Rows by the name of their split. */
export type Splits = Record<string, Row[]>;

/**
 * Splits rows with the same share of each label everywhere (stratified). The same seed gives the same split; no row is in two.
 */
export function splitRows(
  rows: Row[],
  options: { label: string; shares: Record<string, number>; seed: number },
): Splits {
  const { label, shares, seed } = options;
  const names = Object.keys(shares);
  const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
  const splits: Splits = Object.fromEntries(names.map(name => [name, []]));
  const labels = [...new Set(rows.map(row => String(row[label])))].sort();
  labels.forEach((value, index) => {
    const group = shuffle(
      rows.filter(row => String(row[label]) === value),
      seed + index,
    );
    let reached = 0;
    let start = 0;
    for (const name of names) {
      reached += shares[name] / total;
      const end = Math.round(reached * group.length);
      splits[name].push(...group.slice(start, end));
      start = end;
    }
  });
  for (const name of names) splits[name].sort((a, b) => a.row - b.row);
  return splits;
}
