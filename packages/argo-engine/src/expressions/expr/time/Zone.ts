/* Time zones as Go's `time.Location` has them. */
import { ZoneClock } from '../../../schedules/ZoneClock';
import { createFunctions } from '../functions';
import { GoValue } from '../GoValue';

/** A zone: how far its clocks are from UTC, and what it is called. */
export abstract class Zone extends GoValue {
  readonly type = '*time.Location';
  readonly methods = createFunctions({ String: () => this.toString() });
  /** Seconds that its clocks are ahead of UTC at a moment, in milliseconds since 1970. */
  abstract offsetAt(ms: number): number;
  /** The moment at which its clocks show a time, written as if it were UTC. */
  abstract toUtc(local: number): number;
  /** Its short name at a moment; empty when it has none. */
  abstract nameAt(ms: number): string;

  toJSON(): unknown {
    return {};
  }
}

/** A zone that is always as far from UTC. */
export class FixedZone extends Zone {
  constructor(private readonly name: string, private readonly seconds: number) {
    super();
  }

  offsetAt(): number {
    return this.seconds;
  }

  toUtc(local: number): number {
    return local - this.seconds * 1000;
  }

  nameAt(): string {
    return this.name;
  }

  toString(): string {
    return this.name;
  }
}

export const utc = new FixedZone('UTC', 0);

/** A zone of the time zone database. */
class NamedZone extends Zone {
  constructor(
    private readonly name: string,
    private readonly clock: ZoneClock,
  ) {
    super();
  }

  offsetAt(ms: number): number {
    return (this.clock.toLocal(ms) - ms) / 1000;
  }

  toUtc(local: number): number {
    return this.clock.toUtc(local);
  }

  // Each country's own English knows its own zones by letters. What none knows is told by its offset, as Go does for many.
  nameAt(ms: number): string {
    for (const language of ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA']) {
      const parts = new Intl.DateTimeFormat(language, {
        timeZone: this.name,
        timeZoneName: 'short',
      }).formatToParts(ms);
      const name = parts.find(({ type }) => type === 'timeZoneName')?.value;
      if (name && /^[A-Z]{3,5}$/.test(name)) return name;
    }
    return '';
  }

  toString(): string {
    return this.name;
  }
}

/** A zone by its name. Error in Go's words when there is none. */
export function zoneOf(name: string): Zone {
  if (name === '' || name === 'UTC' || name === 'Local') return utc;
  try {
    return new NamedZone(name, ZoneClock.of(name));
  } catch {
    throw new Error(`unknown time zone ${name}`);
  }
}
