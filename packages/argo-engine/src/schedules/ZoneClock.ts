/*
 * What clocks of a time zone show, and Go's way back: `time.Date` of a time that a change of the clocks leaves out moves on, and of a
 * time that comes twice is the first.
 */
const dayMs = 86_400_000;

/** Offsets of one day from UTC: one, or another from a moment on. */
interface Day {
  before: number;
  after: number;
  changesAt: number;
}

/** Days that are remembered of one zone. */
const keptDays = 4_000;

/** A time zone. All its times are milliseconds; a local one is what the clock shows, written as if it were UTC. */
export class ZoneClock {
  private static readonly known = new Map<string, ZoneClock>();
  private readonly days = new Map<number, Day>();
  private readonly format: Intl.DateTimeFormat;

  /** RangeError when there is no zone of this name. */
  static of(zone: string): ZoneClock {
    let clock = this.known.get(zone);
    if (!clock) this.known.set(zone, (clock = new ZoneClock(zone)));
    return clock;
  }

  private constructor(timeZone: string) {
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** What the clock shows at a moment. */
  toLocal(utc: number): number {
    return utc + this.offsetAt(utc);
  }

  /** The moment at which the clock shows a time. */
  toUtc(local: number): number {
    return local - this.offsetAt(local - this.offsetAt(local));
  }

  private offsetAt(utc: number): number {
    const number = Math.floor(utc / dayMs);
    let day = this.days.get(number);
    if (!day) {
      if (this.days.size >= keptDays) this.days.clear();
      this.days.set(number, (day = this.measure(number * dayMs)));
    }
    return utc < day.changesAt ? day.before : day.after;
  }

  private measure(start: number): Day {
    const before = this.ask(start);
    const after = this.ask(start + dayMs - 1000);
    if (before === after) return { before, after, changesAt: start };
    let same = start;
    let changesAt = start + dayMs - 1000;
    while (changesAt - same > 1000) {
      const half = same + Math.floor((changesAt - same) / 2000) * 1000;
      if (this.ask(half) === before) same = half;
      else changesAt = half;
    }
    return { before, after, changesAt };
  }

  private ask(utc: number): number {
    const shown = Object.fromEntries(
      this.format
        .formatToParts(utc)
        .map(({ type, value }) => [type, Number(value)]),
    );
    const { year, month, day, hour, minute, second } = shown;
    return Date.UTC(year, month - 1, day, hour, minute, second) - utc;
  }
}
