import { goDuration, humanDuration } from './duration';

describe('goDuration', () => {
  it.each([
    ['90', 90_000],
    [5, 5000],
    ['1500ns', 0.0015],
    ['250us', 0.25],
    ['250µs', 0.25],
    ['250μs', 0.25],
    ['20ms', 20],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['.5s', 500],
    ['-3s', -3000],
  ])('reads %s', (text, ms) => {
    expect(goDuration(text)).toBeCloseTo(ms as number, 6);
  });

  it.each(['', 'soon', '5x', '1h 2m', undefined])('refuses %s', text => {
    expect(goDuration(text)).toBeUndefined();
  });
});

describe('humanDuration', () => {
  it.each([
    [0, '0 seconds'],
    [999, '0 seconds'],
    [1000, '1 second'],
    [59_000, '59 seconds'],
    [60_000, '1 minute 0 seconds'],
    [61_000, '1 minute 1 seconds'],
    [150_000, '2 minutes 30 seconds'],
    [119 * 60_000, '1 hour 59 minutes'],
    [3_600_000, '1 hour 0 minutes'],
    [3_605_000, '1 hour 0 minutes'],
    [23 * 3_600_000, '23 hours 0 minutes'],
    [86_400_000, '1 day 0 hours'],
    [86_400_000 + 3_600_000, '1 day 1 hours'],
    [8 * 86_400_000, '1 week 0 hours'],
    [65 * 86_400_000, '2 months 0 hours'],
  ])('says %d ms as "%s"', (ms, text) => {
    expect(humanDuration(ms as number)).toBe(text);
  });
});
