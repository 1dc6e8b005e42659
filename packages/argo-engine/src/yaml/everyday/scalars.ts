/*
 * Scalars as YAML 1.2's core schema reads them, and Go's digits of base eight. What is rare is given up (`unusual`), since the whole parser knows it better.
 */
import { octal } from '../goNumbers';

/** Thrown where a text is more than this reader knows. It has no stack, which would cost more than the reading. */
export const unusual = Symbol('unusual YAML');

export function giveUp(): never {
  // eslint-disable-next-line no-throw-literal -- caught by the entry alone
  throw unusual;
}

const words = new Map<string, boolean | null>([
  ...['~', 'null', 'Null', 'NULL'].map(word => [word, null] as const),
  ...['true', 'True', 'TRUE'].map(word => [word, true] as const),
  ...['false', 'False', 'FALSE'].map(word => [word, false] as const),
]);
const integer = /^[-+]?[0-9]{1,15}$/;
const decimal = /^[-+]?(?:\.[0-9]{1,15}|[0-9]{1,15}\.[0-9]{0,15})$/;
const nearlyNumber = /^[-+]?(?:\.?[0-9]|\.(?:inf|nan)$)/i;
const otherNumber =
  /^(?:0o[0-7]+|0x[0-9a-f]+|[-+]?[0-9]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:e[-+]?[0-9]+)?|[-+]?\.(?:inf|nan))$/i;

/** Value of a scalar without quotes. */
export function plainValue(text: string): unknown {
  // Letters but those that words of the schema begin with.
  if (text[0] > '@' && !'nNtTfF~'.includes(text[0])) return text;
  if (text.length <= 5) {
    const word = words.get(text);
    if (word !== undefined) return word;
  }
  if (!nearlyNumber.test(text)) return text;
  if (integer.test(text)) return parseInt(text, octal.test(text) ? 8 : 10);
  if (decimal.test(text)) return parseFloat(text);
  return otherNumber.test(text) ? giveUp() : text;
}

const escapes: Record<string, string> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  n: '\n',
  t: '\t',
};

/** Value of a scalar in quotes, by what stands between them. */
export function quotedValue(inner: string, quote: string): string {
  if (quote === "'")
    return inner.includes("'") ? inner.replace(/''/g, "'") : inner;
  if (!inner.includes('\\')) return inner;
  return inner.replace(
    /\\(.)/g,
    (_all, mark: string) => escapes[mark] ?? giveUp(),
  );
}
