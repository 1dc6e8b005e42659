/* Times of Sprig. Source: date.go of Sprig 3.3.0. */
import type { Functions } from './functions';
import { text } from './sprigValues';
import { presentMs } from './time/clock';
import { Duration, parseDuration } from './time/Duration';
import { formatMoment } from './time/formatMoment';
import { Moment } from './time/Moment';
import { parseMoment } from './time/parseMoment';
import { utc, zoneOf, type Zone } from './time/Zone';
import { typeName } from './values';

const hour = 3600e9;
const now = () => new Moment(presentMs());

// A number counts seconds since 1970; what is neither it nor a time is the present.
function momentOf(value: unknown): Moment {
  if (value instanceof Moment) return value;
  return Number.isInteger(value) ? new Moment(Number(value) * 1000) : now();
}

function moment(value: unknown): Moment {
  if (value instanceof Moment) return value;
  throw new Error(`reflect: Call using ${typeName(value)} as type time.Time`);
}

function inZone(layout: unknown, value: unknown, name: unknown): string {
  let zone: Zone = utc;
  try {
    zone = zoneOf(text(name));
  } catch {
    // Sprig takes UTC for a zone that nobody knows.
  }
  const { ms, nanos } = momentOf(value);
  return formatMoment(new Moment(ms, nanos, zone), text(layout));
}

const modified = (span: unknown, value: unknown) =>
  moment(value).add(parseDuration(text(span)));

function or<T>(otherwise: (...given: unknown[]) => T, work: typeof otherwise) {
  return (...given: unknown[]): T => {
    try {
      return work(...given);
    } catch {
      return otherwise(...given);
    }
  };
}

const parsed = (layout: unknown, value: unknown) =>
  parseMoment(text(layout), text(value));

function rounded(value: unknown): string {
  const ns = Math.abs(spanOf(value));
  const units: [string, number][] = [
    ['y', 24 * 365 * hour],
    ['mo', 24 * 30 * hour],
    ['d', 24 * hour],
    ['h', hour],
    ['m', hour / 60],
    ['s', hour / 3600],
  ];
  const unit = units.find(([, size]) => ns > size);
  return unit ? Math.floor(ns / unit[1]) + unit[0] : '0s';
}

function spanOf(value: unknown): number {
  if (value instanceof Moment) return now().since(value).ns;
  if (typeof value !== 'string') return 0;
  try {
    return parseDuration(value).ns;
  } catch {
    return 0;
  }
}

// Sprig reads a text, and a number of a kind that expressions do not have.
const seconds = (value: unknown) =>
  typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : 0;

const dateModify = or((_span, value) => moment(value), modified);

export const times: Functions = {
  now,
  date: (layout: unknown, value: unknown) => inZone(layout, value, 'Local'),
  dateInZone: inZone,
  date_in_zone: inZone,
  htmlDate: (value: unknown) => inZone('2006-01-02', value, 'Local'),
  htmlDateInZone: (value: unknown, zone: unknown) =>
    inZone('2006-01-02', value, zone),
  dateModify: (span: unknown, value: unknown) => dateModify(span, value),
  date_modify: (span: unknown, value: unknown) => dateModify(span, value),
  mustDateModify: modified,
  must_date_modify: modified,
  toDate: (layout: unknown, value: unknown) =>
    or(() => Moment.zero, parsed)(layout, value),
  mustToDate: parsed,
  unixEpoch: (value: unknown) => String(Math.floor(moment(value).ms / 1000)),
  duration: (value: unknown) => String(new Duration(seconds(value) * 1e9)),
  durationRound: rounded,
  ago: (value: unknown) => String(now().since(momentOf(value)).round(1e9)),
};
