import { partsOf } from './layout';
import type { Moment } from './Moment';

const two = (value: number) => String(value).padStart(2, '0');

/** A moment as a layout of Go shows it. */
export function formatMoment(moment: Moment, layout: string): string {
  return partsOf(layout)
    .map(({ text, isTime }) => (isTime ? shown(moment, text) : text))
    .join('');
}

function shown(moment: Moment, part: string): string {
  const { local } = moment;
  const hour = local.getUTCHours();
  switch (part) {
    case '2006':
      return String(local.getUTCFullYear()).padStart(4, '0');
    case '06':
      return two(local.getUTCFullYear() % 100);
    case 'January':
      return String(moment.month);
    case 'Jan':
      return String(moment.month).slice(0, 3);
    case '1':
      return String(moment.month.number);
    case '01':
      return two(moment.month.number);
    case 'Monday':
      return String(moment.weekday);
    case 'Mon':
      return String(moment.weekday).slice(0, 3);
    case '2':
      return String(local.getUTCDate());
    case '_2':
      return String(local.getUTCDate()).padStart(2);
    case '02':
      return two(local.getUTCDate());
    case '__2':
      return String(moment.yearDay).padStart(3);
    case '002':
      return String(moment.yearDay).padStart(3, '0');
    case '15':
      return two(hour);
    case '3':
      return String(hour % 12 || 12);
    case '03':
      return two(hour % 12 || 12);
    case '4':
      return String(local.getUTCMinutes());
    case '04':
      return two(local.getUTCMinutes());
    case '5':
      return String(local.getUTCSeconds());
    case '05':
      return two(local.getUTCSeconds());
    case 'PM':
      return hour < 12 ? 'AM' : 'PM';
    case 'pm':
      return hour < 12 ? 'am' : 'pm';
    case 'MST':
      return moment.zone.nameAt(moment.ms) || shortOffset(moment.offset);
    default:
      return /^[.,]/.test(part)
        ? fraction(moment.nanosecond, part)
        : offset(moment.offset, part);
  }
}

// Go writes the hours alone when there are no minutes, where a zone of its database has no letters.
const shortOffset = (seconds: number) => offset(seconds, '-0700');

function fraction(nanosecond: number, part: string): string {
  const digits = String(nanosecond)
    .padStart(9, '0')
    .slice(0, part.length - 1);
  if (part[1] === '0') return part[0] + digits.padEnd(part.length - 1, '0');
  const kept = digits.replace(/0+$/, '');
  return kept && part[0] + kept;
}

function offset(seconds: number, part: string): string {
  if (part.startsWith('Z') && seconds === 0) return 'Z';
  const all = Math.abs(seconds);
  const [hours, minutes, rest] = [
    Math.floor(all / 3600),
    Math.floor(all / 60) % 60,
    all % 60,
  ].map(two);
  const by = part.includes(':') ? ':' : '';
  const length = part.replace(/\D/g, '').length;
  const fields = [hours, minutes, rest].slice(0, length / 2);
  return (seconds < 0 ? '-' : '+') + fields.join(by);
}
