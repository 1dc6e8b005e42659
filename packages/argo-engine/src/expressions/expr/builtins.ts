/* Functions of expr-lang, and those that Argo adds: asInt, asFloat, jsonpath, toJson. */
import { fromBase64, toBase64 } from './base64';
import { readJson } from '../goJson';
import { createFunctions, type Functions } from './functions';
import { NamedNumber } from './time/Moment';
import { Duration } from './time/Duration';
import { timeFunctions } from './time/timeFunctions';
import {
  isMap,
  lower,
  toGoJson,
  toGoText,
  typeName,
  upper,
  type Mapping,
} from './values';

const text = (value: unknown): string => {
  if (typeof value !== 'string')
    throw new Error(`invalid argument: ${typeName(value)} is no string`);
  return value;
};
const list = (value: unknown): unknown[] => {
  if (!Array.isArray(value))
    throw new Error(`invalid argument: ${typeName(value)} is no array`);
  return value;
};
const number = (value: unknown): number => {
  if (typeof value !== 'number')
    throw new Error(`invalid argument: ${typeName(value)} is no number`);
  return value;
};
const all = (values: unknown[]): number[] =>
  (values.length === 1 && Array.isArray(values[0]) ? values[0] : values).map(
    number,
  );

function asInt(value: unknown): number {
  if (value instanceof Duration || value instanceof NamedNumber)
    return value.toJSON();
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value !== 'string')
    throw new Error(`invalid operation: int(${typeName(value)})`);
  if (!/^[+-]?\d+$/.test(value) || Math.abs(Number(value)) > 2 ** 63)
    throw new Error(`invalid operation: int(${value})`);
  return Number(value);
}

function asFloat(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string')
    throw new Error(`invalid operation: float(${typeName(value)})`);
  if (/^[+-]?inf(inity)?$/i.test(value))
    return value[0] === '-' ? -Infinity : Infinity;
  const plain = value.replace(/(?<=\d)_(?=\d)/g, '');
  const found = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.exec(plain);
  if (!found || !Number.isFinite(Number(plain)))
    throw new Error(`invalid operation: float(${value})`);
  return Number(plain);
}

const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? sorted[middle]
    : (sorted[middle - 1] + sorted[middle]) / 2;
};
const flatten = (value: unknown): unknown[] =>
  list(value).flatMap(item => (Array.isArray(item) ? flatten(item) : [item]));
const unique = (values: unknown[]) => [
  ...new Map(values.map(item => [toGoJson(item), item])).values(),
];

/** Functions that take one argument and no more. */
export const ofOne = new Set([
  ...['upper', 'lower', 'len', 'type', 'string', 'int', 'float'],
  ...['abs', 'ceil', 'floor', 'round', 'toJSON', 'fromJSON'],
  ...['toBase64', 'fromBase64', 'keys', 'values', 'first', 'last'],
]);

