/* Sprig's functions on texts. Positions count bytes, as in Go. */
import type { Functions } from './functions';
import { lower, toGoText, upper } from './values';
import { capped, integer, list, shown, text } from './sprigValues';

const encode = (value: unknown) => new TextEncoder().encode(text(value));
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const words = (value: string) => value.split(/[\s_-]+/).filter(Boolean);
const lowerWords = (value: unknown) =>
  words(
    text(value)
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2'),
  ).map(word => word.toLowerCase());
const camelWords = (value: unknown) =>
  words(text(value).replace(/([a-z0-9])([A-Z])/g, '$1 $2'));

/** A text with what is at its ends taken away. */
function trimmed(cut: unknown, value: unknown): string {
  const set = text(cut).replace(/[\\\]^-]/g, '\\$&');
  return text(value).replace(new RegExp(`^[${set}]+|[${set}]+$`, 'gu'), '');
}

function substring(from: unknown, to: unknown, value: unknown): string {
  const bytes = encode(value);
  const [start, end] = [integer(from), integer(to)];
  if (start < 0) return decode(bytes.slice(0, end));
  return decode(
    bytes.slice(start, end < 0 || end > bytes.length ? undefined : end),
  );
}

function truncated(length: unknown, value: unknown): string {
  const bytes = encode(value);
  const count = integer(length);
  return decode(count < 0 ? bytes.slice(count) : bytes.slice(0, count));
}

function abbreviated(left: number, width: number, value: string): string {
  if (width < 4 || (left > 0 && width < 7) || value.length <= width)
    return value;
  let offset = Math.min(left, value.length);
  if (value.length - offset < width - 3) offset = value.length - (width - 3);
  if (offset <= 4) return `${value.slice(0, width - 3)}...`;
  const rest = value.slice(offset);
  return offset + width - 3 < value.length
    ? `...${abbreviated(0, width - 3, rest)}`
    : `...${value.slice(value.length - (width - 3))}`;
}

// Lines end at the last blank before the width; a word that is longer is cut when `cuts` is set.
function wrapped(
  width: number,
  value: string,
  { separator = '\n', cuts = false }: { separator?: string; cuts?: boolean },
): string {
  const most = Math.max(1, width);
  const lines: string[] = [];
  let rest = value;
  while (rest.length > most) {
    if (rest[0] === ' ') {
      rest = rest.slice(1);
      continue;
    }
    const before = rest.lastIndexOf(' ', most);
    const next = cuts ? -1 : rest.indexOf(' ', most);
    const at = before >= 0 ? before : next;
    if (at < 0 && !cuts) break;
    lines.push(rest.slice(0, at < 0 ? most : at));
    rest = rest.slice(at < 0 ? most : at + 1);
  }
  return capped([...lines, rest].join(separator));
}

function indented(spaces: unknown, value: unknown): string {
  const pad = ' '.repeat(Math.max(0, Math.min(1000, integer(spaces))));
  return capped(pad + text(value).replace(/\n/g, `\n${pad}`));
}

const swapped = (value: string) =>
  value.replace(/\p{L}/gu, char =>
    char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase(),
  );
const present = (values: unknown[]) => values.filter(value => value !== null);

export const texts: Functions = {
  upper: (value: unknown) => upper(text(value)),
  lower: (value: unknown) => lower(text(value)),
  title: (value: unknown) =>
    text(value).replace(/(?<![\p{L}\p{N}_])\p{L}/gu, part =>
      part.toUpperCase(),
    ),
  untitle: (value: unknown) =>
    text(value).replace(/(^|\s)\p{L}/gu, part => part.toLowerCase()),
  swapcase: (value: unknown) => swapped(text(value)),
  trim: (value: unknown) => text(value).trim(),
  trimAll: trimmed,
  trimall: trimmed,
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
    if (integer(times) < 0) throw new Error('strings: negative Repeat count');
    if (integer(times) * text(value).length > 1_000_000)
      throw new Error('the text is too long');
    return text(value).repeat(integer(times));
  },
  substr: substring,
  trunc: truncated,
  abbrev: (width: unknown, value: unknown) =>
    abbreviated(0, integer(width), text(value)),
  abbrevboth: (left: unknown, width: unknown, value: unknown) =>
    abbreviated(integer(left), integer(width), text(value)),
  initials: (value: unknown) =>
    (text(value).match(/(?<!\S)\S/gu) ?? []).join(''),
  wrap: (width: unknown, value: unknown) =>
    wrapped(integer(width), text(value), {}),
  wrapWith: (width: unknown, separator: unknown, value: unknown) =>
    wrapped(integer(width), text(value), {
      separator: text(separator) || '\n',
      cuts: true,
    }),
  plural: (one: unknown, many: unknown, count: unknown) =>
    integer(count) === 1 ? text(one) : text(many),
  replace: (from: unknown, to: unknown, value: unknown) =>
    capped(text(value).split(text(from)).join(text(to))),
  contains: (part: unknown, value: unknown) => text(value).includes(text(part)),
  hasPrefix: (part: unknown, value: unknown) =>
    text(value).startsWith(text(part)),
  hasSuffix: (part: unknown, value: unknown) =>
    text(value).endsWith(text(part)),
  quote: (...values: unknown[]) =>
    present(values)
      .map(value => JSON.stringify(shown(value)))
      .join(' '),
  squote: (...values: unknown[]) =>
    present(values)
      .map(value => `'${toGoText(value)}'`)
      .join(' '),
  cat: (...values: unknown[]) => present(values).map(toGoText).join(' '),
  indent: indented,
  nindent: (spaces: unknown, value: unknown) => `\n${indented(spaces, value)}`,
  camelcase: (value: unknown) =>
    camelWords(value)
      .map(word => word[0].toUpperCase() + word.slice(1).toLowerCase())
      .join(''),
  snakecase: (value: unknown) => lowerWords(value).join('_'),
  kebabcase: (value: unknown) => lowerWords(value).join('-'),
  toString: shown,
  toStrings: (value: unknown) => present(list(value)).map(shown),
  hello: () => 'Hello!',
};
