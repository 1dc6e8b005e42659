/* The tree of an expr-lang expression, by precedence climbing. */
import { ExpressionError, tokensOf, type Token } from './tokens';

export type Node = { at: number } & (
  | { is: 'value'; value: unknown }
  | { is: 'name'; name: string }
  | { is: 'member'; of: Node; key: Node; optional: boolean }
  | { is: 'slice'; of: Node; from?: Node; to?: Node }
  | { is: 'call'; name: string; arguments: Node[] }
  | {
      is: 'method';
      of: Node;
      name: string;
      optional: boolean;
      arguments: Node[];
    }
  | { is: 'unary'; operator: string; of: Node }
  | { is: 'binary'; operator: string; left: Node; right: Node }
  | { is: 'choice'; when: Node; then: Node; otherwise: Node }
  | { is: 'list'; items: Node[] }
  | { is: 'map'; entries: [Node, Node][] }
  | { is: 'predicate'; body: Node }
  | { is: 'let'; name: string; value: Node; body: Node }
);

const binary: Record<string, number> = {
  '|': 0,
  or: 10,
  '||': 10,
  and: 15,
  '&&': 15,
  '==': 20,
  '!=': 20,
  '<': 20,
  '>': 20,
  '<=': 20,
  '>=': 20,
  in: 20,
  matches: 20,
  contains: 20,
  startsWith: 20,
  endsWith: 20,
  '..': 25,
  '+': 30,
  '-': 30,
  '*': 60,
  '/': 60,
  '%': 60,
  '**': 100,
  '^': 100,
  '??': 500,
};
const unary: Record<string, number> = { not: 50, '!': 50, '-': 90, '+': 90 };
const words: Record<string, unknown> = { true: true, false: false, nil: null };
/** Words that are operators, and so no names. */
const operatorWords = new Set([
  ...[...Object.keys(binary), 'not'].filter(text => /^\w+$/.test(text)),
  ...['let', 'if', 'else'],
]);
const deepest = 120;
const longestChain = 1000;

/** Functions whose last argument is a predicate. */
export const withPredicate = new Set([
  'all',
  'any',
  'one',
  'none',
  'map',
  'filter',
  'find',
  'findIndex',
  'findLast',
  'findLastIndex',
  'groupBy',
  'count',
  'sum',
  'reduce',
  'sortBy',
]);

/** Reads an expression, or the `inside` of a predicate. ExpressionError, with the place, when it is none. */
export function parseExpression(source: string, inside = false): Node {
  const parser = new Parser(source, inside ? 1 : 0);
  const node = parser.sequence();
  parser.end();
  return node;
}

class Parser {
  private readonly tokens: Token[];
  private position = 0;
  private readonly declared = new Set<string>();
  private depth = 0;

  /** Above zero where `#` has a meaning. */
  constructor(private readonly source: string, private predicates: number) {
    this.tokens = tokensOf(source);
  }

  private get token(): Token {
    return this.tokens[this.position];
  }

  private fail(): never {
    const { kind, text, value, at } = this.token;
    const names = { number: 'Number', string: 'String', name: 'Identifier' };
    const name =
      kind === 'operator' || operatorWords.has(text)
        ? /^[()[\]{}]$/.test(text)
          ? 'Bracket'
          : 'Operator'
        : names[kind as keyof typeof names];
    const inner = kind === 'string' ? value : text;
    const shown = kind === 'end' ? 'EOF' : `${name}("${inner}")`;
    throw new ExpressionError(
      `unexpected token ${shown}`,
      this.source,
      at,
      true,
    );
  }

  private is(text: string): boolean {
    const { kind } = this.token;
    return (kind === 'operator' || kind === 'name') && this.token.text === text;
  }

  private take(text: string): boolean {
    if (!this.is(text)) return false;
    this.position += 1;
    return true;
  }

  private need(text: string): void {
    if (!this.take(text)) this.fail();
  }

  end(): void {
    if (this.token.kind !== 'end') this.fail();
  }

