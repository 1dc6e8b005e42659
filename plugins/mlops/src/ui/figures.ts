/** A number as people read it. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(1);
  return size >= 0.001 ? value.toFixed(3) : value.toExponential(2);
}

/** A number that stands alone, without zeros at its end: an edge, a tick, a share. */
export function plainFigure(value: number): string {
  const size = Math.abs(value);
  const told = Number.isInteger(value) || (size !== 0 && size < 0.001);
  return told ? figure(value) : String(Number(value.toPrecision(4)));
}

/** A difference with its sign; a true minus, so that it lines up with plus. */
export function difference(value: number): string {
  return `${value < 0 ? '−' : '+'}${figure(Math.abs(value))}`;
}

/** Bytes in a unit that fits. */
export function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.floor(Math.log10(Math.max(1, size)) / 3);
  const at = Math.min(units.length - 1, power);
  return `${at === 0 ? size : (size / 1000 ** at).toFixed(1)} ${units[at]}`;
}

/** The first letters of a commit, enough to tell it apart. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 8);
}

/** The first letters of a digest. */
export function shortDigest(digest: string): string {
  return digest.replace('sha256:', '').slice(0, 12);
}

/** The name in an entity reference. */
export function nameOf(ref: string): string {
  return ref.split('/').pop()!.split(':').pop()!;
}

/** A sentence of the portal with names where it has references of entities. */
export function withNames(sentence: string): string {
  return sentence.replace(/\b(?:user|group):[\w.-]+\/([\w.-]*\w)/g, '$1');
}
