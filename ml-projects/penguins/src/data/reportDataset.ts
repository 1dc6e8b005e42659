/* The report that the portal shows of a dataset: counts, histograms, checks, samples, and what was set aside. */
import { createHash } from 'node:crypto';
import type { Column, Row } from './definition.ts';
import { isNumeric } from './definition.ts';
import type { CheckResult } from './checkDataset.ts';
import type { Verification } from './verifyRows.ts';

/** Counts of the values of one column. */
export interface Counts {
  by: string;
  values: { value: string; count: number }[];
}

const shownRows = 60;

/** `sha256:` and hex over rows, so that the same rows have the same digest wherever they come from. */
export function digestRows(rows: Row[], columns: Column[]): string {
  const hash = createHash('sha256');
  for (const row of rows)
    hash.update(
      `${JSON.stringify(columns.map(column => row[column.name] ?? null))}\n`,
    );
  return `sha256:${hash.digest('hex')}`;
}

/** The report of a verification. */
export function reportDataset(options: {
  name: string;
  label: string;
  columns: Column[];
  verification: Verification;
  checks: CheckResult[];
}) {
  const { name, label, columns, verification, checks } = options;
  const { accepted, setAside } = verification;
  const categories = columns.filter(
    column => column.type === 'category' && column.name !== label,
  );
  return {
    name,
    digest: digestRows(accepted, columns),
    rows: accepted.length,
    setAsideRows: setAside.length,
    counts: [
      countValues(accepted, label, 'label'),
      ...categories.map(column => countValues(accepted, column.name)),
    ],
    histograms: columns
      .filter(isNumeric)
      .map(column => histogram(accepted, column.name)),
    checks,
    samples: spread(accepted, shownRows).map(row => ({
      label: String(row[label] ?? ''),
      values: withoutNothing(row),
    })),
    setAside: setAside.slice(0, shownRows).map(({ row, reason, values }) => ({
      reason: `row ${row}: ${reason}`,
      label: values[label] || undefined,
      values,
    })),
  };
}

/** How often each value of a column occurs, the most frequent first. */
export function countValues(rows: Row[], column: string, by = column): Counts {
  const counts = new Map<string, number>();
  for (const row of rows)
    counts.set(
      String(row[column] ?? ''),
      (counts.get(String(row[column] ?? '')) ?? 0) + 1,
    );
  const values = [...counts].map(([value, count]) => ({ value, count }));
  return {
    by,
    values: values.sort(
      (a, b) => b.count - a.count || (a.value < b.value ? -1 : 1),
    ),
  };
}

function histogram(rows: Row[], feature: string, bins = 16) {
  const values = rows
    .map(row => row[feature])
    .filter(value => typeof value === 'number');
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  if (values.length === 0) return { feature, edges: [0, 1], counts: [0] };
  const width = (high - low || 1) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const value of values)
    counts[Math.min(bins - 1, Math.floor((value - low) / width))]++;
  return {
    feature,
    edges: Array.from({ length: bins + 1 }, (_, edge) =>
      Number((low + edge * width).toPrecision(8)),
    ),
    counts,
  };
}

// Evenly over the whole file, so that rows at its end are seen as well.
function spread<T>(items: T[], limit: number): T[] {
  if (items.length <= limit) return items;
  return Array.from(
    { length: limit },
    (_, index) => items[Math.floor((index * items.length) / limit)],
  );
}

function withoutNothing(row: Row): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(row).filter(([, value]) => value !== undefined),
  ) as Record<string, string | number>;
}
