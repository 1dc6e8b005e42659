/* Go's `time.Time`: its methods, its text, and how operators take it. */
import { createFunctions } from '../functions';
import { argument, GoValue } from '../GoValue';
import { Duration } from './Duration';
import { formatMoment } from './formatMoment';
import { utc, Zone } from './Zone';

const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];
const weekdays = [
  ...['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'],
  'Saturday',
];

/** A number that has a name, as `time.Month` and `time.Weekday`. */
export class NamedNumber extends GoValue {
  readonly methods = createFunctions({ String: () => this.name });

  constructor(
    readonly type: string,
    readonly number: number,
    private readonly name: string,
  ) {
    super();
  }

  toJSON(): number {
    return this.number;
  }

  toString(): string {
    return this.name;
  }
}

/** Milliseconds since 1970 of a time of UTC; days and months past their end go on in the next. */
export function utcMs(
  ...[year, month, day, hour = 0, minute = 0, second = 0]: number[]
): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.setUTCHours(hour, minute, second);
}

function layoutOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Error('cannot use the layout: it is no text');
}

/** Go's first moment. */
const zeroMs = utcMs(1, 1, 1);

/** A moment, shown by the clocks of a zone. */
export class Moment extends GoValue {
  readonly type = 'time.Time';
  readonly methods = createFunctions({
    Year: () => this.local.getUTCFullYear(),
    Month: () => this.month,
    Day: () => this.local.getUTCDate(),
    Hour: () => this.local.getUTCHours(),
    Minute: () => this.local.getUTCMinutes(),
    Second: () => this.local.getUTCSeconds(),
    Nanosecond: () => this.nanosecond,
    Weekday: () => this.weekday,
    YearDay: () => this.yearDay,
    Unix: () => Math.floor(this.ms / 1000),
    UnixMilli: () => this.ms,
    UnixMicro: () => this.ms * 1e3 + Math.floor(this.nanos / 1e3),
    UnixNano: () => this.ms * 1e6 + this.nanos,
    Format: (layout: unknown) => formatMoment(this, layoutOf(layout)),
    String: () => this.toString(),
    Add: (span: unknown) => this.add(argument(Duration, span)),
    AddDate: (years: unknown, moreMonths: unknown, days: unknown) =>
      this.addDate(Number(years), Number(moreMonths), Number(days)),
    Sub: (other: unknown) => this.since(argument(Moment, other)),
    After: (other: unknown) => this.compare(argument(Moment, other)) > 0,
    Before: (other: unknown) => this.compare(argument(Moment, other)) < 0,
    Equal: (other: unknown) => this.compare(argument(Moment, other)) === 0,
    Compare: (other: unknown) =>
      Math.sign(this.compare(argument(Moment, other))),
    IsZero: () => this.ms === zeroMs && this.nanos === 0,
    In: (zone: unknown) =>
      new Moment(this.ms, this.nanos, argument(Zone, zone)),
    UTC: () => new Moment(this.ms, this.nanos),
    Local: () => new Moment(this.ms, this.nanos),
    Truncate: (to: unknown) => this.truncate(argument(Duration, to)),
    Round: (to: unknown) => this.round(argument(Duration, to)),
  });

  constructor(
    /** Milliseconds since 1970. */
    readonly ms: number,
    /** Nanoseconds beyond them. */
    readonly nanos: number = 0,
    readonly zone: Zone = utc,
  ) {
    super();
    if (!(Math.abs(ms) <= 8.64e15)) throw new Error('the time is out of range');
  }

  static get zero(): Moment {
    return new Moment(zeroMs);
  }

  /** What its clocks show, written as if it were UTC. */
  get local(): Date {
    return new Date(this.ms + this.offset * 1000);
  }

  /** Seconds that its clocks are ahead of UTC. */
  get offset(): number {
    return this.zone.offsetAt(this.ms);
  }

  get nanosecond(): number {
    return this.local.getUTCMilliseconds() * 1e6 + this.nanos;
  }

  get month(): NamedNumber {
    const number = this.local.getUTCMonth() + 1;
    return new NamedNumber('time.Month', number, months[number - 1]);
  }

  get weekday(): NamedNumber {
    const number = this.local.getUTCDay();
    return new NamedNumber('time.Weekday', number, weekdays[number]);
  }

  get yearDay(): number {
    const { local } = this;
    const start = utcMs(local.getUTCFullYear(), 1, 1);
    return Math.floor((local.getTime() - start) / 86_400_000) + 1;
  }

  add({ ns }: Duration): Moment {
    const all = this.nanos + (ns % 1e6);
    const carried = Math.floor(all / 1e6);
    return new Moment(
      this.ms + Math.trunc(ns / 1e6) + carried,
      all - carried * 1e6,
      this.zone,
    );
  }

  private addDate(years: number, moreMonths: number, days: number): Moment {
    const { local } = this;
    const moved = new Date(local);
    moved.setUTCFullYear(
      local.getUTCFullYear() + years,
      local.getUTCMonth() + moreMonths,
      local.getUTCDate() + days,
    );
    return new Moment(this.zone.toUtc(moved.getTime()), this.nanos, this.zone);
  }

  since(other: Moment): Duration {
    return new Duration((this.ms - other.ms) * 1e6 + this.nanos - other.nanos);
  }

  /** Below 0 when it is earlier, above when it is later. */
  compare(other: Moment): number {
    return this.ms - other.ms || this.nanos - other.nanos;
  }

  private truncate({ ns }: Duration): Moment {
    if (ns <= 0) return this;
    return this.add(new Duration(-this.beyond(ns)));
  }

  private round({ ns }: Duration): Moment {
    if (ns <= 0) return this;
    const beyond = this.beyond(ns);
    return this.add(new Duration(beyond * 2 < ns ? -beyond : ns - beyond));
  }

  // Counted from Go's first moment, which no number of this language can tell in nanoseconds.
  private beyond(ns: number): number {
    const all = BigInt(this.ms - zeroMs) * 1_000_000n + BigInt(this.nanos);
    return Number(all % BigInt(Math.trunc(ns)));
  }

  toJSON(): string {
    return formatMoment(this, '2006-01-02T15:04:05.999999999Z07:00');
  }

  toString(): string {
    return formatMoment(this, '2006-01-02 15:04:05.999999999 -0700 MST');
  }
}
