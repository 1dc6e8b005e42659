/* Sprig's functions on numbers. */
import type { Functions } from './functions';
import { float, integer, shown, text } from './sprigValues';

const most = 100_000;

function steps(from: number, to: number, by: number): number[] {
  const count = Math.ceil((to - from) / by);
  if (!(by !== 0 && count > 0)) return [];
  return Array.from({ length: Math.min(most, count) }, (_, i) => from + i * by);
}

function sequence(...given: unknown[]): string {
  const numbers = given.map(integer);
  if (numbers.length === 0 || numbers.length > 3) return '';
  const from = numbers.length === 1 ? 1 : numbers[0];
  const to = numbers[numbers.length - 1];
  const sign = to < from ? -1 : 1;
  const by = numbers.length === 3 ? numbers[1] : sign;
  return sign < 0 && by > 0 ? '' : steps(from, to + sign, by).join(' ');
}

function divisor(value: unknown): number {
  const number = integer(value);
  if (number === 0) throw new Error('runtime error: integer divide by zero');
  return number;
}

function some(values: unknown[]): unknown[] {
  if (values.length === 0)
    throw new Error('reflect: Call with too few input arguments');
  return values;
}

// Halves are rounded up only above zero: Go's fraction of a negative number is negative.
function rounded(value: unknown, digits: unknown): number {
  const scale = 10 ** integer(digits);
  const scaled = float(value) * scale;
  const up = scaled % 1 >= 0.5;
  return (up ? Math.ceil(scaled) : Math.floor(scaled)) / scale;
}

const sum = (values: unknown[], from: number) =>
  values.reduce<number>((total, value) => total + float(value), from);

export const numbers: Functions = {
  int: integer,
  int64: integer,
  atoi: (value: unknown) =>
    /^[+-]?\d+$/.test(text(value)) ? Number(value) : 0,
  float64: float,
  toDecimal: (value: unknown) =>
    /^[+-]?[0-7]+$/.test(shown(value)) ? parseInt(shown(value), 8) : 0,
  add: (...values: unknown[]) =>
    values.reduce<number>((total, value) => total + integer(value), 0),
  add1: (value: unknown) => integer(value) + 1,
  sub: (a: unknown, b: unknown) => integer(a) - integer(b),
  mul: (...values: unknown[]) =>
    values.reduce<number>((product, value) => product * integer(value), 1),
  div: (a: unknown, b: unknown) => Math.trunc(integer(a) / divisor(b)),
  mod: (a: unknown, b: unknown) => integer(a) % divisor(b),
  add1f: (value: unknown) => float(value) + 1,
  addf: (...values: unknown[]) => sum(values, 0),
  subf: (a: unknown, ...rest: unknown[]) => float(a) - sum(rest, 0),
  mulf: (...values: unknown[]) =>
    values.reduce<number>((product, value) => product * float(value), 1),
  divf: (a: unknown, ...rest: unknown[]) =>
    rest.reduce<number>((left, value) => left / float(value), float(a)),
  max: (...values: unknown[]) => Math.max(...some(values).map(integer)),
  biggest: (...values: unknown[]) => Math.max(...some(values).map(integer)),
  min: (...values: unknown[]) => Math.min(...some(values).map(integer)),
  maxf: (...values: unknown[]) => Math.max(...some(values).map(float)),
  minf: (...values: unknown[]) => Math.min(...some(values).map(float)),
  ceil: (value: unknown) => Math.ceil(float(value)),
  floor: (value: unknown) => Math.floor(float(value)),
  round: rounded,
  until: (count: unknown) =>
    steps(0, integer(count), integer(count) < 0 ? -1 : 1),
  untilStep: (from: unknown, to: unknown, by: unknown) =>
    steps(integer(from), integer(to), integer(by)),
  seq: sequence,
};
