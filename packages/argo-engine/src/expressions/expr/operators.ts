import { patternOf } from './pattern';

/** What an operator makes of two numbers; undefined where it makes nothing of them. */
export function numbers(operator: string, a: number, b: number): unknown {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return Number.isInteger(a) && Number.isInteger(b) ? a % b : undefined;
    case '**':
    case '^':
      return a ** b;
    default:
      return order(operator, a, b);
  }
}

/** What an operator makes of two texts; undefined where it makes nothing of them. */
export function texts(operator: string, a: string, b: string): unknown {
  switch (operator) {
    case '+':
      return a + b;
    case 'contains':
      return a.includes(b);
    case 'startsWith':
      return a.startsWith(b);
    case 'endsWith':
      return a.endsWith(b);
    case 'matches':
      return patternOf(b).test(a);
    default:
      return order(operator, a, b);
  }
}

/** What a comparison says of two values; undefined for what is none. */
export function order<T extends number | string>(
  operator: string,
  a: T,
  b: T,
): boolean | undefined {
  switch (operator) {
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    default:
      return undefined;
  }
}
