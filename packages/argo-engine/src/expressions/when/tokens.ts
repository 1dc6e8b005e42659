/* Tokens of conditions, as govaluate cuts them: what is no letter, digit, bracket or quote runs together into one sign. */
import { floatText } from '../expr/values';
import { secondsOf } from './goTime';

export type Value = string | number | boolean | null | Value[];

export type Kind =
  | 'UNKNOWN'
  | 'PREFIX'
  | 'NUMERIC'
  | 'BOOLEAN'
  | 'STRING'
  | 'PATTERN'
  | 'TIME'
  | 'VARIABLE'
  | 'SEPARATOR'
  | 'COMPARATOR'
  | 'LOGICALOP'
  | 'MODIFIER'
  | 'CLAUSE'
  | 'CLAUSE_CLOSE'
  | 'TERNARY'
  | 'ACCESSOR';

export interface Token {
  kind: Kind;
  value: Value;
}

const longest = 100_000;
const signs: [Kind, string[]][] = [
  ['MODIFIER', ['+', '-', '*', '/', '%', '**', '&', '|', '^', '>>', '<<']],
  ['LOGICALOP', ['&&', '||']],
  ['COMPARATOR', ['==', '!=', '>', '>=', '<', '<=', '=~', '!~']],
  ['TERNARY', ['?', ':', '??']],
];
/** After these a sign may stand before its operand. */
const beforePrefix: Kind[] = [
  'UNKNOWN',
  'CLAUSE',
  'MODIFIER',
  'COMPARATOR',
  'LOGICALOP',
  'TERNARY',
  'SEPARATOR',
];

const isSpace = (char: string) => /\s/u.test(char);
const isNumeric = (char: string) => /[\p{Nd}.]/u.test(char);
const isHex = (char: string) => /[\p{Nd}a-fA-F]/u.test(char);
const isWord = (char: string) => /[\p{L}\p{Nd}_.]/u.test(char);
const isSign = (char: string) => !/[\p{L}\p{Nd}()[\]'"]/u.test(char);

/** Cuts a condition into tokens; throws an Error in govaluate's words when it cannot. */
export function tokensOf(text: string): Token[] {
  if (text.length > longest)
    throw new Error(`Invalid condition: longer than ${longest} characters`);
  const lexer = new Lexer(text);
  const tokens: Token[] = [];
  let last: Kind = 'UNKNOWN';
  for (let next = lexer.next(last); next; next = lexer.next(last)) {
    tokens.push(next);
    last = next.kind;
  }
  return tokens;
}

/** A value as Go prints it. */
export function show(value: Value): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(show).join(' ')}]`;
  return typeof value === 'number' ? floatText(value) : String(value);
}

class Lexer {
  private readonly chars: string[];
  private at = 0;

  constructor(text: string) {
    this.chars = Array.from(text);
  }

  next(last: Kind): Token | undefined {
    while (this.at < this.chars.length && isSpace(this.chars[this.at]))
      this.at += 1;
    const char = this.chars[this.at];
    if (char === undefined) return undefined;
    if (isNumeric(char)) return this.number();
    if (/\p{L}/u.test(char)) return toWord(this.run(isWord));
    if (char === "'" || char === '"') return this.quoted();
    if (char === '[')
      return {
        kind: 'VARIABLE',
        value: this.until(c => c === ']', 'Unclosed parameter bracket'),
      };
    if (char === ',' || char === '(' || char === ')') {
      this.at += 1;
      if (char === ',') return { kind: 'SEPARATOR', value: char };
      // Go shows a bracket as the number of its character.
      return char === '('
        ? { kind: 'CLAUSE', value: 40 }
        : { kind: 'CLAUSE_CLOSE', value: 41 };
    }
    return toSign(this.run(isSign), last);
  }

  // A backslash takes the next character as it is; blanks before the first character are passed over.
  private run(condition: (char: string) => boolean): string {
    let text = '';
    for (; this.at < this.chars.length; this.at += 1) {
      const char = this.chars[this.at];
      if (char === '\\') text += this.escaped();
      else if (isSpace(char)) {
        if (text !== '') break;
      } else if (condition(char)) text += char;
      else break;
    }
    return text;
  }

  private escaped(): string {
    this.at += 1;
    const char = this.chars[this.at];
    if (char === undefined)
      throw new Error('Nothing follows the last backslash');
    return char;
  }

  private until(ends: (char: string) => boolean, fault: string): string {
    let text = '';
    for (this.at += 1; this.at < this.chars.length; this.at += 1) {
      const char = this.chars[this.at];
      if (char === '\\') text += this.escaped();
      else if (ends(char)) {
        this.at += 1;
        return text;
      } else text += char;
    }
    throw new Error(fault);
  }

  private number(): Token {
    if (this.chars[this.at] === '0' && this.chars[this.at + 1] === 'x') {
      this.at += 2;
      const digits = this.run(isHex);
      if (!/^0*[0-9a-fA-F]{1,16}$/.test(digits))
        throw new Error(`Unable to parse hex value '${digits}' to uint64\n`);
      return { kind: 'NUMERIC', value: Number(`0x${digits}`) };
    }
    const digits = this.run(isNumeric);
    if (!/^(\d+\.?\d*|\.\d+)$/.test(digits))
      throw new Error(`Unable to parse numeric value '${digits}' to float64\n`);
    return { kind: 'NUMERIC', value: Number(digits) };
  }

  private quoted(): Token {
    const value = this.until(
      char => char === "'" || char === '"',
      'Unclosed string literal',
    );
    const time = secondsOf(value);
    return time === undefined
      ? { kind: 'STRING', value }
      : { kind: 'TIME', value: time };
  }
}

function toWord(word: string): Token {
  if (word === 'true' || word === 'false')
    return { kind: 'BOOLEAN', value: word === 'true' };
  if (word === 'in' || word === 'IN')
    return { kind: 'COMPARATOR', value: 'in' };
  if (word.indexOf('.') <= 0) return { kind: 'VARIABLE', value: word };
  if (word.endsWith('.'))
    throw new Error(`Hanging accessor on token '${word}'`);
  const parts = word.split('.');
  const hidden = parts.slice(1).find(part => {
    const [first = ''] = part;
    return first.toUpperCase() !== first;
  });
  if (hidden !== undefined)
    throw new Error(
      `Unable to access unexported field '${hidden}' in token '${word}'`,
    );
  return { kind: 'ACCESSOR', value: parts };
}

function toSign(text: string, last: Kind): Token {
  if (beforePrefix.includes(last) && ['-', '!', '~'].includes(text))
    return { kind: 'PREFIX', value: text };
  const found = signs.find(([, known]) => known.includes(text));
  if (!found) throw new Error(`Invalid token: '${text}'`);
  return { kind: found[0], value: text };
}
