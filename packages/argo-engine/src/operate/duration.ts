/* Durations as Argo reads them: Go's format, or whole seconds. Source: ParseStringToDuration (workflow_types.go). */
const units: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds; undefined when the text is no duration. */
export function goDuration(value: unknown): number | undefined {
  const text = String(value ?? '').trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const whole = /^[+-]?((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d))+$/;
  if (!whole.test(text)) return undefined;
  let ms = 0;
  for (const [, number, unit] of text.matchAll(
    /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d)/g,
  ))
    ms += Number(number) * units[unit];
  return text.startsWith('-') ? -ms : ms;
}

const day = 86_400;
// From so many seconds on a duration is told by this unit, the largest last. Source: util/humanize of Argo.
const told: [number, string][] = [
  [1, 'second'],
  [60, 'minute'],
  [3600, 'hour'],
  [day, 'day'],
  [7 * day, 'week'],
  [30 * day, 'month'],
  [360 * day, 'year'],
];

/** A duration as Argo tells it: `45 seconds`, `1 minute 0 seconds`, `2 hours 5 minutes`. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const first = inLargestUnit(seconds);
  if (seconds < 60) return first;
  if (seconds < 3600) return `${first} ${seconds % 60} seconds`;
  if (seconds < day) return `${first} ${Math.floor(seconds / 60) % 60} minutes`;
  return `${first} ${Math.floor(seconds / 3600) % 24} hours`;
}

function inLargestUnit(seconds: number): string {
  const found = told.filter(([from]) => seconds >= from).at(-1);
  if (!found) return '0 seconds';
  const count = Math.floor(seconds / found[0]);
  return `${count} ${found[1]}${count === 1 ? '' : 's'}`;
}
