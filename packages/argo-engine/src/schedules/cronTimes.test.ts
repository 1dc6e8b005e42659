import fc from 'fast-check';
import { lastTime, nextTimes, scheduleMayRun, scheduleStops } from '../index';

const iso = (times: Date[]) => times.map(time => time.toISOString());

describe('times of a schedule', () => {
  it('follow the clock of the time zone over a change of the clocks', () => {
    // 25 October 2026: 3:00 becomes 2:00 in Berlin.
    expect(
      iso(
        nextTimes(
          { schedules: ['30 9 * * *'], timezone: 'Europe/Berlin' },
          new Date('2026-10-24T00:00:00Z'),
          3,
        ),
      ),
    ).toEqual([
      '2026-10-24T07:30:00.000Z',
      '2026-10-25T08:30:00.000Z',
      '2026-10-26T08:30:00.000Z',
    ]);
  });

  it('of several schedules come together, each once', () => {
    expect(
      iso(
        nextTimes(
          { schedules: ['0 * * * *', '*/30 * * * *', '@hourly'] },
          new Date('2026-01-01T00:00:00Z'),
          4,
        ),
      ),
    ).toEqual([
      '2026-01-01T00:30:00.000Z',
      '2026-01-01T01:00:00.000Z',
      '2026-01-01T01:30:00.000Z',
      '2026-01-01T02:00:00.000Z',
    ]);
  });

  it('of a day that does not exist never come', () => {
    expect(
      nextTimes(
        { schedules: ['0 0 31 2 *'] },
        new Date('2026-01-01T00:00:00Z'),
        5,
      ),
    ).toEqual([]);
  });

  it('with a day of the month and of the week come on either', () => {
    expect(
      iso(
        nextTimes(
          { schedules: ['0 0 13 * fri'] },
          new Date('2026-11-01T00:00:00Z'),
          3,
        ),
      ),
    ).toEqual([
      '2026-11-06T00:00:00.000Z',
      '2026-11-13T00:00:00.000Z',
      '2026-11-20T00:00:00.000Z',
    ]);
  });

  it('grow, lie after the moment, and the last missed one is the last of them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          '*/7 * * * *',
          '5 4 * * 1-5',
          '@every 17m',
          '0 0 1 */3 *',
          '15,45 8-18 * * *',
        ),
        fc.date({
          min: new Date('2025-01-01'),
          max: new Date('2027-01-01'),
          noInvalidDate: true,
        }),
        fc.integer({ min: 1, max: 60 * 24 }),
        (schedule, after, minutes) => {
          const until = new Date(after.getTime() + minutes * 60_000);
          const times = nextTimes({ schedules: [schedule] }, after, 300);
          expect(times.every(time => time > after)).toBe(true);
          expect([...times].sort((a, b) => a.getTime() - b.getTime())).toEqual(
            times,
          );
          expect(lastTime({ schedules: [schedule] }, { after, until })).toEqual(
            times.filter(time => time <= until).at(-1),
          );
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('conditions of a schedule', () => {
  const facts = {
    name: 'nightly',
    namespace: 'default',
    labels: {},
    annotations: {},
    succeeded: 2,
    failed: 3,
  };
  const now = new Date('2026-01-01T00:10:00Z');

  it.each([
    [undefined, true],
    ['{{= cronworkflow.failed < 3 }}', false],
    ['{{cronworkflow.succeeded}} == 2', true],
    ['{{= cronworkflow.lastScheduledTime == nil }}', true],
  ])('%s lets it run: %s', (when, expected) => {
    expect(scheduleMayRun(when, facts, now)).toBe(expected);
  });

  it('can ask how long ago the last run was', () => {
    const when =
      '{{= cronworkflow.lastScheduledTime == nil || (now() - cronworkflow.lastScheduledTime).Seconds() > 360 }}';
    const at = (time: string) =>
      scheduleMayRun(
        when,
        { ...facts, lastScheduledTime: new Date(time) },
        now,
      );
    expect(at('2026-01-01T00:00:00Z')).toBe(true);
    expect(at('2026-01-01T00:08:00Z')).toBe(false);
  });

  it('end it for good after too many failures', () => {
    const strategy = { expression: 'cronworkflow.failed >= 3' };
    expect(scheduleStops(strategy, facts, now)).toBe(true);
    expect(scheduleStops(strategy, { ...facts, failed: 2 }, now)).toBe(false);
    expect(scheduleStops(undefined, facts, now)).toBe(false);
  });
});