  /** `let` bindings and what they are for. */
  sequence(): Node {
    const { at } = this.token;
    if (this.is('let')) {
      this.position += 1;
      const { text: name, at: nameAt } = this.token;
      if (this.token.kind !== 'name') this.fail();
      if (this.declared.has(name))
        throw new ExpressionError(
          `cannot redeclare variable ${name}`,
          this.source,
          nameAt,
        );
      this.position += 1;
      this.need('=');
      const value = this.expression(0);
      this.need(';');
      this.declared.add(name);
      const body = this.sequence();
      this.declared.delete(name);
      return { is: 'let', at, name, value, body };
    }
    return this.expression(0);
  }

  expression(least: number): Node {
    this.depth += 1;
    if (this.depth > deepest)
      throw new ExpressionError(
        'expression is nested too deeply',
        this.source,
        this.token.at,
        true,
      );
    let node = this.prefix();
    let before = '';
    for (let links = 0; ; links++) {
      if (links > longestChain) this.tooLong();
      const { text, at } = this.token;
      const negated =
        text === 'not' &&
        ['in', 'matches', 'contains', 'startsWith', 'endsWith'].includes(
          this.tokens[this.position + 1]?.text,
        );
      if (text === 'not' && !negated && this.token.kind === 'name') {
        this.position += 1;
        this.fail();
      }
      const operator = negated ? this.tokens[this.position + 1].text : text;
      const level =
        this.token.kind === 'operator' || this.token.kind === 'name'
          ? binary[operator]
          : undefined;
      if (level === undefined || level < least) break;
      if (before === '??' && operator !== '??' && operator !== '|')
        this.mixed(operator);
      before = operator;
      this.position += negated ? 2 : 1;
      node = this.rightOf(node, operator, level, at);
      if (negated) node = { is: 'unary', at, operator: 'not', of: node };
    }
    if (least === 0 && this.take('?')) node = this.choice(node);
    this.depth -= 1;
    return node;
  }

  // `a ?: b` is `a ? a : b`.
  private choice(when: Node): Node {
    const short = this.take(':');
    const then = short ? when : this.expression(0);
    if (!short) this.need(':');
    const otherwise = this.expression(0);
    return { is: 'choice', at: when.at, when, then, otherwise };
  }

  private mixed(operator: string): never {
    throw new ExpressionError(
      `Operator (${operator}) and coalesce expressions (??) cannot be mixed. Wrap either by parentheses.`,
      this.source,
      this.token.at,
      true,
    );
  }

  private tooLong(): never {
    throw new ExpressionError(
      'expression has too many operators in a row',
      this.source,
      this.token.at,
      true,
    );
  }

  private rightOf(
    left: Node,
    operator: string,
    level: number,
    at: number,
  ): Node {
    if (operator === '|') {
      const { text, kind } = this.token;
      if (kind !== 'name') this.fail();
      this.position += 1;
      return this.call(text, at, [left]);
    }
    const isRight = operator === '**' || operator === '^';
    const right = this.expression(isRight ? level : level + 1);
    return { is: 'binary', at, operator, left, right };
  }

  private prefix(): Node {
    const { text, at, kind } = this.token;
    if ((kind === 'operator' || kind === 'name') && unary[text] !== undefined) {
      this.position += 1;
      return {
        is: 'unary',
        at,
        operator: text === '!' ? 'not' : text,
        of: this.expression(unary[text]),
      };
    }
    // Numbers, truths and nil have no members.
    const node = this.primary();
    const isPlain = node.is === 'value' && typeof node.value !== 'string';
    return isPlain && !this.wasClosed() ? node : this.postfix(node);
  }

  private wasClosed(): boolean {
    return this.tokens[this.position - 1].text === ')';
  }

  private primary(): Node {
    const { text, at, kind, value } = this.token;
    if (kind === 'number' || kind === 'string') {
      this.position += 1;
      return { is: 'value', at, value };
    }
    if (kind === 'name') return this.named(text, at);
    if (this.take('(')) {
      const node = this.sequence();
      this.need(')');
      return node;
    }
    if (this.take('[')) return { is: 'list', at, items: this.listed(']') };
    if (this.take('{')) return this.map(at);
    if (this.predicates > 0 && this.take('#')) {
      if (this.token.kind === 'name' && this.token.at === at + 1) {
        const name = `#${this.token.text}`;
        this.position += 1;
        return { is: 'name', at, name };
      }
      return { is: 'name', at, name: '#' };
    }
    if (this.predicates > 0 && this.is('.')) {
      // `.Field` in a predicate is `#.Field`.
      return { is: 'name', at, name: '#' };
    }
    return this.fail();
  }

