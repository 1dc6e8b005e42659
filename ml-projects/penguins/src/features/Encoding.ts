/* Rows as numbers. Everything it knows (means, spreads, categories) comes from training rows, so nothing of the others leaks in. */
import type { Column, Row } from '../data/definition.ts';
import { isNumeric } from '../data/definition.ts';

/** How one feature becomes numbers. */
export type FeatureEncoding =
  | { name: string; kind: 'number'; mean: number; deviation: number }
  | { name: string; kind: 'category'; values: string[] };

/** Learns from training rows how features become numbers. */
export function learnEncoding(
  rows: Row[],
  features: Column[],
): FeatureEncoding[] {
  return features.map(column => {
    const { name } = column;
    if (!isNumeric(column)) {
      const values = new Set(
        rows
          .map(row => row[name])
          .filter(value => value !== undefined)
          .map(String),
      );
      return { name, kind: 'category', values: [...values].sort() };
    }
    const values = rows
      .map(row => row[name])
      .filter(value => typeof value === 'number');
    const mean =
      values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
    const variance =
      values.reduce((sum, value) => sum + (value - mean) ** 2, 0) /
      (values.length || 1);
    return { name, kind: 'number', mean, deviation: Math.sqrt(variance) || 1 };
  });
}

/** A row as numbers: standardised measurements, one place for each category. What is missing or was never seen is 0 (the mean, no category). */
export function encodeRow(row: Row, encoding: FeatureEncoding[]): number[] {
  return encoding.flatMap(feature => {
    const value = row[feature.name];
    if (feature.kind === 'category')
      return feature.values.map(known => (String(value) === known ? 1 : 0));
    return [
      typeof value === 'number'
        ? (value - feature.mean) / feature.deviation
        : 0,
    ];
  });
}
