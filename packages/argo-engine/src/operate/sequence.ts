/* `withSequence`. Source: expandSequence of Argo's steps.go. */
import { NodeFault } from './Pass';

const mostItems = 100_000;

/** Texts of a sequence: from `start` to `end`, or `count` of them; downwards when the end is smaller. */
export function sequenceItems({
  start,
  end,
  count,
  format,
}: Record<string, unknown>): string[] {
  const from = start === undefined ? 0 : integer('start', start);
  let to: number;
  if (end !== undefined) to = integer('end', end);
  else if (count !== undefined) {
    const number = integer('count', count);
    if (number === 0) return [];
    to = from + number - 1;
  } else
    throw new NodeFault(
      'must specify at least one of withItems, withParam, or withSequence with end or count',
    );
  if (Math.abs(to - from) >= mostItems)
    throw new NodeFault(
      `withSequence has ${
        Math.abs(to - from) + 1
      } items; at most ${mostItems} are run`,
    );
  const step = from <= to ? 1 : -1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, i) =>
    formatInteger(format ? String(format) : '%d', from + i * step),
  );
}

function integer(name: string, value: unknown): number {
  const text = String(value).trim();
  if (!/^[+-]?\d+$/.test(text))
    throw new NodeFault(`withSequence.${name} '${text}' is not a whole number`);
  return Number(text);
}

const verb = /%([-+ 0#]*)(\d*)(?:\.(\d+))?([dxXobcqU%vs])/g;

/** A whole number by Go's `fmt.Sprintf`. */
export function formatInteger(format: string, value: number): string {
  let used = false;
  const text = format.replace(
    verb,
    (
      _whole,
      flags: string,
      width: string,
      precision: string | undefined,
      kind: string,
    ) => {
      if (kind === '%') return '%';
      used = true;
      return pad(
        digits(kind, value, flags, precision),
        flags,
        Number(width),
        precision,
      );
    },
  );
  return used ? text : `${text}%!(EXTRA int=${value})`;
}

function digits(
  kind: string,
  value: number,
  flags: string,
  precision: string | undefined,
): string {
  if (kind === 'c') return characterOf(value);
  if (kind === 's') return `%!s(int=${value})`;
  if (kind === 'q') return quoted(characterOf(value));
  if (kind === 'U')
    return `U+${BigInt.asUintN(64, BigInt(value))
      .toString(16)
      .toUpperCase()
      .padStart(4, '0')}`;
  const base = { d: 10, v: 10, x: 16, X: 16, o: 8, b: 2 }[kind]!;
  let text = Math.abs(value).toString(base);
  if (kind === 'X') text = text.toUpperCase();
  if (precision !== undefined) text = text.padStart(Number(precision), '0');
  if (flags.includes('#'))
    text = `${{ x: '0x', X: '0X', o: '0', b: '0b' }[kind] ?? ''}${text}`;
  const sign =
    value < 0
      ? '-'
      : flags.includes('+')
      ? '+'
      : flags.includes(' ')
      ? ' '
      : '';
  return sign + text;
}

// What is no character is the one that stands for such.
const characterOf = (value: number) =>
  value < 0 || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)
    ? '\ufffd'
    : String.fromCodePoint(value);

const escapes: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  "'": "\\'",
  '\\': '\\\\',
};

function quoted(character: string): string {
  const code = character.codePointAt(0)!;
  const hex = `\\x${code.toString(16).padStart(2, '0')}`;
  const isControl = code < 0x20 || code === 0x7f;
  return `'${escapes[character] ?? (isControl ? hex : character)}'`;
}

function pad(
  text: string,
  flags: string,
  width: number,
  precision: string | undefined,
): string {
  if (width > 1000) return text;
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0') || precision !== undefined)
    return text.padStart(width);
  const sign = /^[+ -]/.test(text) ? text[0] : '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