  private named(text: string, at: number): Node {
    if (operatorWords.has(text) && text !== 'if') this.fail();
    this.position += 1;
    if (Object.hasOwn(words, text)) {
      return { is: 'value', at, value: words[text] };
    }
    if (text === 'if') return this.conditional(at);
    if (this.is('(')) return this.call(text, at, []);
    return { is: 'name', at, name: text };
  }

  private conditional(at: number): Node {
    const when = this.expression(0);
    this.need('{');
    const then = this.sequence();
    this.need('}');
    this.need('else');
    let otherwise: Node;
    if (this.take('if')) otherwise = this.conditional(at);
    else {
      this.need('{');
      otherwise = this.sequence();
      this.need('}');
    }
    return { is: 'choice', at, when, then, otherwise };
  }

  private call(name: string, at: number, first: Node[]): Node {
    this.need('(');
    const given = [...first];
    while (!this.is(')')) {
      given.push(this.argument(name, given.length));
      if (!this.take(',')) break;
    }
    this.need(')');
    return { is: 'call', at, name, arguments: given };
  }

  private argument(name: string, index: number): Node {
    if (!withPredicate.has(name) || index !== 1) return this.sequence();
    const { at } = this.token;
    const braced = this.take('{');
    this.predicates += 1;
    const body = this.sequence();
    this.predicates -= 1;
    if (braced) this.need('}');
    return { is: 'predicate', at, body };
  }

  private listed(close: string): Node[] {
    const items: Node[] = [];
    while (!this.is(close)) {
      items.push(this.sequence());
      if (!this.take(',')) break;
    }
    this.need(close);
    return items;
  }

  private map(at: number): Node {
    const entries: [Node, Node][] = [];
    while (!this.is('}')) {
      const { kind, text, value, at: place } = this.token;
      let key: Node;
      if (kind === 'name') {
        this.position += 1;
        key = { is: 'value', at: place, value: text };
      } else if (kind === 'string' || kind === 'number') {
        this.position += 1;
        key = { is: 'value', at: place, value: String(value) };
      } else if (this.take('(')) {
        key = this.sequence();
        this.need(')');
      } else this.fail();
      this.need(':');
      entries.push([key!, this.sequence()]);
      if (!this.take(',')) break;
    }
    this.need('}');
    return { is: 'map', at, entries };
  }

  private postfix(start: Node): Node {
    let node = start;
    for (let links = 0; ; links++) {
      if (links > longestChain) this.tooLong();
      const { at } = this.token;
      if (this.is('.') || this.is('?.')) {
        const optional = this.token.text === '?.';
        this.position += 1;
        if (optional && this.is('[')) continue;
        const { kind, text, at: place } = this.token;
        if (kind !== 'name') this.fail();
        this.position += 1;
        if (this.is('(')) {
          node = this.method(node, text, place, optional);
          continue;
        }
        const key: Node = { is: 'value', at: place, value: text };
        node = { is: 'member', at: place, of: node, key, optional };
      } else if (this.take('[')) node = this.index(node, at);
      else return node;
    }
  }

  // `sprig.upper(x)` is a function of a namespace, everything else a method of a value.
  private method(of: Node, name: string, at: number, optional: boolean): Node {
    if (of.is === 'name' && of.name === 'sprig')
      return this.call(`${of.name}.${name}`, of.at, []);
    this.need('(');
    return {
      is: 'method',
      at,
      of,
      name,
      optional,
      arguments: this.listed(')'),
    };
  }

  private index(of: Node, at: number): Node {
    if (this.take(':')) {
      const to = this.is(']') ? undefined : this.sequence();
      this.need(']');
      return { is: 'slice', at, of, to };
    }
    const key = this.sequence();
    if (this.take(':')) {
      const to = this.is(']') ? undefined : this.sequence();
      this.need(']');
      return { is: 'slice', at, of, from: key, to };
    }
    this.need(']');
    return { is: 'member', at: key.at, of, key, optional: false };
  }
}
