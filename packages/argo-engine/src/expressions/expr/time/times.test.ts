import fc from 'fast-check';
import { evaluateExpression } from '../evaluate';
import { atMoment } from './clock';
import { formatMoment } from './formatMoment';
import { Duration, parseDuration } from './Duration';
import { Moment } from './Moment';
import { parseMoment } from './parseMoment';
import { zoneOf } from './Zone';

const moments = fc
  .date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9998-12-31T23:59:59Z'),
    noInvalidDate: true,
  })
  .map(date => new Moment(date.getTime()));

it('reads back what it writes, in every zone', () => {
  const layout = '2006-01-02T15:04:05.999999999Z07:00';
  const zones = ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/St_Johns'];
  fc.assert(
    fc.property(moments, fc.constantFrom(...zones), (moment, zone) => {
      // Before zones had whole minutes, an offset of seconds was lost on the way.
      fc.pre(moment.ms > Date.UTC(1950, 0));
      const there = new Moment(moment.ms, 0, zoneOf(zone));
      const again = parseMoment(layout, formatMoment(there, layout));
      expect(again.compare(moment)).toBe(0);
    }),
  );
});

it('reads back every duration that it writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e15, max: 1e15 }), ns => {
      const text = String(new Duration(ns));
      expect(Math.abs(parseDuration(text).ns - ns)).toBeLessThanOrEqual(1);
    }),
  );
});

it('ends with a time or a clear fault, whatever layout and text are', () => {
  const pieces = fc.constantFrom(
    ...['2006', '01', '_2', 'Jan', 'MST', '-07:00', '.999', '05', ' ', 'x'],
  );
  fc.assert(
    fc.property(
      fc.array(pieces).map(parts => parts.join('')),
      fc.string({ unit: 'binary' }),
      (layout, text) => {
        const end = (): string => {
          try {
            return parseMoment(layout, text).type;
          } catch (error) {
            return (error as Error).message;
          }
        };
        expect(end()).toMatch(/^time\.Time$|^parsing time |out of range/);
      },
    ),
  );
});

it('takes now() from the pass, so that a pass done again gives the same', () => {
  const at = Date.parse('2026-02-03T04:05:06Z');
  const source =
    'now().Format("2006-01-02 15:04:05") + sprig.date("Mon", sprig.now())';
  const first = atMoment(at, () => evaluateExpression(source, {}));
  expect(first).toBe('2026-02-03 04:05:06Tue');
  expect(atMoment(at, () => evaluateExpression(source, {}))).toBe(first);
});

it.each([
  ['now().Add("1h")', 'the argument'],
  ['now().Format(1)', 'the layout'],
  ['now().AddDate(1e9, 0, 0)', 'out of range'],
  ['now().AddDate("x", 0, 0)', 'out of range'],
  ['now().Truncate(duration("1h") * 1e300)', ''],
  ['now().constructor("return 1")', 'has no method constructor'],
  ['now().methods', 'type time.Time has no field methods'],
  ['"a".Year()', 'type string has no method Year'],
  ['nil.Year()', ''],
])('refuses %s', (source, message) => {
  expect(() => evaluateExpression(source, {})).toThrow(message);
});
