/*
 * Evaluates an expr-lang expression over plain data. No code of the host is reachable: names come from the scope alone, and
 * steps and sizes have an end.
 */
import { builtins, ofOne } from './builtins';
import { jsonPath } from './jsonPath';
import { GoValue } from './GoValue';
import { listFunctions, type Predicate } from './listFunctions';
import { numbers, texts } from './operators';
import { parseExpression, withPredicate, type Node } from './parse';
import { sprig } from './sprig';
import { times } from './time/timeOperators';
import { ExpressionError, UnknownNameError } from './tokens';
import { checkTypes } from './types';
import { floatText, isEqual, isMap, typeName, type Mapping } from './values';

const mostSteps = 200_000;
const mostCharacters = 4_000_000;
/** What they say of nothing is false. */
const ofTexts = new Set(['matches', 'contains', 'startsWith', 'endsWith']);

/** What an expression can say. */
export type ExpressionScope = Mapping;

/** The value of an expression. ExpressionError, with the place, when it has none. */
export function evaluateExpression(
  source: string,
  scope: ExpressionScope,
): unknown {
  const tree = parseExpression(source);
  checkTypes(tree, source, scope);
  const value = new Evaluation(source).of(tree, scope);
  refuseInfinite(value);
  return value;
}

/** A value that JSON has no words for. */
export class UnsupportedValueError extends Error {}

// JSON has no such numbers, and every result of Argo is written as JSON.
function refuseInfinite(value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new UnsupportedValueError(
      `json: unsupported value: ${floatText(value)}`,
    );
  if (typeof value === 'object' && value !== null)
    Object.values(value).forEach(refuseInfinite);
}

/** The value of an expression that must be true or false. */
export function evaluateBoolean(
  source: string,
  scope: ExpressionScope,
): boolean {
  let value: unknown;
  try {
    value = evaluateExpression(source, scope);
  } catch (error) {
    // What is found before anything is evaluated is told as it is.
    if (
      error instanceof UnknownNameError ||
      (error instanceof ExpressionError && error.isSyntax)
    )
      throw error;
    throw new Error(
      `unable to evaluate expression '${source}': ${(error as Error).message}`,
    );
  }
  if (typeof value === 'boolean') return value;
  throw new Error(
    `unable to cast expression result '${String(value)}' to bool`,
  );
}

class Evaluation {
  private steps = 0;

  constructor(private readonly source: string) {}

  private fail(message: string, at: number): never {
    throw new ExpressionError(message, this.source, at);
  }

  of(node: Node, scope: Mapping): unknown {
    this.steps += 1;
    if (this.steps > mostSteps)
      this.fail('expression takes too many steps', node.at);
    switch (node.is) {
      case 'value':
        return node.value;
      case 'name':
        return this.name(node, scope);
      case 'member':
        return this.member(node, scope);
      case 'slice':
        return this.slice(node, scope);
      case 'list':
        return node.items.map(item => this.of(item, scope));
      case 'map':
        return Object.fromEntries(
          node.entries.map(([key, value]) => [
            String(this.of(key, scope)),
            this.of(value, scope),
          ]),
        );
      case 'choice':
        return this.truth(node.when, scope)
          ? this.of(node.then, scope)
          : this.of(node.otherwise, scope);
      case 'let':
        return this.of(node.body, {
          ...scope,
          [node.name]: this.of(node.value, scope),
        });
      case 'unary':
        return this.unary(node, scope);
      case 'binary':
        return this.binary(node, scope);
      case 'call':
        return this.call(node, scope);
      case 'method':
        return this.method(node, scope);
      default:
        return this.fail('a predicate stands alone', node.at);
    }
  }

  private name(node: Node & { is: 'name' }, scope: Mapping): unknown {
    if (node.name === '$env') return scope;
    if (!Object.hasOwn(scope, node.name))
      throw new UnknownNameError(node.name, this.source, node.at);
    return scope[node.name];
  }

  private truth(node: Node, scope: Mapping): boolean {
    const value = this.of(node, scope);
    if (typeof value !== 'boolean')
      this.fail(
        `non-bool expression (type ${typeName(value)}) used as condition`,
        node.at,
      );
    return value as boolean;
  }

