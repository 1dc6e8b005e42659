import type { Text } from '../translation';

/** Milliseconds between two ISO 8601 times; until now when there is no second. */
export function elapsedMs(from: string, to?: string, now = Date.now()): number {
  return Math.max(0, (to ? Date.parse(to) : now) - Date.parse(from));
}

/** A length of time in words: `850 ms`, `12.3 s`, `4 min 5 s`, `2 h 3 min`. */
export function durationText(t: Text, ms: number): string {
  if (ms < 1000)
    return t('time.milliseconds', { amount: String(Math.round(ms)) });
  // Rounded first: 59.96 s is a minute, never "60.0 s".
  const seconds = Math.round(ms / 100) / 10;
  if (seconds < 60) return t('time.seconds', { amount: seconds.toFixed(1) });
  const whole = Math.round(ms / 1000);
  if (whole < 3600)
    return t('time.minutes', {
      minutes: String(Math.floor(whole / 60)),
      seconds: String(whole % 60),
    });
  const minutes = Math.round(ms / 60_000);
  return t('time.hours', {
    hours: String(Math.floor(minutes / 60)),
    minutes: String(minutes % 60),
  });
}

/** How long ago something was, roughly. */
export function agoText(t: Text, iso: string, now = Date.now()): string {
  const seconds = elapsedMs(iso, undefined, now) / 1000;
  if (seconds < 60) return t('time.justNow');
  if (seconds < 3600)
    return t('time.minutesAgo', { amount: String(Math.floor(seconds / 60)) });
  if (seconds < 86_400)
    return t('time.hoursAgo', { amount: String(Math.floor(seconds / 3600)) });
  return t('time.daysAgo', { count: Math.floor(seconds / 86_400) });
}

/** A time on an axis, as short as it can be said: `0 s`, `2.5 s`, `1 min`, `1 min 30 s`, `2 h`. */
export function roundTimeText(t: Text, ms: number): string {
  if (ms > 0 && ms < 950) return durationText(t, ms);
  const seconds = Math.round(ms / 100) / 10;
  if (seconds < 60) return t('time.seconds', { amount: String(seconds) });
  const whole = Math.round(ms / 1000);
  if (whole < 3600 && whole % 60 === 0)
    return t('time.wholeMinutes', { minutes: String(whole / 60) });
  const minutes = Math.round(ms / 60_000);
  if (whole >= 3600 && minutes % 60 === 0)
    return t('time.wholeHours', { hours: String(minutes / 60) });
  return durationText(t, ms);
}
