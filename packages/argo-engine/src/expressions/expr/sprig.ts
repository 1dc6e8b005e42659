/* The part of Sprig that gives the same each time and reaches nothing. Source: https://masterminds.github.io/sprig/ */
import { sha1 } from '@noble/hashes/legacy';
import { sha256, sha512 } from '@noble/hashes/sha2';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils';
import { readJson } from '../goJson';
import { fromBase32, fromBase64, toBase32, toBase64 } from './base64';
import { createFunctions, type Functions } from './functions';
import { isWithin, versionOf } from './semver';
import { lists } from './sprigLists';
import { numbers } from './sprigNumbers';
import { patterns } from './sprigPatterns';
import { texts } from './sprigTexts';
import { times } from './sprigTimes';
import { isEmpty, map, shown, text } from './sprigValues';
import {
  isEqual,
  isMap,
  toGoJson,
  toRawJson,
  typeName,
  type Mapping,
} from './values';

const digest = (hash: (bytes: Uint8Array) => Uint8Array) => (value: unknown) =>
  bytesToHex(hash(utf8ToBytes(text(value))));

function adler32(value: unknown): string {
  let [low, high] = [1, 0];
  for (const byte of utf8ToBytes(text(value))) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  return String(high * 65536 + low);
}

// Sprig gives the fault as the text.
function decoded(decode: (value: string) => string, value: unknown): string {
  try {
    return decode(text(value));
  } catch (error) {
    return (error as Error).message;
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'invalid';
  if (Array.isArray(value)) return 'slice';
  return isMap(value) ? 'map' : typeName(value);
}

function fromJson(value: unknown): unknown {
  try {
    return readJson(text(value)).value;
  } catch {
    return null;
  }
}

function clean(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/'))
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part === '..' && path.startsWith('/')) continue;
    else if (part !== '' && part !== '.') parts.push(part);
  return (path.startsWith('/') ? '/' : '') + parts.join('/') || '.';
}
const base = (value: unknown) =>
  text(value) === ''
    ? '.'
    : text(value).replace(/\/+$/, '').split('/').at(-1) || '/';
const folder = (value: unknown) =>
  clean(text(value).slice(0, text(value).lastIndexOf('/') + 1));
const extension = (value: unknown) => /\.[^./]*$/.exec(text(value))?.[0] ?? '';
const isAbsolute = (value: unknown) => text(value).startsWith('/');

function urlParts(value: unknown) {
  const [
    ,
    scheme = '',
    userinfo = '',
    host = '',
    path,
    query = '',
    fragment = '',
  ] =
    /^(?:([a-zA-Z][\w+.-]*):)?(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(
      text(value),
    )!;
  const hostname = host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  return {
    scheme,
    userinfo,
    host,
    hostname,
    path,
    query,
    fragment,
    opaque: '',
  };
}

// Signs that Go leaves in a path, but for those that end it.
const escapePath = (path: string) =>
  encodeURI(path).replace(/[?#!'()*]/g, sign =>
    sign === '?' || sign === '#'
      ? encodeURIComponent(sign)
      : `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** An address of its parts, as Go's `URL.String` puts them together. */
function joinUrl(parts: Mapping): string {
  const part = (name: string) => shown(parts[name] ?? '');
  const [scheme, host, userinfo, query] = [
    'scheme',
    'host',
    'userinfo',
    'query',
  ].map(part);
  const path = escapePath(part('path'));
  const authority = (userinfo && `${userinfo}@`) + host;
  const slash = authority && path && !path.startsWith('/') ? '/' : '';
  const fragment = part('fragment');
  return [
    scheme && `${scheme}:`,
    part('opaque') || `${authority && `//${authority}`}${slash}${path}`,
    query && `?${query}`,
    fragment && `#${encodeURI(fragment)}`,
  ].join('');
}

function ternary(yes: unknown, no: unknown, test: unknown): unknown {
  if (typeof test !== 'boolean')
    throw new Error(`reflect: Call using ${typeName(test)} as type bool`);
  return test ? yes : no;
}

const others: Functions = {
  default: (otherwise: unknown, value?: unknown) =>
    isEmpty(value) ? otherwise : value,
  empty: isEmpty,
  coalesce: (...values: unknown[]) =>
    values.find(value => !isEmpty(value)) ?? null,
  ternary,
  all: (...values: unknown[]) => !values.some(isEmpty),
  any: (...values: unknown[]) => values.some(value => !isEmpty(value)),
  fail: (message: unknown) => {
    throw new Error(text(message));
  },
  toJson: (value: unknown) => toGoJson(value ?? null),
  toPrettyJson: (value: unknown) => toGoJson(value ?? null, 2),
  toRawJson: (value: unknown) => toRawJson(value ?? null),
  fromJson,
  b64enc: (value: unknown) => toBase64(text(value)),
  b64dec: (value: unknown) => decoded(fromBase64, value),
  b32enc: (value: unknown) => toBase32(text(value)),
  b32dec: (value: unknown) => decoded(fromBase32, value),
  sha1sum: digest(sha1),
  sha256sum: digest(sha256),
  sha512sum: digest(sha512),
  adler32sum: adler32,
  semver: (value: unknown) => {
    const [Major, Minor, Patch, Prerelease] = versionOf(text(value));
    const Metadata = text(value).split('+')[1] ?? '';
    return { Major, Minor, Patch, Prerelease, Metadata, Original: value };
  },
  semverCompare: (constraint: unknown, version: unknown) =>
    isWithin(text(constraint), text(version)),
  kindOf,
  kindIs: (kind: unknown, value: unknown) => kindOf(value) === text(kind),
  typeOf: typeName,
  typeIs: (type: unknown, value: unknown) => typeName(value) === text(type),
  deepEqual: isEqual,
  deepCopy: (value: unknown) => value,
  base,
  dir: folder,
  ext: extension,
  clean: (value: unknown) => clean(text(value)),
  isAbs: isAbsolute,
  osBase: base,
  osDir: folder,
  osExt: extension,
  osClean: (value: unknown) => clean(text(value)),
  osIsAbs: isAbsolute,
  urlParse: urlParts,
  urlJoin: (parts: unknown) => joinUrl(map(parts)),
};

/** Functions that take more arguments than they name. */
const openEnded = ['subf', 'divf', 'without', 'pick', 'omit', 'pluck', 'slice'];

function withCount(name: string, work: Functions[string]): Functions[string] {
  return (...given: unknown[]) => {
    const extra = work.length > 0 && given.length > work.length;
    if (extra && !openEnded.includes(name))
      throw new Error('reflect: Call with too many input arguments');
    return work(...given);
  };
}

export const sprig: Functions = createFunctions(
  Object.fromEntries(
    Object.entries({
      ...texts,
      ...numbers,
      ...lists,
      ...patterns,
      ...times,
      ...others,
    }).map(([name, work]) => [name, withCount(name, work)]),
  ),
);