  private member(node: Node & { is: 'member' }, scope: Mapping): unknown {
    const of = this.of(node.of, scope);
    const key = this.of(node.key, scope);
    if (of === null || of === undefined) {
      if (node.optional) return null;
      this.fail(`cannot fetch ${String(key)} from <nil>`, node.at);
    }
    if (of instanceof GoValue)
      this.fail(`type ${of.type} has no field ${String(key)}`, node.at);
    if (isMap(of) && typeof key !== 'string' && key !== null)
      this.fail(
        `cannot use ${typeName(key)} as type string in map key`,
        node.at,
      );
    if (isMap(of))
      return Object.hasOwn(of, String(key)) ? of[String(key)] ?? null : null;
    if (typeof key !== 'number')
      this.fail(`invalid operation: int(${typeName(key)})`, node.at);
    if (!Array.isArray(of) && typeof of !== 'string')
      this.fail(`type ${typeName(of)}[int] is undefined`, node.at);
    const items: ArrayLike<unknown> = Array.isArray(of)
      ? of
      : new TextEncoder().encode(String(of));
    const index = (key as number) < 0 ? items.length + (key as number) : key;
    if ((index as number) >= items.length || (index as number) < 0)
      this.fail(
        `index out of range: ${index} (array length is ${items.length})`,
        node.at,
      );
    return items[index as number];
  }

  private slice(node: Node & { is: 'slice' }, scope: Mapping): unknown {
    const of = this.of(node.of, scope);
    const end = (part: Node | undefined, otherwise: number) =>
      part ? Number(this.of(part, scope)) : otherwise;
    if (!Array.isArray(of) && typeof of !== 'string')
      return this.fail(`cannot slice ${typeName(of)}`, node.at);
    if (Array.isArray(of))
      return of.slice(end(node.from, 0), end(node.to, of.length));
    // Texts are cut by bytes, as Go does.
    const bytes = new TextEncoder().encode(of);
    return new TextDecoder().decode(
      bytes.slice(end(node.from, 0), end(node.to, bytes.length)),
    );
  }

  private unary(node: Node & { is: 'unary' }, scope: Mapping): unknown {
    if (node.operator === 'not') return !this.truth(node.of, scope);
    const value = this.of(node.of, scope);
    if (typeof value !== 'number')
      return this.fail(
        `invalid operation: ${node.operator} ${typeName(value)}`,
        node.at,
      );
    return node.operator === '-' ? -value : value;
  }

  private binary(node: Node & { is: 'binary' }, scope: Mapping): unknown {
    const { operator } = node;
    if (operator === '&&' || operator === 'and')
      return this.truth(node.left, scope) && this.truth(node.right, scope);
    if (operator === '||' || operator === 'or')
      return this.truth(node.left, scope) || this.truth(node.right, scope);
    if (operator === '??')
      return this.of(node.left, scope) ?? this.of(node.right, scope);
    const left = this.of(node.left, scope);
    const right = this.of(node.right, scope);
    switch (operator) {
      case '==':
        return isEqual(left, right);
      case '!=':
        return !isEqual(left, right);
      case 'in':
        return this.isIn(left, right, node.at);
      case '..':
        return this.range(left, right, node.at);
      default:
        return this.compute(operator, left, right, node.at);
    }
  }

  private isIn(left: unknown, right: unknown, at: number): boolean {
    if (Array.isArray(right)) return right.some(item => isEqual(item, left));
    if (isMap(right)) {
      if (typeof left !== 'string' && left !== null)
        this.fail(`cannot use ${typeName(left)} as type string in map key`, at);
      return Object.hasOwn(right, String(left));
    }
    if (right === null || right === undefined) return false;
    return this.fail(`operator "in" not defined on ${typeName(right)}`, at);
  }

  private range(left: unknown, right: unknown, at: number): number[] {
    if (typeof left !== 'number' || typeof right !== 'number')
      return this.fail(
        `invalid operation: int(${typeName(
          typeof left === 'number' ? right : left,
        )})`,
        at,
      );
    const [from, to] = [left, right];
    if (!(to - from < 100_000)) this.fail('range is too large', at);
    return Array.from(
      { length: Math.max(0, to - from + 1) },
      (_, i) => from + i,
    );
  }

