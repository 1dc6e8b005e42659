/*
 * How much each feature alone tells of the label: their mutual information over the entropy of the label. 0 tells nothing, 1 tells
 * everything. One measure for numbers (in eight bins of equal size) and for categories, so that both stand in one list.
 */
import type { Column, Row } from '../data/definition.ts';
import { isNumeric } from '../data/definition.ts';
import { binOf, quantileEdges } from './bins.ts';

/** A feature and its share of what there is to know, 0 to 1. */
export interface RankedFeature {
  name: string;
  importance: number;
}

/** Ranks features, the most telling first. Give it training rows only. */
export function rankFeatures(
  rows: Row[],
  features: Column[],
  label: string,
): RankedFeature[] {
  const labels = rows.map(row => String(row[label]));
  const known = entropy(labels);
  return features
    .map(column => {
      const values = discretise(rows, column);
      const together = entropy(
        values.map((value, index) => JSON.stringify([value, labels[index]])),
      );
      // Few rows in many bins seem to tell something by chance alone; Miller and Madow's term takes that away.
      const chance =
        ((new Set(values).size - 1) * (new Set(labels).size - 1)) /
        (2 * rows.length);
      const shared =
        known === 0 ? 0 : (entropy(values) + known - together - chance) / known;
      return {
        name: column.name,
        importance: Number(Math.min(1, Math.max(0, shared)).toFixed(4)),
      };
    })
    .sort((a, b) => b.importance - a.importance || (a.name < b.name ? -1 : 1));
}

function discretise(rows: Row[], column: Column): string[] {
  if (!isNumeric(column))
    return rows.map(row => String(row[column.name] ?? ''));
  const edges = quantileEdges(rows, column.name, 8);
  return rows.map(row => String(binOf(row[column.name], edges)));
}

function entropy(values: string[]): number {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].reduce(
    (sum, count) =>
      sum - (count / values.length) * Math.log(count / values.length),
    0,
  );
}
