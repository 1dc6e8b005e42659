/* runs/search: MLflow's filter grammar as far as clients use it: comparisons joined by AND. */
import type { RunRow } from '../experiments/RunStore';
import type { TrackingService } from '../TrackingService';
import { invalid } from './errors';

interface Condition {
  kind: 'metrics' | 'params' | 'tags' | 'attributes';
  key: string;
  operator: string;
  value: string | number;
}

const kinds: Record<string, Condition['kind']> = {
  metrics: 'metrics',
  metric: 'metrics',
  params: 'params',
  param: 'params',
  parameters: 'params',
  tags: 'tags',
  tag: 'tags',
  attributes: 'attributes',
  attribute: 'attributes',
  attr: 'attributes',
  run: 'attributes',
};
const comparison =
  /^\s*(?:(\w+)\.)?(?:`([^`]+)`|"([^"]+)"|([\w.\-/]+))\s*(!=|>=|<=|=|>|<|ILIKE|LIKE)\s*(?:'([^']*)'|"([^"]*)"|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?))\s*$/i;

export function parseFilter(filter: string): Condition[] {
  if (filter.trim() === '') return [];
  return filter.split(/\s+and\s+/i).map(part => {
    const match = comparison.exec(part);
    const kind = match && kinds[match[1]?.toLowerCase() ?? 'attributes'];
    if (!match || !kind)
      throw invalid(
        `Invalid clause(s) in filter string: '${part.trim().slice(0, 100)}'`,
      );
    const value =
      match[8] !== undefined ? Number(match[8]) : match[6] ?? match[7];
    if (kind === 'metrics' && typeof value !== 'number')
      throw invalid(`Expected numeric value type for metric. Found ${value}`);
    if ((kind === 'params' || kind === 'tags') && typeof value !== 'string')
      throw invalid(
        `Expected a quoted string value for ${kind.slice(
          0,
          -1,
        )} (e.g. 'my-value'). Got value ${value}`,
      );
    return {
      kind,
      key: match[2] ?? match[3] ?? match[4],
      operator: match[5].toUpperCase(),
      value,
    };
  });
}

/** Runs that meet a filter, in the wanted order. Looks at no more than 10,000 of them. */
export async function matchRuns(
  tracking: TrackingService,
  options: {
    experiments: number[];
    stages: string[];
    filter: string;
    orderBy: string[];
  },
): Promise<RunRow[]> {
  const conditions = parseFilter(options.filter);
  const orders = options.orderBy.map(parseOrder);
  if (options.experiments.length === 0) return [];
  const runs = await tracking.runs.list({
    ...options,
    limit: 10_000,
    offset: 0,
  });
  if (conditions.length === 0 && orders.length === 0) return runs;
  const known: { run: RunRow; facts: Map<string, string | number> }[] = [];
  for (const run of runs) {
    const facts = await factsOf(tracking, run);
    if (
      conditions.every(condition =>
        holds(condition, facts.get(`${condition.kind}.${condition.key}`)),
      )
    )
      known.push({ run, facts });
  }
  for (const { key, descending } of orders.reverse())
    known.sort(
      (a, b) =>
        compare(a.facts.get(key), b.facts.get(key)) * (descending ? -1 : 1),
    );
  return known.map(({ run }) => run);
}

function parseOrder(text: string) {
  const match =
    /^\s*(?:(\w+)\.)?[`"]?([^`"]+?)[`"]?(?:\s+(ASC|DESC))?\s*$/i.exec(text);
  const kind = match && kinds[match[1]?.toLowerCase() ?? 'attributes'];
  if (!match || !kind) throw invalid(`Invalid order_by clause '${text}'`);
  return {
    key: `${kind}.${match[2]}`,
    descending: match[3]?.toUpperCase() === 'DESC',
  };
}

async function factsOf(tracking: TrackingService, run: RunRow) {
  const facts = new Map<string, string | number>([
    ['attributes.run_id', run.run_uuid],
    ['attributes.run_name', run.name],
    ['attributes.status', run.status],
    ['attributes.user_id', run.user_id],
    ['attributes.start_time', run.start_time],
  ]);
  if (run.end_time !== null) facts.set('attributes.end_time', run.end_time);
  for (const { key, value } of await tracking.runs.params(run.id))
    facts.set(`params.${key}`, value);
  for (const { key, value } of await tracking.runs.tags(run.id))
    facts.set(`tags.${key}`, value);
  for (const point of await tracking.runs.latest(run.id))
    if (!point.is_nan) facts.set(`metrics.${point.key}`, point.value);
  return facts;
}

function compare(
  a: string | number | undefined,
  b: string | number | undefined,
): number {
  if (a === undefined || b === undefined)
    return a === b ? 0 : a === undefined ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function holds(
  { operator, value }: Condition,
  fact: string | number | undefined,
): boolean {
  if (fact === undefined) return false;
  switch (operator) {
    case '=':
      return fact === value;
    case '!=':
      return fact !== value;
    case 'LIKE':
      return isLike(String(fact), String(value));
    case 'ILIKE':
      return isLike(String(fact).toLowerCase(), String(value).toLowerCase());
    case '>':
      return fact > value;
    case '>=':
      return fact >= value;
    case '<':
      return fact < value;
    default:
      return fact <= value;
  }
}

// No regular expression: one with many `%` tries every way to share a text out among them.
function isLike(text: string, pattern: string): boolean {
  let at = 0;
  let next = 0;
  let afterPercent = -1;
  let retryAt = 0;
  while (at < text.length)
    if (pattern[next] === '%') {
      afterPercent = ++next;
      retryAt = at;
    } else if (pattern[next] === '_' || pattern[next] === text[at]) {
      at += 1;
      next += 1;
    } else if (afterPercent >= 0) {
      next = afterPercent;
      at = ++retryAt;
    } else return false;
  while (pattern[next] === '%') next += 1;
  return next === pattern.length;
}
