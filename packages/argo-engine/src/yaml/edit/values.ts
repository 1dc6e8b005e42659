/*
 * Plain data: what an edit may set, when two values are the same, and a value with one place of it changed.
 */
import { formatFieldPath, type FieldPath } from '../fieldPath';
import { YamlEditError } from './YamlEditError';

export type PlainMap = Record<string, unknown>;

export function isPlainMap(value: unknown): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Refuses what no YAML file can say. */
export function checkValue(value: unknown, at: FieldPath, depth = 0): void {
  const refuse = (why: string) => {
    throw new YamlEditError(`'${formatFieldPath(at)}' ${why}.`, at);
  };
  if (depth > 32) refuse('nests too deep');
  if (Array.isArray(value))
    value.forEach((item, index) => checkValue(item, [...at, index], depth + 1));
  else if (isPlainMap(value)) {
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      refuse('is not plain data');
    for (const [key, item] of Object.entries(value)) {
      if (forbiddenKeys.has(key)) refuse(`may not hold the key '${key}'`);
      checkValue(item, [...at, key], depth + 1);
    }
  } else if (
    value !== null &&
    !['string', 'number', 'boolean', 'undefined'].includes(typeof value)
  )
    refuse(`cannot be a ${typeof value}`);
}

/** Whether two values say the same; order of keys aside. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a === 'number' && typeof b === 'number')
    return Number.isNaN(a) && Number.isNaN(b);
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => sameValue(item, b[index]))
    );
  if (!isPlainMap(a) || !isPlainMap(b)) return false;
  const keys = keysOf(a);
  return (
    keys.length === keysOf(b).length &&
    keys.every(key => Object.hasOwn(b, key) && sameValue(a[key], b[key]))
  );
}

/** Keys that have a value. */
export function keysOf(map: PlainMap): string[] {
  return Object.keys(map).filter(key => map[key] !== undefined);
}

/** One change of plain data. */
export type Change =
  | { kind: 'replace'; at: FieldPath; value: unknown }
  | { kind: 'add'; at: FieldPath; value: unknown }
  | { kind: 'remove'; at: FieldPath };

/** The value after the change; only what lies on the way is copied. */
export function changed(value: unknown, change: Change, depth = 0): unknown {
  if (depth === change.at.length)
    return change.kind === 'remove' ? undefined : change.value;
  const part = change.at[depth];
  const last = depth === change.at.length - 1;
  if (Array.isArray(value)) {
    const index = part as number;
    if (last && change.kind === 'remove') return value.toSpliced(index, 1);
    if (last && change.kind === 'add')
      return value.toSpliced(index, 0, change.value);
    return value.with(index, changed(value[index], change, depth + 1));
  }
  if (value === null || value === undefined)
    return typeof part === 'number'
      ? [changed(undefined, change, depth + 1)]
      : { [part]: changed(undefined, change, depth + 1) };
  const copy = { ...(value as PlainMap) };
  if (last && change.kind === 'remove') delete copy[part];
  else copy[part] = changed(copy[part], change, depth + 1);
  return copy;
}
