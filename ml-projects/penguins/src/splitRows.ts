import { random, shuffled, type Penguin, type Splits } from './penguin.ts';

/** Splits rows 60 / 20 / 20 within each species; no row is in two parts. */
export function splitRows(rows: Penguin[], seed: number): Splits {
  const next = random(seed);
  const splits: Splits = { train: [], validation: [], test: [] };
  for (const species of [...new Set(rows.map(row => row.species))].sort()) {
    const own = shuffled(rows.filter(row => row.species === species), next);
    const [a, b] = [Math.round(own.length * 0.6), Math.round(own.length * 0.8)];
    splits.train.push(...own.slice(0, a));
    splits.validation.push(...own.slice(a, b));
    splits.test.push(...own.slice(b));
  }
  return splits;
}
