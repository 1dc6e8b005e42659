import type { Row } from '../data/definition.ts';

/** Inner edges of bins that hold equally many rows; fewer where values repeat. */
export function quantileEdges(
  rows: Row[],
  column: string,
  bins: number,
): number[] {
  const values = rows
    .map(row => row[column])
    .filter(value => typeof value === 'number')
    .sort((a, b) => a - b);
  const edges = Array.from(
    { length: bins - 1 },
    (_, index) => values[Math.floor(((index + 1) * values.length) / bins)],
  );
  return [...new Set(edges)].filter(
    edge => edge !== undefined && edge > values[0],
  );
}

/** Number of the bin that a value lies in; -1 for a missing one. A value on an edge lies above it. */
export function binOf(
  value: string | number | undefined,
  edges: number[],
): number {
  return typeof value === 'number'
    ? edges.filter(edge => value >= edge).length
    : -1;
}
