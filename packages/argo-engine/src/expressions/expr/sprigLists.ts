/* Sprig's functions on lists and maps. */
import type { Functions } from './functions';
import { integer, isEmpty, list, map, shown, text } from './sprigValues';
import { isEqual, isMap, type Mapping } from './values';

const merged = (values: unknown[]): Mapping =>
  Object.assign({}, ...values.map(map));
const isKeyOf = (value: unknown, key: unknown) =>
  Object.hasOwn(map(value), text(key));

// The last two arguments are what stands for nothing, and the map.
function dig(...given: unknown[]): unknown {
  const [otherwise, from] = given.slice(-2);
  let value: unknown = map(from);
  for (const key of given.slice(0, -2)) {
    if (!isMap(value) || !isKeyOf(value, key)) return otherwise;
    value = value[text(key)];
  }
  return value;
}

function numbered(parts: string[]): Mapping {
  return Object.fromEntries(parts.map((part, i) => [`_${i}`, part]));
}

function splitAtMost(by: unknown, count: unknown, value: unknown): Mapping {
  const parts = text(value).split(text(by));
  const most = integer(count);
  if (most <= 0 || parts.length <= most) return numbered(parts);
  return numbered([
    ...parts.slice(0, most - 1),
    parts.slice(most - 1).join(text(by)),
  ]);
}

const only = (value: unknown, keeps: (key: string) => boolean) =>
  Object.fromEntries(Object.entries(map(value)).filter(([key]) => keeps(key)));

export const lists: Functions = {
  list: (...values: unknown[]) => values,
  tuple: (...values: unknown[]) => values,
  first: (value: unknown) => list(value)[0] ?? null,
  last: (value: unknown) => list(value).at(-1) ?? null,
  rest: (value: unknown) => list(value).slice(1),
  initial: (value: unknown) => list(value).slice(0, -1),
  append: (value: unknown, item: unknown) => [...list(value), item],
  push: (value: unknown, item: unknown) => [...list(value), item],
  prepend: (value: unknown, item: unknown) => [item, ...list(value)],
  concat: (...values: unknown[]) => values.flatMap(list),
  reverse: (value: unknown) => [...list(value)].reverse(),
  uniq: (value: unknown) =>
    list(value).filter(
      (item, i, all) => all.findIndex(other => isEqual(other, item)) === i,
    ),
  without: (value: unknown, ...items: unknown[]) =>
    list(value).filter(item => !items.some(other => isEqual(other, item))),
  has: (item: unknown, value: unknown) =>
    list(value).some(other => isEqual(other, item)),
  compact: (value: unknown) => list(value).filter(item => !isEmpty(item)),
  slice: (value: unknown, from: unknown = 0, to?: unknown) =>
    list(value).slice(
      integer(from),
      to === undefined ? undefined : integer(to),
    ),
  chunk: (size: unknown, value: unknown) => {
    const most = Math.max(1, integer(size));
    const count = Math.ceil(list(value).length / most);
    return Array.from({ length: count }, (_, i) =>
      list(value).slice(i * most, (i + 1) * most),
    );
  },
  sortAlpha: (value: unknown) => list(value).map(shown).sort(),
  join: (by: unknown, value: unknown) =>
    (Array.isArray(value) ? value : [value])
      .filter(item => item !== null)
      .map(shown)
      .join(text(by)),
  splitList: (by: unknown, value: unknown) => text(value).split(text(by)),
  split: (by: unknown, value: unknown) => numbered(text(value).split(text(by))),
  splitn: splitAtMost,
  dict: (...values: unknown[]) =>
    Object.fromEntries(
      Array.from({ length: Math.ceil(values.length / 2) }, (_, i) => [
        shown(values[2 * i]),
        values[2 * i + 1] ?? '',
      ]),
    ),
  get: (value: unknown, key: unknown) =>
    isKeyOf(value, key) ? map(value)[text(key)] : '',
  hasKey: isKeyOf,
  dig,
  set: (value: unknown, key: unknown, item: unknown) => ({
    ...map(value),
    [text(key)]: item,
  }),
  unset: (value: unknown, key: unknown) =>
    only(value, name => name !== text(key)),
  pluck: (key: unknown, ...values: unknown[]) =>
    values
      .filter(value => isKeyOf(value, key))
      .map(value => map(value)[text(key)]),
  keys: (...values: unknown[]) =>
    values.flatMap(value => Object.keys(map(value))),
  values: (value: unknown) => Object.values(map(value)),
  pick: (value: unknown, ...keys: unknown[]) =>
    only(value, key => keys.includes(key)),
  omit: (value: unknown, ...keys: unknown[]) =>
    only(value, key => !keys.includes(key)),
  merge: (...values: unknown[]) => merged([...values].reverse()),
  mergeOverwrite: (...values: unknown[]) => merged(values),
};