  private compute(
    operator: string,
    left: unknown,
    right: unknown,
    at: number,
  ): unknown {
    if (typeof left === 'number' && typeof right === 'number') {
      if (operator === '%' && right === 0)
        this.fail('integer divide by zero', at);
      const result = numbers(operator, left, right);
      if (result !== undefined) return result;
    }
    if (typeof left === 'string' && typeof right === 'string') {
      if (left.length + right.length > mostCharacters)
        this.fail('text is too long', at);
      const result = this.caught(() => texts(operator, left, right), at);
      if (result !== undefined) return result;
    }
    const ofTimes = times(operator, left, right);
    if (ofTimes !== undefined) return ofTimes;
    const isAbsent = left === null || right === null;
    if (isAbsent && ofTexts.has(operator)) return false;
    return this.fail(
      `invalid operation: ${typeName(left)} ${operator} ${typeName(right)}`,
      at,
    );
  }

  private caught<T>(work: () => T, at: number): T {
    let result: T;
    try {
      result = work();
    } catch (error) {
      return this.fail((error as Error).message, at);
    }
    if (typeof result === 'string' && result.length > mostCharacters)
      this.fail('text is too long', at);
    return result;
  }

  private call(node: Node & { is: 'call' }, scope: Mapping): unknown {
    const { name } = node;
    if (withPredicate.has(name)) return this.overList(node, scope);
    const table = name.startsWith('sprig.') ? sprig : builtins;
    const key = name.replace(/^sprig\./, '');
    if (!Object.hasOwn(table, key))
      throw new UnknownNameError(name, this.source, node.at);
    if (ofOne.has(name) && node.arguments.length > 1)
      this.fail(`too many arguments to call ${name}`, node.at);
    const given = node.arguments.map(item => this.of(item, scope));
    return this.caught(
      () =>
        name === 'jsonpath'
          ? this.jsonPath(given, node.at)
          : table[key](...given),
      node.at,
    );
  }

  private method(node: Node & { is: 'method' }, scope: Mapping): unknown {
    const { name, at } = node;
    const of = this.of(node.of, scope);
    if (of === null && node.optional) return null;
    if (!(of instanceof GoValue) || !Object.hasOwn(of.methods, name))
      return this.fail(`type ${typeName(of)} has no method ${name}`, at);
    const method = of.methods[name];
    const count = node.arguments.length;
    if (count !== method.length)
      this.fail(
        `${
          count < method.length ? 'not enough' : 'too many'
        } arguments to call ${name}`,
        at,
      );
    const given = node.arguments.map(item => this.of(item, scope));
    return this.caught(() => method(...given), at);
  }

  private jsonPath([text, path]: unknown[], at: number): unknown {
    if (typeof text !== 'string' || typeof path !== 'string')
      return this.fail('jsonpath takes a text and a path', at);
    return jsonPath(text, path, (source, current) =>
      this.of(parseExpression(source, true), { '#': current }),
    );
  }

  private overList(node: Node & { is: 'call' }, scope: Mapping): unknown {
    const { name, at } = node;
    const [first, second, third] = node.arguments;
    const list = first && this.of(first, scope);
    if (!Array.isArray(list))
      return this.fail(
        `builtin ${name} takes only array (got ${typeName(list)})`,
        at,
      );
    const of: Predicate['of'] = (item, index, carried) => {
      if (!second) return item;
      const body = second.is === 'predicate' ? second.body : second;
      // `.Field` reads from the item itself.
      return this.of(body, {
        ...scope,
        '#': item,
        '#index': index,
        '#acc': carried,
      });
    };
    return listFunctions[name](list, {
      isGiven: second !== undefined,
      of,
      is: (item, index) => {
        const held = of(item, index);
        if (typeof held !== 'boolean')
          this.fail(
            `predicate should return boolean (got ${typeName(held)})`,
            at,
          );
        return held as boolean;
      },
      ...(third && { then: () => this.of(third, scope) }),
      add: (a, b) => this.compute('+', a, b, at),
      fail: message => this.fail(message, at),
    });
  }
}
