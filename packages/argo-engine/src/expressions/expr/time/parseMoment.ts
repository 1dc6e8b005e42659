/* Reads a time by a layout, as Go's `time.Parse` and `time.ParseInLocation` do. */
import { partsOf, type LayoutPart } from './layout';
import { Moment, utcMs } from './Moment';
import { FixedZone, utc, type Zone } from './Zone';

/** Layouts that expr-lang's `date` tries, in its order. */
const usual = [
  '2006-01-02',
  '15:04:05',
  '2006-01-02 15:04:05',
  '2006-01-02T15:04:05Z07:00',
  '02 Jan 06 15:04 MST',
  'Monday, 02-Jan-06 15:04:05 MST',
  'Mon, 02 Jan 2006 15:04:05 MST',
];

const monthNames = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** What was read so far. */
interface Found {
  year: number;
  month: number;
  day: number;
  yearDay?: number;
  hour: number;
  minute: number;
  second: number;
  nanos: number;
  isAfternoon?: boolean;
  zone?: Zone;
}

/** A time in any of the usual layouts. Error when it is in none of them. */
export function readMoment(text: string, zone?: Zone): Moment {
  for (const layout of usual)
    try {
      return parseMoment(layout, text, zone);
    } catch {
      // The next layout may fit.
    }
  throw new Error(`invalid date ${text}`);
}

/** A time by its layout; where it names no zone, it is of the one given. Error in Go's words when it does not fit. */
export function parseMoment(
  layout: string,
  text: string,
  zone: Zone = utc,
): Moment {
  const found: Found = {
    year: 0,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    nanos: 0,
  };
  const fault = (why: string) =>
    new Error(`parsing time ${JSON.stringify(text)}${why}`);
  let rest = text;
  const parts = partsOf(layout);
  parts.forEach((part, index) => {
    const next = take(part, parts[index + 1], rest, found);
    if (next === undefined)
      throw fault(
        ` as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(
          rest,
        )} as ${JSON.stringify(part.text)}`,
      );
    rest = next;
  });
  if (rest !== '') throw fault(`: extra text: ${JSON.stringify(rest)}`);
  const outside = outOfRange(found);
  if (outside) throw fault(`: ${outside} out of range`);
  return momentOf(found, zone);
}

/** What is left of a text behind a part; undefined when it does not begin with it. */
function take(
  { text: part, isTime }: LayoutPart,
  next: LayoutPart | undefined,
  rest: string,
  found: Found,
): string | undefined {
  if (!isTime)
    return rest.startsWith(part) ? rest.slice(part.length) : undefined;
  const match = patternOf(part).exec(rest);
  if (!match) return undefined;
  keep(part, match[0].trim(), found);
  let behind = rest.slice(match[0].length);
  // A fraction may follow the seconds though the layout has none.
  const hasFraction = next !== undefined && /^[.,]/.test(next.text);
  const extra = /^0?5$/.test(part) && !hasFraction && /^[.,]\d+/.exec(behind);
  if (extra) {
    found.nanos = nanosOf(extra[0]);
    behind = behind.slice(extra[0].length);
  }
  return behind;
}

function patternOf(part: string): RegExp {
  switch (part) {
    case '2006':
      return /^\d{4}/;
    case 'January':
      return /^(january|february|march|april|may|june|july|august|september|october|november|december)/i;
    case 'Jan':
      return /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/i;
    case 'Monday':
      return /^(sun|mon|tues|wednes|thurs|fri|satur)day/i;
    case 'Mon':
      return /^(sun|mon|tue|wed|thu|fri|sat)/i;
    case '01':
    case '02':
    case '03':
    case '04':
    case '05':
    case '06':
      return /^\d\d/;
    case '_2':
      return /^ ?\d\d?/;
    case '__2':
      return /^ {0,2}\d{1,3}/;
    case '002':
      return /^\d{3}/;
    case 'PM':
      return /^[AP]M/;
    case 'pm':
      return /^[ap]m/;
    case 'MST':
      return /^([A-Z]{3,5}|[+-]\d\d(\d\d)?)/;
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '15':
      return /^\d\d?/;
    default:
      return /^[.,]/.test(part) ? fractionPattern(part) : offsetPattern(part);
  }
}

const fractionPattern = (part: string) =>
  part[1] === '0' ? new RegExp(`^[.,]\\d{${part.length - 1}}`) : /^([.,]\d+)?/;

function offsetPattern(part: string): RegExp {
  const by = part.includes(':') ? ':' : '';
  const count = part.replace(/\D/g, '').length / 2;
  const digits = Array(count).fill('\\d\\d').join(by);
  return new RegExp(`^(${part.startsWith('Z') ? 'Z|' : ''}[+-]${digits})`);
}

function keep(part: string, text: string, found: Found): void {
  const number = Number(text);
  if (part === '2006') found.year = number;
  else if (part === '06') found.year = number + (number < 69 ? 2000 : 1900);
  else if (part.startsWith('Jan'))
    found.month = monthNames.indexOf(text.slice(0, 3).toLowerCase()) + 1;
  else if (/^0?1$/.test(part)) found.month = number;
  else if (/^[_0]?2$/.test(part)) found.day = number;
  else if (part === '002' || part === '__2') found.yearDay = number;
  else if (part === '15' || /^0?3$/.test(part)) found.hour = number;
  else if (/^0?4$/.test(part)) found.minute = number;
  else if (/^0?5$/.test(part)) found.second = number;
  else if (/^pm$/i.test(part)) found.isAfternoon = /^p/i.test(text);
  else if (part === 'MST') found.zone ??= zoneCalled(text);
  else if (/^[.,]/.test(part)) found.nanos = nanosOf(text);
  else if (/07/.test(part)) found.zone = zoneAt(text);
}

const nanosOf = (text: string) =>
  Number(text.slice(1).padEnd(9, '0').slice(0, 9));

// A zone by letters is not known by them, so Go takes it for one without an offset.
const zoneCalled = (name: string) =>
  name === 'UTC' ? utc : new FixedZone(name, 0);

function zoneAt(text: string): Zone {
  if (text === 'Z') return utc;
  const [hours, minutes = 0, seconds = 0] = text
    .slice(1)
    .replace(/:/g, '')
    .match(/\d\d/g)!
    .map(Number);
  const all = hours * 3600 + minutes * 60 + seconds;
  return all === 0 ? utc : new FixedZone('', text[0] === '-' ? -all : all);
}

function outOfRange(found: Found): string | undefined {
  const { year, month, day, yearDay, hour, minute, second } = found;
  const date = new Date(utcMs(year, month, day));
  if (month < 1 || month > 12) return 'month';
  if (day < 1 || date.getUTCDate() !== day) return 'day';
  if (yearDay !== undefined && (yearDay < 1 || yearDay > 366))
    return 'day-of-year';
  if (hour > 23 || (found.isAfternoon !== undefined && hour > 12))
    return 'hour';
  if (minute > 59) return 'minute';
  return second > 59 ? 'second' : undefined;
}

function momentOf(found: Found, given: Zone): Moment {
  const { year, month, day, yearDay, minute, second, nanos } = found;
  const { isAfternoon, zone = given } = found;
  let { hour } = found;
  if (isAfternoon === true && hour < 12) hour += 12;
  if (isAfternoon === false && hour === 12) hour = 0;
  const [inMonth, inDay] = yearDay === undefined ? [month, day] : [1, yearDay];
  const local = utcMs(year, inMonth, inDay, hour, minute, second);
  return new Moment(
    zone.toUtc(local + Math.floor(nanos / 1e6)),
    nanos % 1e6,
    zone,
  );
}
