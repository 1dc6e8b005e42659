/*
 * The rule that a model has to beat: look at one feature only and say the label that is most common there (Holte's 1R). The pipeline
 * finds the feature by itself, so the bar is the best simple rule of these data and not one that somebody remembers.
 */
import type { Column, Row } from '../data/definition.ts';
import { isNumeric } from '../data/definition.ts';
import { binOf, quantileEdges } from '../features/bins.ts';

/** A rule over one feature. */
export interface BaselineRule {
  feature: string;
  /** Inner edges of a number's bins; empty for a category. */
  edges: number[];
  /** Label by bin or category. */
  labels: Record<string, string>;
  /** For a value that was never seen. */
  otherwise: string;
  /** The rule in words. */
  text: string;
}

/** Learns the best rule from training rows. */
export function learnBaseline(
  rows: Row[],
  features: Column[],
  label: string,
): BaselineRule {
  if (features.length === 0)
    throw new Error('There is no feature to make a rule of');
  const rules = features.map(column => ruleOf(rows, column, label));
  const right = (rule: BaselineRule) =>
    rows.filter(row => applyBaseline(rule, row) === String(row[label])).length;
  return rules.reduce((best, rule) =>
    right(rule) > right(best) ? rule : best,
  );
}

/** The label that the rule says of a row. */
export function applyBaseline(rule: BaselineRule, row: Row): string {
  return rule.labels[keyOf(row, rule)] ?? rule.otherwise;
}

const keyOf = (
  row: Row,
  { feature, edges }: Pick<BaselineRule, 'feature' | 'edges'>,
) =>
  edges.length > 0
    ? String(binOf(row[feature], edges))
    : String(row[feature] ?? '');

function ruleOf(rows: Row[], column: Column, label: string): BaselineRule {
  const feature = column.name;
  const edges = isNumeric(column) ? quantileEdges(rows, feature, 6) : [];
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row, { feature, edges });
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const labels = Object.fromEntries(
    [...groups].map(([key, group]) => [key, mostCommon(group, label)]),
  );
  const otherwise = mostCommon(rows, label);
  return {
    feature,
    edges,
    labels,
    otherwise,
    text: describe(column, edges, labels, otherwise),
  };
}

function mostCommon(rows: Row[], label: string): string {
  const counts = new Map<string, number>();
  for (const row of rows)
    counts.set(String(row[label]), (counts.get(String(row[label])) ?? 0) + 1);
  return [...counts].sort(
    (a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1),
  )[0][0];
}

function describe(
  column: Column,
  edges: number[],
  labels: Record<string, string>,
  otherwise: string,
): string {
  const { name } = column;
  if (edges.length === 0)
    return `${name}: ${Object.entries(labels)
      .map(([value, label]) => `${value || 'nothing'} means ${label}`)
      .join(', ')}`;
  const bins = Array.from(
    { length: edges.length + 1 },
    (_, bin) => labels[bin] ?? otherwise,
  );
  const parts = bins.flatMap((label, bin) =>
    bins[bin + 1] === label
      ? []
      : [
          bin < edges.length
            ? `below ${edges[bin]} means ${label}`
            : `above means ${label}`,
        ],
  );
  return `${name}: ${parts.join(', ')}`;
}
