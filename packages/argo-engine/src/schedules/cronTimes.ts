/* Times of a cron schedule: those of robfig/cron v3, which Argo uses. */
import { ClockWalk } from './ClockWalk';
import { parseSchedule, timezoneFault, type Schedule } from './parseSchedule';
import { ZoneClock } from './ZoneClock';

/** When a CronWorkflow runs. @public */
export interface CronTimes {
  schedules: string[];
  /** IANA name. Default UTC. */
  timezone?: string;
}

/**
 * The next times after a moment, all schedules together, each once. A schedule that cannot be read has none.
 *
 * @public
 */
export function nextTimes(
  { schedules, timezone }: CronTimes,
  after: Date,
  count: number,
): Date[] {
  const times = new Set<number>();
  for (const schedule of schedules)
    for (const time of timesOf(schedule, timezone, after, count))
      times.add(time);
  return [...times]
    .sort((a, b) => a - b)
    .slice(0, count)
    .map(time => new Date(time));
}

/**
 * The last time at or before a moment and after another; undefined when there was none.
 *
 * @public
 */
export function lastTime(
  times: CronTimes,
  { after, until }: { after: Date; until: Date },
): Date | undefined {
  let from = after;
  let last: Date | undefined;
  // A long pause has many times in it; only the last one matters, so it is looked for in growing steps.
  for (let round = 0; round < 1_000; round++) {
    const [next] = nextTimes(times, from, 1);
    if (!next || next > until) break;
    last = next;
    const half = new Date((next.getTime() + until.getTime()) / 2);
    const [later] = nextTimes(times, half, 1);
    from = later && later <= until ? half : next;
  }
  return last;
}

function timesOf(
  text: string,
  timezone: string | undefined,
  after: Date,
  count: number,
): number[] {
  const schedule = readSchedule(text, timezone);
  if (!schedule) return [];
  if (schedule.kind === 'every') {
    const { everyMs } = schedule;
    // Counted from the beginning of time, so that a restart changes nothing.
    const first = (Math.floor(after.getTime() / everyMs) + 1) * everyMs;
    return Array.from({ length: count }, (_, i) => first + i * everyMs);
  }
  const clock = ZoneClock.of(schedule.zone ?? timezone ?? 'UTC');
  const times: number[] = [];
  let time: number | undefined = after.getTime();
  while (times.length < count) {
    time = new ClockWalk(schedule, clock, time).next();
    if (time === undefined) break;
    times.push(time);
  }
  return times;
}

function readSchedule(text: string, timezone?: string): Schedule | undefined {
  if (timezoneFault(timezone)) return undefined;
  try {
    return parseSchedule(text);
  } catch {
    return undefined;
  }
}
