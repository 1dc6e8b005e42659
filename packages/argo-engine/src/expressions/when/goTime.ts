/* Dates in quotes: govaluate reads a text that is one as a number of seconds since 1970. */

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const day = String.raw`(\d{4})-(\d\d)-(\d\d)`;
const second = String.raw`:(\d\d)(?:[.,]\d+)?`;

/** Forms with year, month, day, hour, minute, second, zone, in this order. */
const forms = [
  new RegExp(`^${day}$`),
  new RegExp(`^${day} (\\d{1,2}):(\\d\\d)$`),
  new RegExp(`^${day} (\\d{1,2}):(\\d\\d)${second}([+-]\\d\\d:\\d\\d)?$`),
  new RegExp(`^${day}T(\\d{1,2}):(\\d\\d)${second}(Z|[+-]\\d\\d:?\\d\\d)$`),
  new RegExp(`^${day}T(\\d{1,2}):(\\d\\d)()(Z|[+-]\\d{4})$`),
  new RegExp(`^${day}T(\\d{1,2})()()(Z|[+-]\\d{4})$`),
];
const named =
  /^(?:sun|mon|tue|wed|thu|fri|sat) ([a-z]{3}) {1,2}(\d{1,2}) (\d{1,2}):(\d\d):(\d\d) (?:([a-z]{3,4}|[+-]\d{4}) )?(\d{4})$/i;
const kitchen = /^(\d{1,2}):(\d\d)([AP]M)$/;

/** Seconds since 1970 of a text that is a date, in UTC where it names no zone. */
export function secondsOf(text: string): number | undefined {
  for (const form of forms) {
    const found = form.exec(text);
    if (found) return seconds(found.slice(1, 7), found[7]);
  }
  const words = named.exec(text);
  if (words) {
    const [, month, date, hour, minute, second_, zone, year] = words;
    const index = months.indexOf(month.toLowerCase());
    return seconds([year, `${index + 1}`, date, hour, minute, second_], zone);
  }
  const clock = kitchen.exec(text);
  if (!clock || Number(clock[1]) > 12) return undefined;
  const hour = (Number(clock[1]) % 12) + (clock[3] === 'PM' ? 12 : 0);
  return seconds(['0', '1', '1', `${hour}`, clock[2]], undefined);
}

function seconds(
  parts: (string | undefined)[],
  zone: string | undefined,
): number | undefined {
  const [year, month, date, hour, minute, second_] = Array.from(
    { length: 6 },
    (_, i) => Number(parts[i] ?? 0),
  );
  if (hour > 23 || minute > 59 || second_ > 59) return undefined;
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, date);
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== date)
    return undefined;
  at.setUTCHours(hour, minute, second_);
  const offset = /^([+-])(\d\d):?(\d\d)$/.exec(zone ?? '');
  const minutes = offset
    ? Number(`${offset[1]}1`) * (Number(offset[2]) * 60 + Number(offset[3]))
    : 0;
  return at.getTime() / 1000 - minutes * 60;
}
