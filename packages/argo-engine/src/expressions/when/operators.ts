/* What the signs of conditions do. Equality has no coercion; numbers are floats; bits are those of 64-bit integers. */
import { patternOf } from '../expr/pattern';
import { show, type Value } from './tokens';

const isText = (value: Value) => typeof value === 'string';
const isNumber = (value: Value) => typeof value === 'number';
const isTruth = (value: Value) => typeof value === 'boolean';

/** True when the right side cannot change what the left side is. */
export function isDecided(sign: string, left: Value): boolean {
  if (sign === '&&' || sign === '?') return left === false;
  if (sign === '||') return left === true;
  return (sign === ':' || sign === '??') && left !== null;
}

/** The value of what is decided by its left side. */
export const decided = (sign: string, left: Value): Value =>
  sign === '?' ? null : left;

/** The value of a sign before its operand. */
export function applyPrefix(sign: string, value: Value): Value {
  if (sign === '!' && typeof value === 'boolean') return !value;
  if (sign === '-' && typeof value === 'number') return -value;
  if (sign === '~' && typeof value === 'number') return Number(~signed(value));
  throw new Error(
    `Value '${show(value)}' cannot be used with the prefix '${sign}'`,
  );
}

/** The value of a sign between two operands. */
export function apply(sign: string, left: Value, right: Value): Value {
  switch (sign) {
    case '==':
      return same(left, right);
    case '!=':
      return !same(left, right);
    case '&&':
    case '||':
      check(sign, isTruth, [left, right]);
      return sign === '&&' ? left && right : left || right;
    case '?':
      check(sign, isTruth, [left]);
      return left === true ? right : null;
    case ':':
    case '??':
      return left ?? right;
    case ',':
      return Array.isArray(left) ? [...left, right] : [left, right];
    case 'in':
      check(sign, Array.isArray, [right]);
      return (right as Value[]).some(item => item === left);
    case '=~':
    case '!~':
      check(sign, isText, [left, right]);
      return patternOf(String(right)).test(String(left)) === (sign === '=~');
    default:
      return compute(sign, left, right);
  }
}

function compute(sign: string, left: Value, right: Value): Value {
  if (sign === '+' && (isText(left) || isText(right)))
    return show(left) + show(right);
  if (['<', '>', '<=', '>='].includes(sign)) {
    // Of two that do not fit, the left one is named.
    if (
      !(isText(left) && isText(right)) &&
      !(isNumber(left) && isNumber(right))
    )
      refuse(sign, left);
    return compare(sign, left as string, right as string);
  }
  if (sign === '+' && !(isNumber(left) && isNumber(right))) refuse(sign, left);
  check(sign, isNumber, [left, right]);
  return calculate(sign, left as number, right as number);
}

function compare<T extends string | number>(sign: string, a: T, b: T): boolean {
  if (sign === '<') return a < b;
  if (sign === '>') return a > b;
  return sign === '<=' ? a <= b : a >= b;
}

function calculate(sign: string, a: number, b: number): number {
  const table: Record<string, () => number> = {
    '+': () => a + b,
    '-': () => a - b,
    '*': () => a * b,
    '/': () => a / b,
    '%': () => a % b,
    '**': () => a ** b,
    '&': () => Number(signed(a) & signed(b)),
    '|': () => Number(signed(a) | signed(b)),
    '^': () => Number(signed(a) ^ signed(b)),
    '<<': () => (bits(b) > 63n ? 0 : Number(wrap(bits(a) << bits(b)))),
    '>>': () => (bits(b) > 63n ? 0 : Number(bits(a) >> bits(b))),
  };
  return table[sign]();
}

const wrap = (value: bigint) => BigInt.asUintN(64, value);
const bits = (value: number) => wrap(signed(value));

// A float that fits no 64-bit integer becomes the lowest one.
function signed(value: number): bigint {
  if (!(Math.abs(value) < 2 ** 63)) return -(2n ** 63n);
  return BigInt(Math.trunc(value));
}

function check(
  sign: string,
  fits: (value: Value) => boolean,
  values: Value[],
): void {
  const wrong = values.find(value => !fits(value));
  if (wrong !== undefined) refuse(sign, wrong);
}

function refuse(sign: string, value: Value): never {
  const [kind, type] =
    sign === '&&' || sign === '||'
      ? ['logical operator', 'bool']
      : sign === '?'
      ? ['ternary operator', 'bool']
      : ['<', '>', '<=', '>=', '=~', '!~', 'in'].includes(sign)
      ? ['comparator', 'number']
      : ['modifier', 'number'];
  throw new Error(
    `Value '${show(
      value,
    )}' cannot be used with the ${kind} '${sign}', it is not a ${type}`,
  );
}

function same(left: Value, right: Value): boolean {
  if (Array.isArray(left) && Array.isArray(right))
    return (
      left.length === right.length &&
      left.every((item, i) => same(item, right[i]))
    );
  return left === right;
}
