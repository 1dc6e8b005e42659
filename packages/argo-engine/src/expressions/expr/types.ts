/*
 * What is known of types before anything is evaluated. expr-lang refuses to compare values of two types that differ; ours does
 * where both are sure: literals, texts of the scope, and what operators and common functions give.
 */
import type { Node } from './parse';
import { ExpressionError } from './tokens';
import { isMap, typeName, type Mapping } from './values';

const results: Record<string, string[]> = {
  string: [
    ...['string', 'upper', 'lower', 'trim', 'trimPrefix', 'trimSuffix'],
    ...['replace', 'repeat', 'join', 'type', 'toJSON', 'toJson'],
    ...['toBase64', 'fromBase64'],
  ],
  int: ['int', 'len', 'indexOf', 'lastIndexOf', 'count'],
  float64: ['float'],
  bool: ['all', 'any', 'one', 'none', 'hasPrefix', 'hasSuffix'],
  '[]interface {}': ['map', 'filter', 'split', 'splitAfter'],
  'time.Time': ['date', 'now'],
  'time.Duration': ['duration'],
};
/** What methods give that no two types have to different ends. */
const methods: Record<string, string> = {
  Month: 'time.Month',
  Weekday: 'time.Weekday',
  Format: 'string',
  Year: 'int',
  Day: 'int',
  Hour: 'int',
  Unix: 'int',
};
const truths = [
  ...['==', '!=', '<', '>', '<=', '>=', '&&', '||', 'and', 'or'],
  ...['in', 'matches', 'contains', 'startsWith', 'endsWith'],
];
const isNumber = (type: string) => type === 'int' || type === 'float64';
const agree = (a: string | undefined, b: string | undefined) =>
  a === undefined ||
  b === undefined ||
  a === b ||
  a === '<nil>' ||
  b === '<nil>' ||
  (isNumber(a) && isNumber(b));

/** Throws an ExpressionError at the first comparison of two types that cannot be equal. */
export function checkTypes(tree: Node, source: string, scope: Mapping): void {
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isMap(value) || typeof value.is !== 'string') return;
    Object.values(value).forEach(visit);
    const fault = faultOf(value as Node, scope);
    if (fault) throw new ExpressionError(fault, source, (value as Node).at);
  };
  visit(tree);
}

function faultOf(node: Node, scope: Mapping): string | undefined {
  if (node.is === 'member' && typeOf(node.of, scope) === 'string')
    return typeOf(node.key, scope) === 'int'
      ? 'type string[int] is undefined'
      : undefined;
  if (node.is !== 'binary') return undefined;
  const left = typeOf(node.left, scope);
  const { operator } = node;
  if (['&&', '||', 'and', 'or'].includes(operator)) {
    const types = [left, typeOf(node.right, scope)];
    return types.every(type => type === undefined || type === 'bool')
      ? undefined
      : `invalid operation: ${operator} (mismatched types ${types
          .map(type => type ?? 'unknown')
          .join(' and ')})`;
  }
  if (operator === '==' || operator === '!=') {
    const right = typeOf(node.right, scope);
    return agree(left, right)
      ? undefined
      : `invalid operation: ${operator} (mismatched types ${left} and ${right})`;
  }
  if (operator !== 'in' || node.right.is !== 'list') return undefined;
  const [first, ...rest] = node.right.items.map(item => typeOf(item, scope));
  if (!rest.every(type => type === first) || agree(left, first))
    return undefined;
  return `cannot use ${left} as type ${first} in array`;
}

function typeOf(node: Node, scope: Mapping): string | undefined {
  switch (node.is) {
    case 'value':
      return typeName(node.value);
    case 'name':
      if (isMap(scope[node.name])) return 'map[string]interface {}';
      return typeof scope[node.name] === 'string' ? 'string' : undefined;
    case 'list':
      return '[]interface {}';
    case 'map':
      return 'map[string]interface {}';
    case 'unary':
      return node.operator === 'not' ? 'bool' : typeOf(node.of, scope);
    case 'choice': {
      const then = typeOf(node.then, scope);
      return then === typeOf(node.otherwise, scope) ? then : undefined;
    }
    case 'call':
      return Object.keys(results).find(type =>
        results[type].includes(node.name),
      );
    case 'method':
      return Object.hasOwn(methods, node.name) ? methods[node.name] : undefined;
    case 'binary':
      return ofBinary(node, scope);
    default:
      return undefined;
  }
}

function ofBinary(
  { operator, left, right }: Node & { is: 'binary' },
  scope: Mapping,
): string | undefined {
  if (truths.includes(operator)) return 'bool';
  if (!['+', '-', '*'].includes(operator)) return undefined;
  const [a, b] = [typeOf(left, scope), typeOf(right, scope)];
  return a === b ? a : undefined;
}