export const builtins: Functions = createFunctions({
  ...timeFunctions,
  asInt,
  asFloat,
  jsonpath: () => null,
  toJson: (value: unknown) => toGoJson(value ?? null),
  string: (value: unknown) => toGoText(value),
  int: (value: unknown) =>
    typeof value === 'boolean' ? Number(value) : asInt(value),
  float: asFloat,
  type: (value: unknown) =>
    ({
      '<nil>': 'nil',
      float64: 'float',
      '[]interface {}': 'array',
      'map[string]interface {}': 'map',
    }[typeName(value)] ?? typeName(value)),
  toJSON: (value: unknown) => toGoJson(value, 2),
  fromJSON: (value: unknown) => readJson(text(value)).value,
  toBase64: (value: unknown) => toBase64(text(value)),
  fromBase64: (value: unknown) => fromBase64(text(value)),
  toPairs: (value: unknown) => Object.entries(value as Mapping),
  fromPairs: (value: unknown) =>
    Object.fromEntries(list(value) as [string, unknown][]),
  trim: (value: unknown, cut?: unknown) => trimmed(text(value), cut),
  trimPrefix: (value: unknown, cut: unknown) =>
    text(value).startsWith(text(cut))
      ? text(value).slice(text(cut).length)
      : value,
  trimSuffix: (value: unknown, cut: unknown) =>
    text(value).endsWith(text(cut))
      ? text(value).slice(0, text(value).length - text(cut).length)
      : value,
  upper: (value: unknown) => upper(text(value)),
  lower: (value: unknown) => lower(text(value)),
  split: (value: unknown, by: unknown, most?: unknown) =>
    pieces(text(value), text(by), most),
  splitAfter: (value: unknown, by: unknown, most?: unknown) =>
    pieces(text(value), text(by), most).map((part, i, parts) =>
      i < parts.length - 1 ? part + text(by) : part,
    ),
  replace: (value: unknown, from: unknown, to: unknown, most?: unknown) =>
    replaced(text(value), { from: text(from), to: text(to), most }),
  repeat: (value: unknown, times: unknown) => {
    if (number(times) < 0)
      throw new Error(
        `invalid argument for repeat (expected positive integer, got ${times})`,
      );
    if (text(value).length * number(times) > 1_000_000)
      throw new Error('memory budget exceeded');
    return text(value).repeat(number(times));
  },
  indexOf: (value: unknown, part: unknown) => text(value).indexOf(text(part)),
  lastIndexOf: (value: unknown, part: unknown) =>
    text(value).lastIndexOf(text(part)),
  hasPrefix: (value: unknown, part: unknown) =>
    text(value).startsWith(text(part)),
  hasSuffix: (value: unknown, part: unknown) =>
    text(value).endsWith(text(part)),
  join: (value: unknown, by: unknown = '') =>
    list(value).map(text).join(text(by)),
  len: (value: unknown) => {
    if (typeof value === 'string') return Array.from(value).length;
    if (Array.isArray(value)) return value.length;
    if (isMap(value)) return Object.keys(value).length;
    throw new Error(`invalid argument for len (type ${typeName(value)})`);
  },
  get: (value: unknown, key: unknown) =>
    typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(value, key as string)
      ? (value as Mapping)[key as string]
      : null,
  keys: (value: unknown) => Object.keys(value as Mapping),
  values: (value: unknown) => Object.values(value as Mapping),
  max: (...values: unknown[]) => outermost(all(values), Math.max),
  min: (...values: unknown[]) => outermost(all(values), Math.min),
  abs: (value: unknown) => Math.abs(number(value)),
  ceil: (value: unknown) => Math.ceil(number(value)),
  floor: (value: unknown) => Math.floor(number(value)),
  round: (value: unknown) =>
    Math.sign(number(value)) * Math.round(Math.abs(number(value))),
  mean: (...values: unknown[]) =>
    all(values).reduce((sum, item) => sum + item, 0) /
    (all(values).length || 1),
  median: (...values: unknown[]) => median(all(values)),
  first: (value: unknown) => list(value)[0] ?? null,
  last: (value: unknown) => list(value).at(-1) ?? null,
  take: (value: unknown, count: unknown) => list(value).slice(0, number(count)),
  reverse: (value: unknown) => [...list(value)].reverse(),
  sort: (value: unknown, order?: unknown) => {
    const sorted = [...list(value)].sort((a: any, b: any) =>
      a < b ? -1 : a > b ? 1 : 0,
    );
    return order === 'desc' ? sorted.reverse() : sorted;
  },
  concat: (...values: unknown[]) => values.flatMap(list),
  flatten,
  uniq: (value: unknown) => unique(list(value)),
  bitand: (a: unknown, b: unknown) => number(a) & number(b),
  bitor: (a: unknown, b: unknown) => number(a) | number(b),
  bitxor: (a: unknown, b: unknown) => number(a) ^ number(b),
  bitnand: (a: unknown, b: unknown) => number(a) & ~number(b),
  bitnot: (a: unknown) => ~number(a),
  bitshl: (a: unknown, b: unknown) => number(a) << number(b),
  bitshr: (a: unknown, b: unknown) => number(a) >> number(b),
  bitushr: (a: unknown, b: unknown) =>
    Number(BigInt.asUintN(64, BigInt(number(a))) >> BigInt(number(b))),
});

function trimmed(value: string, cut: unknown): string {
  if (cut === undefined) return value.trim();
  const set = new Set(Array.from(text(cut)));
  const chars = Array.from(value);
  while (chars.length > 0 && set.has(chars[0])) chars.shift();
  while (chars.length > 0 && set.has(chars[chars.length - 1])) chars.pop();
  return chars.join('');
}

/** The parts of a text; the last of at most so many has the rest. */
const outermost = (values: number[], choose: (...values: number[]) => number) =>
  values.length === 0 ? null : choose(...values);

// An empty text stands before each character and at the end.
function replaced(
  value: string,
  { from, to, most }: { from: string; to: string; most?: unknown },
): string {
  const count = most === undefined ? -1 : number(most);
  if (from !== '')
    return pieces(value, from, count < 0 ? undefined : count + 1).join(to);
  const characters = [...value, ''];
  const places = count < 0 ? characters.length : count;
  return characters
    .map((character, index) => (index < places ? to : '') + character)
    .join('');
}

function pieces(value: string, by: string, most?: unknown): string[] {
  const parts = value.split(by);
  if (most === undefined || number(most) < 0 || parts.length <= number(most))
    return parts;
  const count = number(most);
  return count === 0
    ? []
    : [...parts.slice(0, count - 1), parts.slice(count - 1).join(by)];
}
