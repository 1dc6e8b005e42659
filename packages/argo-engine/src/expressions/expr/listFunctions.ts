/* The functions that take a predicate over a list, as expr-lang has them. */

/** What such a function is given besides its list. */
export interface Predicate {
  /** Whether there is one; without it an item stands for itself. */
  isGiven: boolean;
  /** Its value for an item; `carried` is what `#acc` reads. */
  of(item: unknown, index: number, carried?: unknown): unknown;
  /** Its value where that must be true or false. */
  is(item: unknown, index: number): boolean;
  /** The argument after it; undefined when there is none. */
  then?(): unknown;
  add(a: unknown, b: unknown): unknown;
  fail(message: string): never;
}

type ListFunction = (list: unknown[], predicate: Predicate) => unknown;

const placeOf = (index: number) => (index < 0 ? null : index);

/** By name. */
export const listFunctions: Record<string, ListFunction> = {
  all: (list, { is }) => list.every(is),
  any: (list, { is }) => list.some(is),
  one: (list, { is }) => list.filter(is).length === 1,
  none: (list, { is }) => !list.some(is),
  map: (list, { of }) => list.map((item, i) => of(item, i)),
  filter: (list, { is }) => list.filter(is),
  find: (list, { is }) => list.find(is) ?? null,
  findIndex: (list, { is }) => placeOf(list.findIndex(is)),
  findLast: (list, { is }) => list.findLast(is) ?? null,
  findLastIndex: (list, { is }) => placeOf(list.findLastIndex(is)),
  count: (list, { isGiven, is }) =>
    list.filter(isGiven ? is : item => item === true).length,
  sum: (list, { of, add }) =>
    list.reduce<unknown>((sum, item, i) => add(of(item, i), sum), 0),
  groupBy: (list, { of }) => {
    const groups: Record<string, unknown[]> = {};
    list.forEach((item, i) => {
      (groups[String(of(item, i))] ??= []).push(item);
    });
    return groups;
  },
  sortBy: (list, { of, then }) => {
    const descending = then?.() === 'desc';
    // Texts are told apart by the same signs as numbers.
    const keyed = list.map((item, i) => ({ item, key: of(item, i) as number }));
    keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    if (descending) keyed.reverse();
    return keyed.map(({ item }) => item);
  },
  // The first item is where it starts when nothing else is given.
  reduce: (list, { of, then, fail }) => {
    if (!then && list.length === 0) fail('reflect: slice index out of range');
    let carried = then ? then() : list[0];
    list.slice(then ? 0 : 1).forEach((item, i) => {
      carried = of(item, then ? i : i + 1, carried);
    });
    return carried ?? null;
  },
};
