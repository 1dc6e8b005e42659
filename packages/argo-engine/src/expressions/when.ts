/*
 * `when` after its tags are replaced: govaluate's language, as far as conditions use it. Rules (Knetic/govaluate, seen through
 * Argo): equality has no coercion ('1' == 1 is false); bare words are texts, true and false are booleans; `in` takes a
 * bracketed list of two or more; the whole must be a boolean.
 */
import { patternOf } from './expr/pattern';

type Value = string | number | boolean | null | Value[];

const token =
  /\s*(?:(0x[0-9a-fA-F]+|\d+(?:\.\d+)?)|['"]((?:[^'"\\]|\\.)*)['"]|(&&|\|\||\?\?|==|!=|>=|<=|=~|!~|\*\*|[-+*/%<>!(),?:])|([\p{L}_][\p{L}\p{N}_.]*))/uy;

interface Token {
  kind: 'value' | 'word' | 'sign';
  value: Value;
}

/** Evaluates a condition; empty is true. Throws an Error in Argo's words when it is none. */
export function evaluateWhen(text: string): boolean {
  if (text.trim() === '') return true;
  const tokens = wrap(`Invalid 'when' expression '${text}'`, () =>
    checked(tokensOf(text)),
  );
  const value = wrap(`Failed to evaluate 'when' expresion '${text}'`, () =>
    new Parser(tokens, text).parse(),
  );
  if (typeof value !== 'boolean')
    throw new Error(
      `Expected boolean evaluation for '${text}'. Got ${show(value)}`,
    );
  return value;
}

function wrap<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`);
  }
}

const comparators = ['==', '!=', '>', '<', '>=', '<=', '=~', '!~', 'in'];

function kindOf({ kind, value }: Token): string {
  if (kind === 'word') return 'VARIABLE';
  if (kind === 'value')
    return (
      { string: 'STRING', number: 'NUMERIC', boolean: 'BOOLEAN' }[
        typeof value as string
      ] ?? 'STRING'
    );
  if (value === '(') return 'CLAUSE';
  if (value === ')') return 'CLAUSE_CLOSE';
  if (value === ',') return 'SEPARATOR';
  if (value === '!') return 'PREFIX';
  if (comparators.includes(value as string)) return 'COMPARATOR';
  if (['?', ':', '??'].includes(value as string)) return 'TERNARY';
  return value === '&&' || value === '||' ? 'LOGICALOP' : 'MODIFIER';
}

// govaluate looks at neighbours before it evaluates: an operand after an operand, or an operator where one begins, is refused.
function checked(tokens: Token[]): Token[] {
  const ends = ['VARIABLE', 'STRING', 'NUMERIC', 'BOOLEAN', 'CLAUSE_CLOSE'];
  let before: Token | undefined;
  for (const now of tokens) {
    const [last, next] = [before && kindOf(before), kindOf(now)];
    const afterOperand = last !== undefined && ends.includes(last);
    const begins = [
      'VARIABLE',
      'STRING',
      'NUMERIC',
      'BOOLEAN',
      'CLAUSE',
      'PREFIX',
    ].includes(next);
    const minus = now.kind === 'sign' && now.value === '-';
    if (
      afterOperand
        ? begins
        : !begins && !minus && !(next === 'CLAUSE_CLOSE' && last === 'CLAUSE')
    )
      throw new Error(
        `Cannot transition token types from ${last ?? 'UNKNOWN'} [${
          before ? show(before.value) : '<nil>'
        }] to ${next} [${show(now.value)}]`,
      );
    before = now;
  }
  if (before && !ends.includes(kindOf(before)))
    throw new Error('Unexpected end of expression');
  return tokens;
}

function show(value: Value): string {
  return Array.isArray(value)
    ? `[${value.map(show).join(' ')}]`
    : String(value);
}

function tokensOf(text: string): Token[] {
  if (text.length > 100_000)
    throw new Error('Invalid condition: longer than 100000 characters');
  const tokens: Token[] = [];
  let end = 0;
  token.lastIndex = 0;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    end = token.lastIndex;
    const [, number, string, sign, word] = match;
    if (number !== undefined)
      tokens.push({ kind: 'value', value: Number(number) });
    else if (string !== undefined)
      tokens.push({
        kind: 'value',
        value: string.replace(/\\(.)/gs, '$1'),
      });
    else if (sign) tokens.push({ kind: 'sign', value: sign });
    else {
      const found = toWord(word);
      if (found.kind === 'word' && text[end] === '(')
        throw new Error(`Undefined function ${word}`);
      tokens.push(found);
    }
  }
  const rest = text.slice(end).trim();
  if (/^['"]/.test(rest)) throw new Error('Unclosed string literal');
  if (rest !== '')
    throw new Error(
      `Invalid token: '${
        /^[^\s'"\w()]+/u.exec(rest)?.[0] ?? rest.slice(0, 20)
      }' (hint: try wrapping the affected expression in quotes ("))`,
    );
  return tokens;
}

function toWord(word: string): Token {
  if (word === 'true' || word === 'false')
    return { kind: 'value', value: word === 'true' };
  if (word.toLowerCase() === 'in') return { kind: 'sign', value: 'in' };
  if (word.includes('.'))
    throw new Error(
      `Unable to access unexported field or method in '${word}': put it in quotes`,
    );
  return { kind: 'word', value: word };
}

