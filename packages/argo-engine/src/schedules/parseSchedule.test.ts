/*
 * Times and faults of robfig/cron v3.0.1, which argo-workflows v4 requires, written down by tests/oracles/schedules.go.txt.
 */
import { nextTimes } from './cronTimes';
import { scheduleFault } from './parseSchedule';

const short = (time: Date) => time.toISOString().replace('.000Z', 'Z');

describe('times over changes of the clocks and of odd fields', () => {
  it.each([
    [
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      '2026-03-30T00:30:00Z 2026-03-31T00:30:00Z 2026-04-01T00:30:00Z 2026-04-02T00:30:00Z',
    ],
    [
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-29T00:30:00Z',
      '2026-03-30T00:30:00Z 2026-03-31T00:30:00Z 2026-04-01T00:30:00Z 2026-04-02T00:30:00Z',
    ],
    [
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      '2026-10-25T00:30:00Z 2026-10-25T01:30:00Z 2026-10-26T01:30:00Z 2026-10-27T01:30:00Z',
    ],
    [
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-25T00:50:00Z',
      '2026-10-25T01:30:00Z 2026-10-26T01:30:00Z 2026-10-27T01:30:00Z 2026-10-28T01:30:00Z',
    ],
    [
      '15 2,3 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      '2026-03-29T01:15:00Z 2026-03-30T00:15:00Z 2026-03-30T01:15:00Z 2026-03-31T00:15:00Z',
    ],
    [
      '15 2,3 * * *',
      'Europe/Berlin',
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:15:00Z 2026-03-30T00:15:00Z 2026-03-30T01:15:00Z 2026-03-31T00:15:00Z',
    ],
    [
      '15 2,3 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      '2026-10-25T00:15:00Z 2026-10-25T01:15:00Z 2026-10-25T02:15:00Z 2026-10-26T01:15:00Z',
    ],
    [
      '15 2,3 * * *',
      'Europe/Berlin',
      '2026-10-25T00:50:00Z',
      '2026-10-25T01:15:00Z 2026-10-25T02:15:00Z 2026-10-26T01:15:00Z 2026-10-26T02:15:00Z',
    ],
    [
      '*/15 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      '2026-03-30T00:00:00Z 2026-03-30T00:15:00Z 2026-03-30T00:30:00Z 2026-03-30T00:45:00Z',
    ],
    [
      '*/15 2 * * *',
      'Europe/Berlin',
      '2026-03-29T00:30:00Z',
      '2026-03-30T00:00:00Z 2026-03-30T00:15:00Z 2026-03-30T00:30:00Z 2026-03-30T00:45:00Z',
    ],
    [
      '*/15 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      '2026-10-25T00:00:00Z 2026-10-25T00:15:00Z 2026-10-25T00:30:00Z 2026-10-25T00:45:00Z',
    ],
    [
      '*/15 2 * * *',
      'Europe/Berlin',
      '2026-10-25T00:50:00Z',
      '2026-10-25T01:00:00Z 2026-10-25T01:15:00Z 2026-10-25T01:30:00Z 2026-10-25T01:45:00Z',
    ],
    [
      '0 * * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      '2026-03-28T13:00:00Z 2026-03-28T14:00:00Z 2026-03-28T15:00:00Z 2026-03-28T16:00:00Z',
    ],
    [
      '0 * * * *',
      'Europe/Berlin',
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:00:00Z 2026-03-29T02:00:00Z 2026-03-29T03:00:00Z 2026-03-29T04:00:00Z',
    ],
    [
      '0 * * * *',
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      '2026-10-24T13:00:00Z 2026-10-24T14:00:00Z 2026-10-24T15:00:00Z 2026-10-24T16:00:00Z',
    ],
    [
      '0 * * * *',
      'Europe/Berlin',
      '2026-10-25T00:50:00Z',
      '2026-10-25T01:00:00Z 2026-10-25T02:00:00Z 2026-10-25T03:00:00Z 2026-10-25T04:00:00Z',
    ],
    [
      '0 3 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      '2026-03-29T01:00:00Z 2026-03-30T01:00:00Z 2026-03-31T01:00:00Z 2026-04-01T01:00:00Z',
    ],
    [
      '0 3 * * *',
      'Europe/Berlin',
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:00:00Z 2026-03-30T01:00:00Z 2026-03-31T01:00:00Z 2026-04-01T01:00:00Z',
    ],
    [
      '0 3 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      '2026-10-25T02:00:00Z 2026-10-26T02:00:00Z 2026-10-27T02:00:00Z 2026-10-28T02:00:00Z',
    ],
    [
      '0 3 * * *',
      'Europe/Berlin',
      '2026-10-25T00:50:00Z',
      '2026-10-25T02:00:00Z 2026-10-26T02:00:00Z 2026-10-27T02:00:00Z 2026-10-28T02:00:00Z',
    ],
    [
      '0 */2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      '2026-03-28T13:00:00Z 2026-03-28T15:00:00Z 2026-03-28T17:00:00Z 2026-03-28T19:00:00Z',
    ],
    [
      '0 */2 * * *',
      'Europe/Berlin',
      '2026-03-29T00:30:00Z',
      '2026-03-29T02:00:00Z 2026-03-29T04:00:00Z 2026-03-29T06:00:00Z 2026-03-29T08:00:00Z',
    ],
    [
      '0 */2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      '2026-10-24T14:00:00Z 2026-10-24T16:00:00Z 2026-10-24T18:00:00Z 2026-10-24T20:00:00Z',
    ],
    [
      '0 */2 * * *',
      'Europe/Berlin',
      '2026-10-25T00:50:00Z',
      '2026-10-25T01:00:00Z 2026-10-25T03:00:00Z 2026-10-25T05:00:00Z 2026-10-25T07:00:00Z',
    ],
    [
      '30 2 * * *',
      'America/New_York',
      '2026-03-08T05:00:00Z',
      '2026-03-09T06:30:00Z 2026-03-10T06:30:00Z 2026-03-11T06:30:00Z 2026-03-12T06:30:00Z',
    ],
    [
      '30 2 * * *',
      'America/New_York',
      '2026-11-01T05:45:00Z',
      '2026-11-01T07:30:00Z 2026-11-02T07:30:00Z 2026-11-03T07:30:00Z 2026-11-04T07:30:00Z',
    ],
    [
      '*/45 1,2 * * *',
      'America/New_York',
      '2026-03-08T05:00:00Z',
      '2026-03-08T06:00:00Z 2026-03-08T06:45:00Z 2026-03-09T05:00:00Z 2026-03-09T05:45:00Z',
    ],
    [
      '*/45 1,2 * * *',
      'America/New_York',
      '2026-11-01T05:45:00Z',
      '2026-11-01T06:00:00Z 2026-11-01T06:45:00Z 2026-11-01T07:00:00Z 2026-11-01T07:45:00Z',
    ],
    [
      '30 1 * * *',
      'America/New_York',
      '2026-03-08T05:00:00Z',
      '2026-03-08T06:30:00Z 2026-03-09T05:30:00Z 2026-03-10T05:30:00Z 2026-03-11T05:30:00Z',
    ],
    [
      '30 1 * * *',
      'America/New_York',
      '2026-11-01T05:45:00Z',
      '2026-11-01T06:30:00Z 2026-11-02T06:30:00Z 2026-11-03T06:30:00Z 2026-11-04T06:30:00Z',
    ],
    [
      '*/20 * * * *',
      'Australia/Lord_Howe',
      '2026-04-04T14:00:00Z',
      '2026-04-04T14:20:00Z 2026-04-04T14:40:00Z 2026-04-04T15:10:00Z 2026-04-04T15:30:00Z',
    ],
    [
      '*/20 * * * *',
      'Australia/Lord_Howe',
      '2026-10-03T14:00:00Z',
      '2026-10-03T14:10:00Z 2026-10-03T14:30:00Z 2026-10-03T14:50:00Z 2026-10-03T15:10:00Z',
    ],
    [
      '45 1-3 * * *',
      'Australia/Lord_Howe',
      '2026-04-04T14:00:00Z',
      '2026-04-04T14:45:00Z 2026-04-04T15:15:00Z 2026-04-04T16:15:00Z 2026-04-04T17:15:00Z',
    ],
    [
      '45 1-3 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T14:00:00Z',
      '2026-10-03T15:15:00Z 2026-10-03T15:45:00Z 2026-10-03T16:45:00Z 2026-10-04T14:45:00Z',
    ],
    [
      '30 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-04T14:00:00Z',
      '2026-04-04T14:30:00Z 2026-04-04T15:00:00Z 2026-04-05T15:00:00Z 2026-04-06T15:00:00Z',
    ],
    [
      '30 1 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T14:00:00Z',
      '2026-10-03T15:00:00Z 2026-10-03T15:30:00Z 2026-10-04T14:30:00Z 2026-10-05T14:30:00Z',
    ],
    [
      '@daily',
      'America/Sao_Paulo',
      '2018-11-03T22:00:00Z',
      '2018-11-05T02:00:00Z 2018-11-06T02:00:00Z 2018-11-07T02:00:00Z 2018-11-08T02:00:00Z',
    ],
    [
      '30 0 * * *',
      'America/Sao_Paulo',
      '2018-11-03T22:00:00Z',
      '2018-11-05T02:30:00Z 2018-11-06T02:30:00Z 2018-11-07T02:30:00Z 2018-11-08T02:30:00Z',
    ],
    [
      '5 0 * * sun',
      'America/Sao_Paulo',
      '2018-11-03T22:00:00Z',
      '2018-11-11T02:05:00Z 2018-11-18T02:05:00Z 2018-11-25T02:05:00Z 2018-12-02T02:05:00Z',
    ],
    [
      '@daily',
      'Africa/Cairo',
      '2026-04-23T20:00:00Z',
      '2026-04-24T21:00:00Z 2026-04-25T21:00:00Z 2026-04-26T21:00:00Z 2026-04-27T21:00:00Z',
    ],
    [
      '@daily',
      'Africa/Cairo',
      '2026-10-29T20:00:00Z',
      '2026-10-29T22:00:00Z 2026-10-30T22:00:00Z 2026-10-31T22:00:00Z 2026-11-01T22:00:00Z',
    ],
    [
      '30 0 * * *',
      'Africa/Cairo',
      '2026-04-23T20:00:00Z',
      '2026-04-24T21:30:00Z 2026-04-25T21:30:00Z 2026-04-26T21:30:00Z 2026-04-27T21:30:00Z',
    ],
    [
      '30 0 * * *',
      'Africa/Cairo',
      '2026-10-29T20:00:00Z',
      '2026-10-29T22:30:00Z 2026-10-30T22:30:00Z 2026-10-31T22:30:00Z 2026-11-01T22:30:00Z',
    ],
    [
      '0 23 * 3,10 sat-sat',
      'Africa/Cairo',
      '2026-04-23T20:00:00Z',
      '2026-10-03T20:00:00Z 2026-10-10T20:00:00Z 2026-10-17T20:00:00Z 2026-10-24T20:00:00Z',
    ],
    [
      '0 23 * 3,10 sat-sat',
      'Africa/Cairo',
      '2026-10-29T20:00:00Z',
      '2026-10-31T21:00:00Z 2027-03-06T21:00:00Z 2027-03-13T21:00:00Z 2027-03-20T21:00:00Z',
    ],
    [
      '@daily',
      'America/Asuncion',
      '2024-10-05T12:00:00Z',
      '2024-10-07T03:00:00Z 2024-10-08T03:00:00Z 2024-10-09T03:00:00Z 2024-10-10T03:00:00Z',
    ],
    [
      '0 0 ? * 3',
      'America/Asuncion',
      '2024-10-05T12:00:00Z',
      '2024-10-09T03:00:00Z 2024-10-16T03:00:00Z 2024-10-23T03:00:00Z 2024-10-30T03:00:00Z',
    ],
    [
      '0 2 */2 * *',
      'UTC',
      '2026-10-24T12:00:00Z',
      '2026-10-25T02:00:00Z 2026-10-27T02:00:00Z 2026-10-29T02:00:00Z 2026-10-31T02:00:00Z',
    ],
    [
      '0 0 29 2 *',
      'UTC',
      '2026-10-24T12:00:00Z',
      '2028-02-29T00:00:00Z 2032-02-29T00:00:00Z 2036-02-29T00:00:00Z 2040-02-29T00:00:00Z',
    ],
    [
      '0 0 */10 * *',
      'UTC',
      '2026-10-24T12:00:00Z',
      '2026-10-31T00:00:00Z 2026-11-01T00:00:00Z 2026-11-11T00:00:00Z 2026-11-21T00:00:00Z',
    ],
    [
      '7/13 * * * *',
      'UTC',
      '2026-10-24T12:00:00Z',
      '2026-10-24T12:07:00Z 2026-10-24T12:20:00Z 2026-10-24T12:33:00Z 2026-10-24T12:46:00Z',
    ],
    [
      '5-59/17 2 * * *',
      'UTC',
      '2026-10-24T12:00:00Z',
      '2026-10-25T02:05:00Z 2026-10-25T02:22:00Z 2026-10-25T02:39:00Z 2026-10-25T02:56:00Z',
    ],
    [
      '1 1 31 * *',
      'UTC',
      '2026-10-24T12:00:00Z',
      '2026-10-31T01:01:00Z 2026-12-31T01:01:00Z 2027-01-31T01:01:00Z 2027-03-31T01:01:00Z',
    ],
    [
      '0 0 1 1 0',
      'UTC',
      '2026-10-24T12:00:00Z',
      '2027-01-01T00:00:00Z 2027-01-03T00:00:00Z 2027-01-10T00:00:00Z 2027-01-17T00:00:00Z',
    ],
    [
      '0 0 */31 * 6',
      'UTC',
      '2026-10-24T12:00:00Z',
      '2026-10-31T00:00:00Z 2026-11-01T00:00:00Z 2026-11-07T00:00:00Z 2026-11-14T00:00:00Z',
    ],
    [
      '0 0 1-31 * 2',
      'UTC',
      '2026-10-24T12:00:00Z',
      '2026-10-25T00:00:00Z 2026-10-26T00:00:00Z 2026-10-27T00:00:00Z 2026-10-28T00:00:00Z',
    ],
    [
      '0 0 */1 * 2',
      'UTC',
      '2026-10-24T12:00:00Z',
      '2026-10-27T00:00:00Z 2026-11-03T00:00:00Z 2026-11-10T00:00:00Z 2026-11-17T00:00:00Z',
    ],
  ])('of %s in %s after %s', (schedule, timezone, after, expected) => {
    const times = expected.split(' ');
    const found = nextTimes(
      { schedules: [schedule], timezone },
      new Date(after),
      times.length,
    );
    expect(found.map(short)).toEqual(times);
  });

  it('of a day that a zone left out go on after it', () => {
    // Samoa had no 30 December 2011; robfig/cron looks for it without end.
    expect(
      nextTimes(
        { schedules: ['5 0 * * sun'], timezone: 'Pacific/Apia' },
        new Date('2011-12-29T09:00:00Z'),
        2,
      ).map(short),
    ).toEqual(['2011-12-31T10:05:00Z', '2012-01-07T10:05:00Z']);
  });
});

