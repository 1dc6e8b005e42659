/* Go's `time.Duration`: parsing, text and methods. Source: src/time/format.go and time.go of Go 1.26. */
import { createFunctions } from '../functions';
import { argument, GoValue } from '../GoValue';

const second = 1e9;
const units: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: second,
  m: 60 * second,
  h: 3600 * second,
};
/** The longest that Go can say, about 292 years. */
const most = 2 ** 63;

/** A span of time in nanoseconds; whole seconds are exact however many. */
export class Duration extends GoValue {
  readonly type = 'time.Duration';
  readonly methods = createFunctions({
    Hours: () => this.ns / units.h,
    Minutes: () => this.ns / units.m,
    Seconds: () => this.ns / second,
    Milliseconds: () => Math.trunc(this.ns / 1e6),
    Microseconds: () => Math.trunc(this.ns / 1e3),
    Nanoseconds: () => this.ns,
    Abs: () => new Duration(Math.abs(this.ns)),
    Round: (to: unknown) => this.round(argument(Duration, to).ns),
    Truncate: (to: unknown) => this.truncate(argument(Duration, to).ns),
    String: () => this.toString(),
  });

  constructor(readonly ns: number) {
    super();
  }

  /** Rounds to a multiple, halves away from zero. */
  round(to: number): Duration {
    if (to <= 0) return this;
    return new Duration(
      Math.sign(this.ns) * Math.round(Math.abs(this.ns) / to) * to,
    );
  }

  private truncate(to: number): Duration {
    return to <= 0 ? this : new Duration(this.ns - (this.ns % to));
  }

  toJSON(): number {
    return this.ns;
  }

  toString(): string {
    const ns = Math.abs(this.ns);
    const sign = this.ns < 0 ? '-' : '';
    if (ns === 0) return '0s';
    if (ns < 1e3) return `${sign}${ns}ns`;
    if (ns < 1e6) return `${sign}${ns / 1e3}µs`;
    if (ns < second) return `${sign}${ns / 1e6}ms`;
    const whole = Math.floor(ns / second);
    const part = String(Math.round(ns % second)).padStart(9, '0');
    const fraction = `.${part}`.replace(/\.?0+$/, '');
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor(whole / 60) % 60;
    return [
      sign,
      hours > 0 ? `${hours}h` : '',
      whole >= 60 ? `${minutes}m` : '',
      `${whole % 60}${fraction}s`,
    ].join('');
  }
}

/** Reads a span as `1h30m`. Error in Go's words when it is none. */
export function parseDuration(text: string): Duration {
  const quoted = JSON.stringify(text);
  const invalid = () => new Error(`time: invalid duration ${quoted}`);
  const sign = text.startsWith('-') ? -1 : 1;
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return new Duration(0);
  if (rest === '') throw invalid();
  let ns = 0;
  while (rest !== '') {
    const [number] = /^\d*(\.\d*)?/.exec(rest)!;
    if (!/\d/.test(number)) throw invalid();
    rest = rest.slice(number.length);
    const [unit] = /^[^.\d]*/.exec(rest)!;
    if (unit === '')
      throw new Error(`time: missing unit in duration ${quoted}`);
    if (!Object.hasOwn(units, unit))
      throw new Error(
        `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`,
      );
    rest = rest.slice(unit.length);
    ns += Number(number) * units[unit];
    if (ns > most) throw invalid();
  }
  return new Duration(sign * Math.trunc(ns));
}