const levels: string[][] = [
  ['?', ':', '??'],
  ['||'],
  ['&&'],
  ['==', '!=', '>', '<', '>=', '<=', '=~', '!~', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
  ['**'],
];

class Parser {
  private at = 0;
  private depth = 0;
  /** Above zero while the right side of what is decided is read. */
  private skipping = 0;

  constructor(
    private readonly tokens: Token[],
    private readonly text: string,
  ) {}

  parse(): Value {
    const value = this.level(0);
    if (this.at < this.tokens.length)
      throw new Error(
        `Cannot transition token types in '${this.text}': '${show(
          this.tokens[this.at].value,
        )}' is not expected`,
      );
    return value;
  }

  private sign(): string | undefined {
    const next = this.tokens[this.at];
    return next?.kind === 'sign' ? String(next.value) : undefined;
  }

  private level(index: number): Value {
    if (index === levels.length) return this.unary();
    let left = this.level(index + 1);
    for (
      let sign = this.sign();
      sign && levels[index].includes(sign);
      sign = this.sign()
    ) {
      this.at += 1;
      left = this.combine(sign, left, () => this.level(index + 1));
    }
    return left;
  }

  // The right side of what is decided already is read, but not evaluated.
  private combine(sign: string, left: Value, read: () => Value): Value {
    const decided = this.skipping > 0 || isDecided(sign, left);
    if (!decided) return apply(sign, left, read(), this.text);
    this.skipping += 1;
    read();
    this.skipping -= 1;
    return sign === '?' ? null : left;
  }

  private unary(): Value {
    const sign = this.sign();
    if (sign === '!' || sign === '-') {
      this.at += 1;
      const value = this.nested(() => this.unary());
      if (this.skipping > 0) return null;
      if (sign === '!' && typeof value === 'boolean') return !value;
      if (sign === '-' && typeof value === 'number') return -value;
      throw new Error(
        `Value '${show(value)}' cannot be used with the prefix '${sign}'`,
      );
    }
    return this.primary();
  }

  private primary(): Value {
    const next = this.tokens[this.at++];
    if (!next)
      throw new Error(`Unexpected end of expression in '${this.text}'`);
    if (next.kind !== 'sign') return next.value;
    if (next.value !== '(')
      throw new Error(
        `Cannot transition token types in '${this.text}': '${show(
          next.value,
        )}' is not expected`,
      );
    const items = [this.nested(() => this.level(0))];
    while (this.sign() === ',') {
      this.at += 1;
      items.push(this.nested(() => this.level(0)));
    }
    if (this.sign() !== ')')
      throw new Error(`Unbalanced parenthesis in '${this.text}'`);
    this.at += 1;
    return items.length === 1 ? items[0] : items;
  }

  private nested<T>(work: () => T): T {
    if (++this.depth > 200)
      throw new Error('Invalid condition: nested too deeply');
    const result = work();
    this.depth -= 1;
    return result;
  }
}

function isDecided(sign: string, left: Value): boolean {
  if (sign === '&&' || sign === '?') return left === false;
  if (sign === '||') return left === true;
  return (sign === ':' || sign === '??') && left !== null;
}

function apply(sign: string, left: Value, right: Value, text: string): Value {
  switch (sign) {
    case '==':
      return same(left, right);
    case '!=':
      return !same(left, right);
    case '&&':
      return (
        both(sign, left, right, 'boolean') &&
        (left as boolean) &&
        (right as boolean)
      );
    case '||':
      return (
        both(sign, left, right, 'boolean') &&
        ((left as boolean) || (right as boolean))
      );
    case 'in':
      if (!Array.isArray(right))
        throw new Error(
          `Value '${show(
            right,
          )}' cannot be used with the comparator 'in', it is not an array`,
        );
      return right.some(item => same(item, left));
    case '=~':
    case '!~':
      return patternOf(String(right)).test(String(left)) === (sign === '=~');
    case '?':
      both('?', left, left, 'boolean');
      return left === true ? right : null;
    case ':':
    case '??':
      return left ?? right;
    default:
      return compute(sign, left, right, text);
  }
}

function compute(sign: string, left: Value, right: Value, text: string): Value {
  if (typeof left === 'string' && typeof right === 'string') {
    if (sign === '<') return left < right;
    if (sign === '>') return left > right;
    if (sign === '<=') return left <= right;
    if (sign === '>=') return left >= right;
  }
  if (sign === '+' && (typeof left === 'string' || typeof right === 'string'))
    return show(left) + show(right);
  both(sign, left, right, 'number');
  const [a, b] = [left as number, right as number];
  const table: Record<string, () => Value> = {
    '<': () => a < b,
    '>': () => a > b,
    '<=': () => a <= b,
    '>=': () => a >= b,
    '+': () => a + b,
    '-': () => a - b,
    '*': () => a * b,
    '/': () => a / b,
    '%': () => a % b,
    '**': () => a ** b,
  };
  const operation = table[sign];
  if (!operation) throw new Error(`'${sign}' cannot be used in '${text}'`);
  return operation();
}

function both(sign: string, left: Value, right: Value, type: string): true {
  for (const value of [left, right])
    if (typeof value !== type)
      throw new Error(
        `Value '${show(value)}' cannot be used with the ${
          type === 'boolean' ? 'logical operator' : 'comparator'
        } '${sign}', it is not a ${type === 'boolean' ? 'bool' : 'number'}`,
      );
  return true;
}

function same(left: Value, right: Value): boolean {
  if (Array.isArray(left) && Array.isArray(right))
    return (
      left.length === right.length &&
      left.every((item, i) => same(item, right[i]))
    );
  return left === right;
}
