/*
 * A schedule as robfig/cron v3 reads it with ParseStandard, which Argo uses: five fields, names of months and days, `@daily` and its
 * like, `@every 1h30m`, `CRON_TZ=`. Its words for faults are the same. Source: parser.go.
 */
import { goDuration } from '../operate/duration';

/** When a schedule comes: at times of the clock, or once in so many milliseconds. */
export type Schedule =
  | {
      kind: 'clock';
      zone?: string;
      minute: Field;
      hour: Field;
      dayOfMonth: Field;
      month: Field;
      dayOfWeek: Field;
    }
  | { kind: 'every'; everyMs: number };

/** Values of a field, and whether it was a star: such a day does not widen the other day. */
export interface Field {
  values: Set<number>;
  star: boolean;
}

interface Bounds {
  min: number;
  max: number;
  names?: string[];
}

const bounds: Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  {
    min: 1,
    max: 12,
    names: ' jan feb mar apr may jun jul aug sep oct nov dec'.split(' '),
  },
  { min: 0, max: 6, names: 'sun mon tue wed thu fri sat'.split(' ') },
];

const descriptors: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** What a schedule says. Error with the words of robfig/cron when it cannot be read. */
export function parseSchedule(text: string): Schedule {
  if (text === '') throw new Error('empty spec string');
  const zoned = /^(?:CRON_)?TZ=(\S*)(\s+[^]*)?$/.exec(text);
  const zone = zoned?.[1];
  if (zone && timezoneFault(zone))
    throw new Error(`provided bad location ${zone}: ${timezoneFault(zone)}`);
  const spec = zoned ? (zoned[2] ?? '').trim() : text;
  if (spec.startsWith('@every ')) return parseEvery(spec);
  if (spec.startsWith('@') && !Object.hasOwn(descriptors, spec))
    throw new Error(`unrecognized descriptor: ${spec}`);
  const fields = (descriptors[spec] ?? spec).split(/\s+/).filter(Boolean);
  if (fields.length !== 5)
    throw new Error(
      `expected exactly 5 fields, found ${fields.length}: [${fields.join(
        ' ',
      )}]`,
    );
  const [minute, hour, dayOfMonth, month, dayOfWeek] = fields.map(
    (field, index) => parseField(field, bounds[index]),
  );
  return {
    kind: 'clock',
    ...(zone ? { zone } : {}),
    minute,
    hour,
    dayOfMonth,
    month,
    dayOfWeek,
  };
}

function parseEvery(spec: string): Schedule {
  const text = spec.slice('@every '.length);
  // What is a duration for Argo is more than what is one for Go: days, and a number alone.
  const everyMs = /^[-+]?\d+$|d/.test(text) ? undefined : goDuration(text);
  if (everyMs === undefined)
    throw new Error(
      `failed to parse duration ${spec}: time: ${durationFault(text)}`,
    );
  return {
    kind: 'every',
    everyMs: Math.max(1, Math.floor(everyMs / 1000)) * 1000,
  };
}

function durationFault(text: string): string {
  const quoted = JSON.stringify(text);
  const [, number, unit] =
    /^[-+]?(?:\d+(?:\.\d*)?(?:ns|us|µs|μs|ms|s|m|h)(?=[\d.]|$))*(\d+(?:\.\d*)?|\.\d+)?([^\d.]*)/.exec(
      text,
    )!;
  if (number === undefined) return `invalid duration ${quoted}`;
  return unit
    ? `unknown unit ${JSON.stringify(unit)} in duration ${quoted}`
    : `missing unit in duration ${quoted}`;
}

function parseField(text: string, limits: Bounds): Field {
  const field: Field = { values: new Set(), star: false };
  for (const part of text.split(',').filter(Boolean)) {
    const { start, end, step, star } = parseRange(part, limits);
    for (let value = start; value <= end; value += step)
      field.values.add(value);
    field.star ||= star;
  }
  return field;
}

function parseRange(part: string, { min, max, names }: Bounds) {
  const [range, stepText, ...more] = part.split('/');
  const ends = range.split('-');
  const star = ends[0] === '*' || ends[0] === '?';
  const start = star ? min : parseNumber(ends[0], names);
  if (!star && ends.length > 2) throw new Error(`too many hyphens: ${part}`);
  let end = star ? max : start;
  if (!star && ends.length === 2) end = parseNumber(ends[1], names);
  if (more.length > 0) throw new Error(`too many slashes: ${part}`);
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  // `5/20` is from 5 to the end.
  if (stepText !== undefined && ends.length === 1) end = max;
  if (start < min)
    throw new Error(
      `beginning of range (${start}) below minimum (${min}): ${part}`,
    );
  if (end > max)
    throw new Error(`end of range (${end}) above maximum (${max}): ${part}`);
  if (start > end)
    throw new Error(
      `beginning of range (${start}) beyond end of range (${end}): ${part}`,
    );
  if (step === 0)
    throw new Error(`step of range should be a positive number: ${part}`);
  return { start, end, step, star: star && step === 1 };
}

function parseNumber(text: string, names?: string[]): number {
  const named = text === '' ? -1 : names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return named;
  if (!/^[-+]?\d+$/.test(text))
    throw new Error(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(
        text,
      )}: invalid syntax`,
    );
  const number = Number(text);
  if (!Number.isSafeInteger(number))
    throw new Error(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(
        text,
      )}: value out of range`,
    );
  if (number < 0)
    throw new Error(`negative number (${number}) not allowed: ${text}`);
  return number;
}

/** What is wrong with a schedule; undefined when it can be read. */
export function scheduleFault(text: string): string | undefined {
  try {
    return parseSchedule(text) && undefined;
  } catch (error) {
    return (error as Error).message;
  }
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
