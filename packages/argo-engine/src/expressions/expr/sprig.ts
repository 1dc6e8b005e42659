/* The part of Sprig that pipelines use: texts, numbers, lists, maps, digests. Source: https://masterminds.github.io/sprig/ */
import { sha1 } from '@noble/hashes/legacy';
import { sha256, sha512 } from '@noble/hashes/sha2';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils';
import { fromBase64, toBase64 } from './base64';
import { createFunctions, type Functions } from './functions';
import { patternOf } from './pattern';
import { isEqual, isMap, toGoJson, toGoText, type Mapping } from './values';

const text = (value: unknown) =>
  typeof value === 'string' ? value : toGoText(value);
const integer = (value: unknown) => {
  const number =
    typeof value === 'boolean' ? Number(value) : parseFloat(text(value));
  return Number.isFinite(number) ? Math.trunc(number) : 0;
};
const float = (value: unknown) => {
  const number = Number(text(value));
  return Number.isFinite(number) ? number : 0;
};
const list = (value: unknown): unknown[] => {
  if (!Array.isArray(value)) throw new Error('not a list');
  return value;
};
const map = (value: unknown): Mapping => {
  if (!isMap(value)) throw new Error('not a dict');
  return value;
};
const isEmpty = (value: unknown) =>
  value === null ||
  value === undefined ||
  value === '' ||
  value === 0 ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (isMap(value) && Object.keys(value).length === 0);
const digest = (hash: (bytes: Uint8Array) => Uint8Array) => (value: unknown) =>
  bytesToHex(hash(utf8ToBytes(text(value))));
const capped = (value: string) => {
  if (value.length > 1_000_000) throw new Error('the text is too long');
  return value;
};
const words = (value: unknown) =>
  text(value)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .filter(Boolean);
const parts = (version: unknown) => {
  const found = /^v?(\d+)\.(\d+)\.(\d+)(?:-([\w.-]+))?(?:\+([\w.-]+))?$/.exec(
    text(version),
  );
  if (!found) throw new Error('Invalid Semantic Version');
  return found;
};

