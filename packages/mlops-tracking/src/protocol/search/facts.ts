/* Whether what is known of a thing meets a condition, and what comes first. */
import type { Condition, FactKind, Order } from './SearchTarget';

/** Known of one thing, by kind and key; a list where several values count, as with datasets. NaN is a number here. */
export class Facts {
  private readonly known = new Map<string, Fact>();

  set(kind: FactKind, key: string, value: Fact | null | undefined): this {
    if (value !== null && value !== undefined)
      this.known.set(`${kind}.${key}`, value);
    return this;
  }

  get(kind: FactKind, key: string): Fact | undefined {
    return this.known.get(`${kind}.${key}`);
  }
}

export type Fact = string | number | string[];

/** What is not there meets no condition but `IS NULL`. */
export function meets(facts: Facts, condition: Condition): boolean {
  const fact = facts.get(condition.kind, condition.key);
  if (condition.operator === 'IS NULL') return fact === undefined;
  if (condition.operator === 'IS NOT NULL') return fact !== undefined;
  if (fact === undefined) return false;
  return Array.isArray(fact)
    ? fact.some(item => holds(item, condition))
    : holds(fact, condition);
}

function holds(fact: string | number, { operator, value }: Condition): boolean {
  if (Array.isArray(value))
    return value.includes(String(fact)) === (operator === 'IN');
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
      return fact > value!;
    case '>=':
      return fact >= value!;
    case '<':
      return fact < value!;
    default:
      return fact <= value!;
  }
}

/** Compares by several orders; what is not there comes last, either way, and NaN before it. */
export function compareBy(orders: Order[]) {
  return (a: Facts, b: Facts): number => {
    for (const { kind, key, descending } of orders) {
      const first = a.get(kind, key);
      const second = b.get(kind, key);
      const rank = rankOf(first) - rankOf(second);
      if (rank !== 0) return rank;
      if (rankOf(first) > 0 || first === second) continue;
      return first! < second! === descending ? 1 : -1;
    }
    return 0;
  };
}

function rankOf(fact: Fact | undefined): number {
  if (fact === undefined) return 2;
  return Number.isNaN(fact) ? 1 : 0;
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
