/* Versions and what they must be: `>=1.2, <2`, `^1.2.0`, `~1.2`, `1.x`, `1 - 2`, alternatives by `||`. */

type Version = [number, number, number, string];

/** The parts of a version; throws when it is none. */
export function versionOf(text: string): Version {
  const found =
    /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([\w.-]+))?(?:\+[\w.-]+)?$/.exec(text);
  if (!found) throw new Error('Invalid Semantic Version');
  const [major, minor, patch] = [1, 2, 3].map(i => Number(found[i] ?? 0));
  return [major, minor, patch, found[4] ?? ''];
}

/** True when a version is as a constraint says. */
export function isWithin(constraint: string, version: string): boolean {
  const given = versionOf(version);
  return constraint
    .split('||')
    .map(rangesOf)
    .some(ranges => ranges.every(range => range(given)));
}

type Range = (version: Version) => boolean;

const part =
  /(=|==|!=|>=|=>|<=|=<|>|<|~>?|\^)?\s*v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:-([\w.-]+))?(?:\+[\w.-]+)?/y;

function rangesOf(text: string): Range[] {
  const source = text.trim().replace(/(\S+)\s+-\s+(\S+)/g, '>=$1 <=$2');
  const ranges: Range[] = [];
  for (let at = 0; at < source.length; at = part.lastIndex) {
    part.lastIndex = at + (/^[\s,]*/.exec(source.slice(at))?.[0].length ?? 0);
    const found = part.exec(source);
    if (!found) throw new Error(`improper constraint: ${text}`);
    const [, sign = '', major, minor, patch, before = ''] = found;
    ranges.push(rangeOf(sign, [major, minor, patch], before));
  }
  if (ranges.length === 0) throw new Error(`improper constraint: ${text}`);
  return ranges;
}

function rangeOf(
  sign: string,
  given: (string | undefined)[],
  before: string,
): Range {
  const known = given.findIndex(
    item => item === undefined || /[xX*]/.test(item),
  );
  const count = known < 0 ? 3 : known;
  const [major, minor, patch] = given.map((item, i) =>
    i < count ? Number(item) : 0,
  );
  const low: Version = [major, minor, patch, before];
  const next = above(low, count);
  const within =
    (end: Version): Range =>
    version =>
      order(version, low) >= 0 &&
      order(version, end) < 0 &&
      (before !== '' || version[3] === '');
  const stable: Range = version => before !== '' || version[3] === '';
  switch (sign) {
    case '>':
      return v =>
        stable(v) && order(v, count < 3 ? next : low) > (count < 3 ? -1 : 0);
    case '>=':
    case '=>':
      return v => stable(v) && order(v, low) >= 0;
    case '<':
      return v => stable(v) && order(v, low) < 0;
    case '<=':
    case '=<':
      return v =>
        stable(v) && (count < 3 ? order(v, next) < 0 : order(v, low) <= 0);
    case '!=':
      return v => (count < 3 ? !within(next)(v) : order(v, low) !== 0);
    case '^': {
      const fixed = major > 0 || count < 2 ? 1 : minor > 0 || count < 3 ? 2 : 3;
      return within(above(low, fixed));
    }
    case '~':
    case '~>':
      return within(above(low, Math.min(2, count)));
    default:
      return count < 3 ? within(next) : v => order(v, low) === 0;
  }
}

// The first version after all that begin with so many parts.
function above([major, minor, patch]: Version, count: number): Version {
  if (count === 0) return [Infinity, 0, 0, ''];
  if (count === 1) return [major + 1, 0, 0, ''];
  return count === 2
    ? [major, minor + 1, 0, '']
    : [major, minor, patch + 1, ''];
}

function order(a: Version, b: Version): number {
  for (let i = 0; i < 3; i++)
    if (a[i] !== b[i]) return Number(a[i]) - Number(b[i]);
  if (a[3] === b[3]) return 0;
  if (a[3] === '' || b[3] === '') return a[3] === '' ? 1 : -1;
  return a[3].localeCompare(b[3], 'en', { numeric: true });
}
