/* Functions of expr-lang that give times. */
import { createFunctions, type Functions } from '../functions';
import { presentMs } from './clock';
import { parseDuration } from './Duration';
import { Moment } from './Moment';
import { parseMoment, readMoment } from './parseMoment';
import { Zone, zoneOf } from './Zone';

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Error(
    `interface conversion: interface {} is ${typeof value}, not string`,
  );
}

/** `date([zone], text, [layout, [zone]])`. */
function date(...given: unknown[]): Moment {
  const [first, ...rest] = given;
  const zone = first instanceof Zone ? first : undefined;
  const [value, layout, name] = zone ? rest : given;
  if (value === undefined)
    throw new Error('invalid number of arguments (expected at least 1, got 0)');
  if (layout === undefined) return readMoment(text(value), zone);
  return parseMoment(
    text(layout),
    text(value),
    name === undefined ? zone : zoneOf(text(name)),
  );
}

export const timeFunctions: Functions = createFunctions({
  now: () => new Moment(presentMs()),
  date,
  duration: (value: unknown) => parseDuration(text(value)),
  timezone: (value: unknown) => zoneOf(text(value)),
});
