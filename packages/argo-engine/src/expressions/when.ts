/*
 * `when` after its tags are replaced: govaluate's language, seen through Argo. Equality has no coercion ('1' == 1 is false);
 * bare words are texts, true and false are booleans; `in` takes a bracketed list of two or more; a quoted date is a number; the
 * whole must be a boolean. Signs of one level are taken from left to right, also `**`.
 */
import { apply, applyPrefix, decided, isDecided } from './when/operators';
import { checkTokens } from './when/syntax';
import { show, tokensOf, type Token, type Value } from './when/tokens';

type Node =
  | { is: 'value'; value: Value }
  | { is: 'access'; name: string; given: Node }
  | { is: 'prefix'; sign: string; of: Node }
  | { is: 'chain'; first: Node; rest: { sign: string; of: Node }[] };

/** Evaluates a condition; empty is true. Throws an Error in Argo's words when it is none. */
export function evaluateWhen(text: string): boolean {
  if (text === '') return true;
  const tokens = wrap(`Invalid 'when' expression '${text}'`, () => {
    const found = checkTokens(tokensOf(text));
    new Planner(found).plan();
    return found;
  });
  const plan = wrap(`Failed to parse 'when' expression '${text}'`, () =>
    new Planner(checkTokens(tokens.map(asText))).plan(),
  );
  const value = wrap(`Failed to evaluate 'when' expresion '${text}'`, () =>
    evaluate(plan),
  );
  if (typeof value === 'boolean') return value;
  throw new Error(
    `Expected boolean evaluation for '${text}'. Got ${show(value)}`,
  );
}

const hint = ' (hint: try wrapping the affected expression in quotes ("))';

function wrap<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { message } = error as Error;
    const more = message.startsWith('Invalid token') ? hint : '';
    throw new Error(`${what}: ${message}${more}`);
  }
}

// Argo has no variables in conditions: bare words become texts once the whole is known to be well formed.
const asText = (token: Token): Token =>
  token.kind === 'VARIABLE' ? { ...token, kind: 'STRING' } : token;

const levels: string[][] = [
  [','],
  ['?', ':', '??'],
  ['||'],
  ['&&'],
  ['==', '!=', '>', '<', '>=', '<=', '=~', '!~', 'in'],
  ['&', '|', '^'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
  ['**'],
];
const signKinds = [
  'SEPARATOR',
  'TERNARY',
  'LOGICALOP',
  'COMPARATOR',
  'MODIFIER',
];
const nothing: Node = { is: 'value', value: null };

class Planner {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: Token[]) {}

  /** What follows a whole expression after a bracket is not looked at, as in govaluate. */
  plan(): Node {
    return this.level(0);
  }

  private level(index: number): Node {
    if (index === levels.length) return this.operand();
    const first = this.level(index + 1);
    const rest: { sign: string; of: Node }[] = [];
    for (
      let next = this.tokens[this.at];
      next &&
      signKinds.includes(next.kind) &&
      levels[index].includes(next.value as string);
      next = this.tokens[this.at]
    ) {
      this.at += 1;
      rest.push({ sign: next.value as string, of: this.level(index + 1) });
    }
    return rest.length === 0 ? first : { is: 'chain', first, rest };
  }

  private operand(): Node {
    const token = this.tokens[this.at];
    if (!token || token.kind === 'CLAUSE_CLOSE') return nothing;
    this.at += 1;
    switch (token.kind) {
      case 'CLAUSE': {
        const inner = this.nested();
        this.at += 1;
        return inner;
      }
      case 'PREFIX':
        return {
          is: 'prefix',
          sign: token.value as string,
          of: this.operand(),
        };
      case 'ACCESSOR':
        return {
          is: 'access',
          name: (token.value as string[])[0],
          given:
            this.tokens[this.at]?.kind === 'CLAUSE' ? this.nested() : nothing,
        };
      case 'SEPARATOR':
        throw new Error(
          `Unable to plan token kind: '${token.kind}', value: '${token.value}'`,
        );
      default:
        return { is: 'value', value: token.value };
    }
  }

  private nested(): Node {
    this.depth += 1;
    if (this.depth > 200)
      throw new Error('Invalid condition: nested too deeply');
    const node = this.level(0);
    this.depth -= 1;
    return node;
  }
}

function evaluate(node: Node): Value {
  switch (node.is) {
    case 'prefix':
      return applyPrefix(node.sign, evaluate(node.of));
    case 'access':
      evaluate(node.given);
      throw new Error(`No parameter '${node.name}' found.`);
    case 'chain':
      return node.rest.reduce(
        (left, { sign, of }) =>
          isDecided(sign, left)
            ? decided(sign, left)
            : apply(sign, left, evaluate(of)),
        evaluate(node.first),
      );
    default:
      return node.value;
  }
}
