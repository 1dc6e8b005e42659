import { GoValue } from '../GoValue';
import { order } from '../operators';
import { Duration } from './Duration';
import { Moment, NamedNumber } from './Moment';

/** What an operator makes of two values of which one is a time; undefined where it makes nothing of them. */
export function times(operator: string, a: unknown, b: unknown): unknown {
  if (a instanceof Moment && b instanceof Moment)
    return operator === '-' ? a.since(b) : order(operator, a.compare(b), 0);
  if (a instanceof Duration && b instanceof Duration)
    return spans(operator, a.ns, b.ns);
  if (a instanceof Moment && b instanceof Duration) {
    if (operator === '+') return a.add(b);
    return operator === '-' ? a.add(new Duration(-b.ns)) : undefined;
  }
  if (a instanceof Duration && b instanceof Moment)
    return operator === '+' ? b.add(a) : undefined;
  if (operator !== '*') return undefined;
  if (a instanceof Duration && typeof b === 'number') return times('*', b, a);
  return typeof a === 'number' && b instanceof Duration
    ? new Duration(Math.trunc(a * b.ns))
    : undefined;
}

function spans(operator: string, a: number, b: number): unknown {
  if (operator === '+') return new Duration(a + b);
  if (operator === '-') return new Duration(a - b);
  return order(operator, a, b);
}

/** Equal in what they mean: two moments are, whatever their zones. */
export function isSameValue(a: GoValue, b: GoValue): boolean {
  if (a instanceof Moment && b instanceof Moment) return a.compare(b) === 0;
  if (a instanceof Duration && b instanceof Duration) return a.ns === b.ns;
  if (a instanceof NamedNumber && b instanceof NamedNumber)
    return a.type === b.type && a.number === b.number;
  return false;
}