export const sprig: Functions = createFunctions({
  upper: (value: unknown) => text(value).toUpperCase(),
  lower: (value: unknown) => text(value).toLowerCase(),
  title: (value: unknown) =>
    text(value).replace(/(^|\s)\p{L}/gu, part => part.toUpperCase()),
  untitle: (value: unknown) =>
    text(value).replace(/(^|\s)\p{L}/gu, part => part.toLowerCase()),
  trim: (value: unknown) => text(value).trim(),
  trimAll: (cut: unknown, value: unknown) => {
    const set = text(cut).replace(/[\\\]^-]/g, '\\$&');
    return text(value).replace(new RegExp(`^[${set}]+|[${set}]+$`, 'gu'), '');
  },
  trimPrefix: (cut: unknown, value: unknown) =>
    text(value).startsWith(text(cut))
      ? text(value).slice(text(cut).length)
      : value,
  trimSuffix: (cut: unknown, value: unknown) =>
    text(value).endsWith(text(cut))
      ? text(value).slice(0, -text(cut).length || undefined)
      : value,
  nospace: (value: unknown) => text(value).replace(/\s/g, ''),
  repeat: (times: unknown, value: unknown) => {
    if (integer(times) * text(value).length > 1_000_000)
      throw new Error('the text is too long');
    return text(value).repeat(Math.max(0, integer(times)));
  },
  substr: (from: unknown, to: unknown, value: unknown) =>
    text(value).slice(
      Math.max(0, integer(from)),
      integer(to) < 0 ? undefined : integer(to),
    ),
  trunc: (length: unknown, value: unknown) =>
    integer(length) < 0
      ? text(value).slice(integer(length))
      : text(value).slice(0, integer(length)),
  replace: (from: unknown, to: unknown, value: unknown) =>
    capped(text(value).split(text(from)).join(text(to))),
  contains: (part: unknown, value: unknown) => text(value).includes(text(part)),
  hasPrefix: (part: unknown, value: unknown) =>
    text(value).startsWith(text(part)),
  hasSuffix: (part: unknown, value: unknown) =>
    text(value).endsWith(text(part)),
  quote: (...values: unknown[]) =>
    values.map(value => JSON.stringify(text(value))).join(' '),
  squote: (...values: unknown[]) =>
    values.map(value => `'${text(value)}'`).join(' '),
  cat: (...values: unknown[]) => values.map(text).join(' '),
  indent: (spaces: unknown, value: unknown) =>
    text(value).replace(/^/gm, ' '.repeat(Math.min(1000, integer(spaces)))),
  nindent: (spaces: unknown, value: unknown) =>
    `\n${text(value).replace(
      /^/gm,
      ' '.repeat(Math.min(1000, integer(spaces))),
    )}`,
  camelcase: (value: unknown) =>
    words(value)
      .map(word => word[0].toUpperCase() + word.slice(1).toLowerCase())
      .join(''),
  snakecase: (value: unknown) => words(value).join('_').toLowerCase(),
  kebabcase: (value: unknown) => words(value).join('-').toLowerCase(),
  toString: text,
  toStrings: (value: unknown) => list(value).map(text),
  int: integer,
  int64: integer,
  atoi: integer,
  float64: float,
  add: (...values: unknown[]) =>
    values.reduce<number>((sum, value) => sum + integer(value), 0),
  add1: (value: unknown) => integer(value) + 1,
  sub: (a: unknown, b: unknown) => integer(a) - integer(b),
  mul: (...values: unknown[]) =>
    values.reduce<number>((product, value) => product * integer(value), 1),
  div: (a: unknown, b: unknown) => {
    if (integer(b) === 0)
      throw new Error('runtime error: integer divide by zero');
    return Math.trunc(integer(a) / integer(b));
  },
  mod: (a: unknown, b: unknown) => {
    if (integer(b) === 0)
      throw new Error('runtime error: integer divide by zero');
    return integer(a) % integer(b);
  },
  addf: (...values: unknown[]) =>
    values.reduce<number>((sum, value) => sum + float(value), 0),
  subf: (a: unknown, ...rest: unknown[]) =>
    rest.reduce<number>((left, value) => left - float(value), float(a)),
  mulf: (...values: unknown[]) =>
    values.reduce<number>((product, value) => product * float(value), 1),
  divf: (a: unknown, ...rest: unknown[]) =>
    rest.reduce<number>((left, value) => left / float(value), float(a)),
  max: (...values: unknown[]) => Math.max(...values.map(integer)),
  min: (...values: unknown[]) => Math.min(...values.map(integer)),
  maxf: (...values: unknown[]) => Math.max(...values.map(float)),
  minf: (...values: unknown[]) => Math.min(...values.map(float)),
  ceil: (value: unknown) => Math.ceil(float(value)),
  floor: (value: unknown) => Math.floor(float(value)),
  round: (value: unknown, digits: unknown) => {
    const scale = 10 ** integer(digits);
    return Math.round(float(value) * scale) / scale;
  },
  until: (count: unknown) =>
    Array.from(
      { length: Math.min(100_000, Math.max(0, integer(count))) },
      (_, i) => i,
    ),
  list: (...values: unknown[]) => values,
  tuple: (...values: unknown[]) => values,
  first: (value: unknown) => list(value)[0] ?? null,
  last: (value: unknown) => list(value).at(-1) ?? null,
  rest: (value: unknown) => list(value).slice(1),
  initial: (value: unknown) => list(value).slice(0, -1),
  append: (value: unknown, item: unknown) => [...list(value), item],
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
  sortAlpha: (value: unknown) => list(value).map(text).sort(),
  join: (by: unknown, value: unknown) =>
    (Array.isArray(value) ? value : [value]).map(text).join(text(by)),
  splitList: (by: unknown, value: unknown) => text(value).split(text(by)),
  split: (by: unknown, value: unknown) =>
    Object.fromEntries(
      text(value)
        .split(text(by))
        .map((part, i) => [`_${i}`, part]),
    ),
  dict: (...values: unknown[]) =>
    Object.fromEntries(
      Array.from({ length: Math.ceil(values.length / 2) }, (_, i) => [
        text(values[2 * i]),
        values[2 * i + 1] ?? '',
      ]),
    ),
  get: (value: unknown, key: unknown) =>
    Object.hasOwn(map(value), text(key)) ? map(value)[text(key)] : '',
  hasKey: (value: unknown, key: unknown) =>
    Object.hasOwn(map(value), text(key)),
  keys: (...values: unknown[]) =>
    values.flatMap(value => Object.keys(map(value))),
  values: (value: unknown) => Object.values(map(value)),
  pick: (value: unknown, ...keys: unknown[]) =>
    Object.fromEntries(
      Object.entries(map(value)).filter(([key]) => keys.includes(key)),
    ),
  omit: (value: unknown, ...keys: unknown[]) =>
    Object.fromEntries(
      Object.entries(map(value)).filter(([key]) => !keys.includes(key)),
    ),
  merge: (...values: unknown[]) =>
    Object.assign({}, ...[...values].reverse().map(map)),
  default: (otherwise: unknown, value?: unknown) =>
    isEmpty(value) ? otherwise : value,
  empty: isEmpty,
  coalesce: (...values: unknown[]) =>
    values.find(value => !isEmpty(value)) ?? null,
  ternary: (yes: unknown, no: unknown, test: unknown) =>
    test === true ? yes : no,
  all: (...values: unknown[]) => !values.some(isEmpty),
  any: (...values: unknown[]) => values.some(value => !isEmpty(value)),
  fail: (message: unknown) => {
    throw new Error(text(message));
  },
  toJson: (value: unknown) => toGoJson(value ?? null),
  toPrettyJson: (value: unknown) => toGoJson(value ?? null, 2),
  fromJson: (value: unknown) => {
    try {
      return JSON.parse(text(value));
    } catch {
      return null;
    }
  },
  b64enc: (value: unknown) => toBase64(text(value)),
  b64dec: (value: unknown) => fromBase64(text(value)),
  sha1sum: digest(sha1),
  sha256sum: digest(sha256),
  sha512sum: digest(sha512),
  regexMatch: (pattern: unknown, value: unknown) =>
    patternOf(text(pattern)).test(text(value)),
  regexFind: (pattern: unknown, value: unknown) =>
    patternOf(text(pattern)).exec(text(value))?.[0] ?? '',
  regexFindAll: (pattern: unknown, value: unknown, count: unknown) =>
    [...text(value).matchAll(patternOf(text(pattern), 'g'))]
      .map(found => found[0])
      .slice(0, integer(count) < 0 ? undefined : integer(count)),
  regexReplaceAll: (pattern: unknown, value: unknown, to: unknown) =>
    capped(
      text(value).replace(
        patternOf(text(pattern), 'g'),
        text(to).replace(/\$\{(\d+)\}/g, '$$$1'),
      ),
    ),
  regexSplit: (pattern: unknown, value: unknown, count: unknown) =>
    text(value).split(
      patternOf(text(pattern)),
      integer(count) < 0 ? undefined : integer(count),
    ),
  semver: (value: unknown) => {
    const [whole, major, minor, patch, pre = '', meta = ''] = parts(value);
    return {
      Major: Number(major),
      Minor: Number(minor),
      Patch: Number(patch),
      Prerelease: pre,
      Metadata: meta,
      Original: whole,
    };
  },
  kindOf: (value: unknown) =>
    value === null
      ? 'invalid'
      : Array.isArray(value)
      ? 'slice'
      : isMap(value)
      ? 'map'
      : typeof value === 'number'
      ? Number.isInteger(value)
        ? 'int'
        : 'float64'
      : typeof value === 'boolean'
      ? 'bool'
      : 'string',
});