describe('a schedule', () => {
  it.each([
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* 24 * * *', 'end of range (24) above maximum (23): 24'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['* * * 13 *', 'end of range (13) above maximum (12): 13'],
    ['* * * * 7', 'end of range (7) above maximum (6): 7'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    [
      'a * * * *',
      'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax',
    ],
    ['@every', 'unrecognized descriptor: @every'],
    ['@foo', 'unrecognized descriptor: @foo'],
    ['* * * * * *', 'expected exactly 5 fields, found 6: [* * * * * *]'],
    ['*/5/2 * * * *', 'too many slashes: */5/2'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    [
      '* * * * MON#1',
      'failed to parse int from MON#1: strconv.Atoi: parsing "MON#1": invalid syntax',
    ],
    [
      '* * L * *',
      'failed to parse int from L: strconv.Atoi: parsing "L": invalid syntax',
    ],
    [
      '-1 * * * *',
      'failed to parse int from : strconv.Atoi: parsing "": invalid syntax',
    ],
    [
      '* * * foo *',
      'failed to parse int from foo: strconv.Atoi: parsing "foo": invalid syntax',
    ],
    [
      '* * * * sunday',
      'failed to parse int from sunday: strconv.Atoi: parsing "sunday": invalid syntax',
    ],
    ['0 0 * * 1-7', 'end of range (7) above maximum (6): 1-7'],
    ['', 'empty spec string'],
    ['@reboot', 'unrecognized descriptor: @reboot'],
    ['@DAILY', 'unrecognized descriptor: @DAILY'],
    [
      '0x5 * * * *',
      'failed to parse int from 0x5: strconv.Atoi: parsing "0x5": invalid syntax',
    ],
    [
      '1.5 * * * *',
      'failed to parse int from 1.5: strconv.Atoi: parsing "1.5": invalid syntax',
    ],
    ['*/-1 * * * *', 'negative number (-1) not allowed: -1'],
    [
      '5/ * * * *',
      'failed to parse int from : strconv.Atoi: parsing "": invalid syntax',
    ],
    [
      '/5 * * * *',
      'failed to parse int from : strconv.Atoi: parsing "": invalid syntax',
    ],
    [
      '1e1 * * * *',
      'failed to parse int from 1e1: strconv.Atoi: parsing "1e1": invalid syntax',
    ],
    [
      '99999999999999999999 * * * *',
      'failed to parse int from 99999999999999999999: strconv.Atoi: parsing "99999999999999999999": value out of range',
    ],
    [
      '*/1a * * * *',
      'failed to parse int from 1a: strconv.Atoi: parsing "1a": invalid syntax',
    ],
    [
      '@every 1d',
      'failed to parse duration @every 1d: time: unknown unit "d" in duration "1d"',
    ],
    [
      '@every 1h 5m',
      'failed to parse duration @every 1h 5m: time: unknown unit "h " in duration "1h 5m"',
    ],
  ])('%s is refused: %s', (schedule, fault) => {
    expect(scheduleFault(schedule)).toBe(fault);
  });

  it.each([
    ['* * * * mon-fri'],
    ['* * * JAN-mar *'],
    ['@every 5m'],
    ['@every 0s'],
    ['@every 1h30m10s'],
    ['@every 500ms'],
    ['1,2,,3 * * * *'],
    ['+1 * * * *'],
    [' * * * * * '],
    ['*/70 * * * *'],
    ['?/5 * * * *'],
    ['CRON_TZ=Europe/Berlin 0 0 * * *'],
    ['TZ=Europe/Berlin 0 0 * * *'],
    ['05 * * * *'],
    ['*-5 * * * *'],
    ['*,5 * * * *'],
    ['@every -5m'],
    ['@every 1.5h'],
  ])('%s is read', schedule => {
    expect(scheduleFault(schedule)).toBeUndefined();
    expect(
      nextTimes({ schedules: [schedule] }, new Date('2026-01-01T00:00:00Z'), 3),
    ).toHaveLength(3);
  });
});
