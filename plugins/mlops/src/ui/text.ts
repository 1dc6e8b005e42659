/** A length of time in words: `850 ms`, `12.3 s`, `4 min 5 s`, `2 h 3 min`. */
export function duration(
  fromIso?: string,
  toIso?: string,
  now = Date.now(),
): string {
  if (!fromIso) return '–';
  const ms = Math.max(
    0,
    (toIso ? Date.parse(toIso) : now) - Date.parse(fromIso),
  );
  if (ms < 1000) return `${ms} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600)
    return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor(
    (seconds % 3600) / 60,
  )} min`;
}

/** How long ago something was, roughly. */
export function ago(iso?: string, now = Date.now()): string {
  if (!iso) return '–';
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** A number as people read it. */
export function figure(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size >= 100
    ? value.toFixed(1)
    : size >= 0.001
    ? value.toFixed(3)
    : value.toExponential(2);
}

/** Bytes in a unit that fits. */
export function bytes(size: number): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  const at = Math.min(
    units.length - 1,
    Math.floor(Math.log10(Math.max(1, size)) / 3),
  );
  return `${at === 0 ? size : (size / 1000 ** at).toFixed(1)} ${units[at]}`;
}

export const shortCommit = (commit: string) => commit.slice(0, 8);
export const shortDigest = (digest: string) =>
  digest.replace('sha256:', '').slice(0, 12);
/** The name in an entity reference. */
export const nameOf = (ref: string) => ref.split('/').pop()!.split(':').pop()!;
