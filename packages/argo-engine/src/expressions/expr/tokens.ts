/* Tokens of expr-lang: https://expr-lang.org/docs/language-definition */

/** A fault of an expression, with the place, as expr-lang shows it. */
export class ExpressionError extends Error {
  /** True when the text is no expression at all. */
  readonly isSyntax: boolean;

  constructor(what: string, source: string, at: number, isSyntax = false) {
    super(pointAt(what, source, at));
    this.isSyntax = isSyntax;
  }
}

/** A name that the scope does not have: found before anything is evaluated. */
export class UnknownNameError extends ExpressionError {
  constructor(name: string, source: string, at: number) {
    super(`unknown name ${name}`, source, at);
  }
}

function pointAt(what: string, source: string, at: number): string {
  const before = source.slice(0, at);
  const line = before.split('\n').length;
  const column = at - (before.lastIndexOf('\n') + 1);
  const text = source.split('\n')[line - 1] ?? '';
  return `${what} (${line}:${column + 1})\n | ${text}\n | ${'.'.repeat(
    column,
  )}^`;
}

export interface Token {
  kind: 'number' | 'string' | 'name' | 'operator' | 'end';
  text: string;
  value?: number | string;
  at: number;
}

const operators = [
  '?.',
  '??',
  '**',
  '..',
  '||',
  '&&',
  '==',
  '!=',
  '<=',
  '>=',
  ...'|<>+-*/%^!?:,.()[]{}#;=',
];
const number =
  /^(0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(\d[\d_]*(\.[\d_]*)?|\.\d[\d_]*)([eE][+-]?\d+)?)/;
const name = /^[\p{L}_$][\p{L}\p{N}_$]*/u;
const space = /^(\s+|\/\/[^\n]*|\/\*[^]*?\*\/)/;
const longest = 100_000;

/** Cuts a text into tokens. ExpressionError when it cannot. */
export function tokensOf(source: string): Token[] {
  if (source.length > longest)
    throw new ExpressionError('expression is too long', '', 0, true);
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at, at + 10_000);
    const blank = space.exec(rest);
    if (blank) {
      at += blank[0].length;
      continue;
    }
    const token = tokenAt(source, rest, at);
    tokens.push(token);
    at += token.text.length;
  }
  // expr-lang points at the last character when something is missing after it.
  return [
    ...tokens,
    { kind: 'end', text: '', at: Math.max(0, source.length - 1) },
  ];
}

function tokenAt(source: string, rest: string, at: number): Token {
  const quote = rest[0];
  if (quote === '"' || quote === "'" || quote === '`')
    return stringAt(source, at, quote);
  const digits = /^\.?\d/.test(rest) ? number.exec(rest) : null;
  if (digits) {
    // `1..3` is a range, not the number `1.`.
    const text = /^\d[\d_]*\.\./.test(rest)
      ? rest.slice(0, rest.indexOf('..'))
      : digits[0];
    return {
      kind: 'number',
      text,
      value: Number(text.replace(/_/g, '')),
      at,
    };
  }
  const word = name.exec(rest);
  if (word) return { kind: 'name', text: word[0], at };
  const operator = operators.find(text => rest.startsWith(text));
  if (operator) return { kind: 'operator', text: operator, at };
  throw new ExpressionError(
    `unrecognized character: U+${rest
      .codePointAt(0)!
      .toString(16)
      .toUpperCase()
      .padStart(4, '0')} '${String.fromCodePoint(rest.codePointAt(0)!)}'`,
    source,
    at,
    true,
  );
}

const escapes: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

const escaped =
  /^(?:x(?<hex>[0-9a-fA-F]{2})|u(?<hex4>[0-9a-fA-F]{4})|U(?<hex8>[0-9a-fA-F]{8})|(?<octal>[0-3][0-7]{2}))/;

function characterOf({
  hex,
  hex4,
  hex8,
  octal,
}: Record<string, string>): string | undefined {
  const point = octal ? parseInt(octal, 8) : parseInt(hex ?? hex4 ?? hex8, 16);
  return point <= 0x10ffff ? String.fromCodePoint(point) : undefined;
}

function stringAt(source: string, at: number, quote: string): Token {
  let value = '';
  for (let i = at + 1; i < source.length; i++) {
    const char = source[i];
    if (char === quote)
      return { kind: 'string', text: source.slice(at, i + 1), value, at };
    if (char !== '\\' || quote === '`') {
      value += char;
      continue;
    }
    i += 1;
    const code = escaped.exec(source.slice(i, i + 9));
    const letter = code ? characterOf(code.groups!) : escapes[source[i]];
    if (letter === undefined && i < source.length)
      throw new ExpressionError('invalid char escape', source, i + 1, true);
    value += letter ?? '';
    i += (code?.[0].length ?? 1) - 1;
  }
  throw new ExpressionError(
    'literal not terminated',
    source,
    source.length,
    true,
  );
}
