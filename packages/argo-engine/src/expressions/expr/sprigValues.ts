/* How Sprig's functions take their arguments: a text must be one, a number is made of what is given. */
import { isMap, toGoText, typeName, type Mapping } from './values';

/** An argument that must be a text; nil is the empty one. */
export function text(value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (value === undefined)
    throw new Error('reflect: Call with too few input arguments');
  throw new Error(`reflect: Call using ${typeName(value)} as type string`);
}

/** Any value as a text. */
export const shown = (value: unknown): string =>
  typeof value === 'string' ? value : toGoText(value);

/** Any value as an integer; 0 when it is none. A text may be in the bases that Go's literals have. */
export function integer(value: unknown): number {
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string') return 0;
  const found = /^([+-]?)(?:0x([\da-f]+)|0b([01]+)|0o?([0-7]+)|(\d+))$/i.exec(
    value.replace(/(?<=\d)\.\d*$/, ''),
  );
  if (!found) return 0;
  const [, sign, hex, binary, octal, decimal] = found;
  const number = hex
    ? parseInt(hex, 16)
    : binary
    ? parseInt(binary, 2)
    : octal
    ? parseInt(octal, 8)
    : /^0\d/.test(decimal)
    ? 0
    : Number(decimal);
  return sign === '-' ? -number : number;
}

/** Any value as a float; 0 when it is none. */
export function float(value: unknown): number {
  if (typeof value === 'boolean') return Number(value);
  const number = Number(shown(value));
  return Number.isFinite(number) ? number : 0;
}

export function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error('not a list');
  return value;
}

export function map(value: unknown): Mapping {
  if (!isMap(value)) throw new Error('not a dict');
  return value;
}

/** True for what a template takes for nothing. */
export const isEmpty = (value: unknown) =>
  value === null ||
  value === undefined ||
  value === '' ||
  value === 0 ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (isMap(value) && Object.keys(value).length === 0);

/** A text, refused when it is too long to go on with. */
export function capped(value: string): string {
  if (value.length > 1_000_000) throw new Error('the text is too long');
  return value;
}
