/*
 * Times of a cron schedule. The fields are those of robfig/cron's ParseStandard, which Argo uses: five fields, names of months and
 * days, `@daily` and its like, `@every 1h30m`. Croner finds the times, daylight saving included.
 */
import { Cron } from 'croner';
import { goDuration } from '../operate/duration';

const descriptors = [
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
];

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const days = 'sun mon tue wed thu fri sat'.split(' ');

const bounds: { name: string; min: number; max: number; names?: string[] }[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: months },
  { name: 'day of week', min: 0, max: 6, names: days },
];

/** What is wrong with a schedule; undefined when it can be read. */
export function scheduleFault(text: string): string | undefined {
  if (text.startsWith('@every ')) {
    const every = goDuration(text.slice('@every '.length));
    return every === undefined || every < 1000
      ? `failed to parse duration ${text}: give at least 1s, as @every 1h30m`
      : undefined;
  }
  if (text.startsWith('@'))
    return descriptors.includes(text)
      ? undefined
      : `unrecognized descriptor: ${text}`;
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5)
    return `expected exactly 5 fields, found ${fields.length}: [${fields.join(
      ' ',
    )}]`;
  for (const [index, field] of fields.entries())
    for (const part of field.split(',')) {
      const fault = partFault(part, bounds[index]);
      if (fault) return fault;
    }
  return undefined;
}

function partFault(
  part: string,
  { name, min, max, names }: (typeof bounds)[number],
): string | undefined {
  const [range, step, ...rest] = part.split('/');
  if (rest.length > 0) return `too many slashes: ${part}`;
  if (step !== undefined && !/^[1-9]\d*$/.test(step))
    return `step of range should be a positive number: ${part}`;
  if (range === '*' || range === '?') return undefined;
  const ends = range.split('-');
  if (ends.length > 2) return `too many hyphens: ${part}`;
  const numbers: number[] = [];
  for (const end of ends) {
    const named = names?.indexOf(end.toLowerCase()) ?? -1;
    const number =
      named >= 0 ? named + (name === 'month' ? 1 : 0) : Number(end);
    if (!/^\d+$/.test(end) && named < 0)
      return `failed to parse ${name} from ${end}`;
    if (number < min)
      return `beginning of range (${number}) below minimum (${min}): ${part}`;
    if (number > max)
      return `end of range (${number}) above maximum (${max}): ${part}`;
    numbers.push(number);
  }
  return numbers.length === 2 && numbers[0] > numbers[1]
    ? `beginning of range (${numbers[0]}) beyond end of range (${numbers[1]}): ${part}`
    : undefined;
}

/** What is wrong with the name of a time zone. */
export function timezoneFault(zone: string | undefined): string | undefined {
  if (!zone) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) && undefined;
  } catch {
    return `unknown time zone ${zone}`;
  }
}

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
      times.add(time.getTime());
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
  schedule: string,
  timezone: string | undefined,
  after: Date,
  count: number,
): Date[] {
  if (scheduleFault(schedule) || timezoneFault(timezone)) return [];
  if (schedule.startsWith('@every ')) {
    const every = goDuration(schedule.slice('@every '.length))!;
    // Counted from the beginning of time, so that a restart changes nothing.
    const first = (Math.floor(after.getTime() / every) + 1) * every;
    return Array.from({ length: count }, (_, i) => new Date(first + i * every));
  }
  const cron = new Cron(schedule.replaceAll('?', '*'), {
    timezone: timezone || 'UTC',
    mode: '5-part',
  });
  return cron.nextRuns(count, after);
}
