/*
 * The next time of a schedule as robfig/cron v3 finds it (SpecSchedule.Next of spec.go): the month moves on until it fits, then the
 * day, the hour, the minute. So where clocks change, a time that is left out does not come that day, and one that is doubled comes
 * twice.
 */
import type { Schedule } from './parseSchedule';
import type { ZoneClock } from './ZoneClock';

const secondMs = 1000;
const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** A time that is not met in so many years is never met: 30 February. */
const longestYears = 5;

type ClockSchedule = Extract<Schedule, { kind: 'clock' }>;

export class ClockWalk {
  private time: number;
  // Once a unit has moved on, the smaller ones have begun anew.
  private moved = false;

  constructor(
    private readonly schedule: ClockSchedule,
    private readonly clock: ZoneClock,
    after: number,
  ) {
    this.time = Math.floor(after / secondMs) * secondMs + secondMs;
  }

  /** The first time after the moment; undefined when there is none. */
  next(): number | undefined {
    const lastYear = this.shown().getUTCFullYear() + longestYears;
    while (this.shown().getUTCFullYear() <= lastYear)
      if (
        this.toMonth() &&
        this.toDay() &&
        this.toHour() &&
        this.toMinute() &&
        this.toFullMinute()
      )
        return this.time;
    return undefined;
  }

  /** What the clock shows, read by the UTC methods. */
  private shown(): Date {
    return new Date(this.clock.toLocal(this.time));
  }

  // Each of these is false when it led into the next larger unit, which then must be looked at again.

  private toMonth(): boolean {
    while (!this.schedule.month.values.has(this.shown().getUTCMonth() + 1)) {
      this.beginOf('month');
      const later = this.shown();
      later.setUTCMonth(later.getUTCMonth() + 1);
      this.time = this.clock.toUtc(later.getTime());
      if (later.getUTCMonth() === 0) return false;
    }
    return true;
  }

  private toDay(): boolean {
    while (!isOnDay(this.schedule, this.shown())) {
      this.beginOf('day');
      this.time = this.nextMidnight();
      if (this.shown().getUTCDate() === 1) return false;
    }
    return true;
  }

  private toHour(): boolean {
    while (!this.schedule.hour.values.has(this.shown().getUTCHours())) {
      this.beginOf('hour');
      this.time += hourMs;
      if (this.shown().getUTCHours() === 0) return false;
    }
    return true;
  }

  private toMinute(): boolean {
    while (!this.schedule.minute.values.has(this.shown().getUTCMinutes())) {
      if (!this.moved) this.time = Math.floor(this.time / minuteMs) * minuteMs;
      this.moved = true;
      this.time += minuteMs;
      if (this.shown().getUTCMinutes() === 0) return false;
    }
    return true;
  }

  private toFullMinute(): boolean {
    const over = this.time % minuteMs;
    if (over === 0) return true;
    this.moved = true;
    this.time += minuteMs - over;
    return false;
  }

  private beginOf(unit: 'month' | 'day' | 'hour'): void {
    if (this.moved) return;
    this.moved = true;
    const begin = this.shown();
    if (unit === 'month') begin.setUTCDate(1);
    begin.setUTCHours(unit === 'hour' ? begin.getUTCHours() : 0, 0, 0, 0);
    this.time = this.clock.toUtc(begin.getTime());
  }

  private nextMidnight(): number {
    let next = this.clock.toUtc(this.clock.toLocal(this.time) + dayMs);
    // Where midnight is left out or doubled the clock shows another hour.
    const hour = new Date(this.clock.toLocal(next)).getUTCHours();
    next += (hour > 12 ? 24 - hour : -hour) * hourMs;
    // A day that is left out as a whole (Samoa, 2011) would be met again and again.
    return next > this.time ? next : this.time + dayMs;
  }
}

function isOnDay({ dayOfMonth, dayOfWeek }: ClockSchedule, day: Date): boolean {
  const ofMonth = dayOfMonth.values.has(day.getUTCDate());
  const ofWeek = dayOfWeek.values.has(day.getUTCDay());
  return dayOfMonth.star || dayOfWeek.star
    ? ofMonth && ofWeek
    : ofMonth || ofWeek;
}
