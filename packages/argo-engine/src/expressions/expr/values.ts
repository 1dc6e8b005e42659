/* Values of expressions and how Go writes them. Maps are objects without a prototype's names, nil is null. */
import { GoValue } from './GoValue';
import { isSameValue } from './time/timeOperators';

export type Mapping = Record<string, unknown>;

export const isMap = (value: unknown): value is Mapping =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof GoValue);

/** Name of a value's type, in Go's words. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number')
    return Number.isInteger(value) ? 'int' : 'float64';
  if (value instanceof GoValue) return value.type;
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

const eachCharacter = (text: string, change: (character: string) => string) =>
  [...text]
    .map(character => {
      const changed = change(character);
      return [...changed].length === 1 ? changed : character;
    })
    .join('');

/** Go changes each character by itself: `ß` has no capital. */
export const upper = (text: string) =>
  eachCharacter(text, character => character.toUpperCase());

/** Small letters, as Go writes them. */
export const lower = (text: string) =>
  eachCharacter(text, character => character.toLowerCase());

/** JSON as Go's `json.Marshal` writes it: sorted keys, and `<`, `>`, `&` escaped. */
export function toGoJson(value: unknown, indent?: number): string {
  return toRawJson(value, indent).replace(
    /[<>&\u2028\u2029]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** JSON with sorted keys, in which `<`, `>` and `&` stay. */
export function toRawJson(value: unknown, indent?: number): string {
  return JSON.stringify(sorted(value), null, indent) ?? 'null';
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map(key => [key, sorted(value[key])]),
  );
}

/** A value as Go prints it with `%v`. */
export function toGoText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(toGoText).join(' ')}]`;
  if (isMap(value))
    return `map[${Object.keys(value)
      .sort()
      .map(key => `${key}:${toGoText(value[key])}`)
      .join(' ')}]`;
  return typeof value === 'number' ? numberText(value) : String(value);
}

/** A number as Go prints it with `%v`: a whole one is taken for an int. */
export function numberText(value: number): string {
  return Number.isInteger(value) ? padded(String(value)) : floatText(value);
}

/** A float64 as Go prints it with `%v`: with an exponent below 1e-4 and from 1e6 on. */
export function floatText(value: number): string {
  if (value === Infinity) return '+Inf';
  if (!Number.isFinite(value)) return value < 0 ? '-Inf' : 'NaN';
  const withExponent = value.toExponential();
  const exponent = Number(withExponent.split('e')[1]);
  return exponent < -4 || exponent >= 6 ? padded(withExponent) : String(value);
}

// Go's exponents have two digits or more.
const padded = (text: string) => text.replace(/e([+-])(\d)$/, 'e$10$2');

/** Equal in type and value, deeply. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a instanceof GoValue && b instanceof GoValue) return isSameValue(a, b);
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  if (isMap(a) && isMap(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every(key => Object.hasOwn(b, key) && isEqual(a[key], b[key]))
    );
  }
  return (a ?? null) === (b ?? null);
}
