/* CODEOWNERS as GitHub reads it: the last line that fits a path says who owns it. Owners are entities of the catalog. */

/** One line of the file. */
export interface OwnersLine {
  pattern: RegExp;
  /** Entity references; none takes ownership away. */
  owners: string[];
}

/** Places where the file is looked for; the first that is there counts. */
export const codeOwnersPlaces = [
  '.github/CODEOWNERS',
  'CODEOWNERS',
  'docs/CODEOWNERS',
];

/** Reads the lines of the file; what is no line is left out, as GitHub does. */
export function parseCodeOwners(text: string): OwnersLine[] {
  return text.split(/\r?\n/).flatMap(raw => {
    const line = raw.replace(/(^|\s)#.*$/, '').trim();
    if (!line || line.length > 2000) return [];
    const [pattern, ...owners] = line.split(/\s+/);
    const expression = toExpression(pattern);
    return expression
      ? [{ pattern: expression, owners: owners.flatMap(toEntity) }]
      : [];
  });
}

/** Who owns a path. */
export function ownersOf(lines: OwnersLine[], path: string): string[] {
  return lines.filter(line => line.pattern.test(path)).at(-1)?.owners ?? [];
}

// `@org/team` is a group, `@name` a user, anything with a colon an entity as it stands.
function toEntity(owner: string): string[] {
  if (/^[a-z]+:[\w.-]+\/[\w.-]+$/i.test(owner)) return [owner.toLowerCase()];
  if (/^(user|group):[\w.-]+$/i.test(owner))
    return [owner.toLowerCase().replace(':', ':default/')];
  const team = /^@[\w.-]+\/([\w.-]+)$/.exec(owner);
  if (team) return [`group:default/${team[1].toLowerCase()}`];
  const person = /^@([\w.-]+)$/.exec(owner);
  if (person) return [`user:default/${person[1].toLowerCase()}`];
  return [];
}

// The patterns of gitignore, without `!`, `[` and backslashes, which GitHub does not take either.
function toExpression(pattern: string): RegExp | undefined {
  if (/[![\\]/.test(pattern)) return undefined;
  const isAnchored = pattern.slice(0, -1).includes('/');
  const isFolder = pattern.endsWith('/');
  const body = pattern
    .replace(/^\//, '')
    .replace(/\/$/, '')
    .split('/')
    .map(part =>
      part === '**'
        ? '**'
        : part
            .replace(/[.+^${}()|\]]/g, '\\$&')
            .replace(/\*+/g, '[^/]*')
            .replace(/\?/g, '[^/]'),
    );
  let text = '';
  body.forEach((part, place) => {
    const isLast = place === body.length - 1;
    if (part === '**') text += isLast ? '.+' : '(?:[^/]+/)*';
    else text += isLast ? part : `${part}/`;
  });
  // `docs/*` is the files of the folder alone; a name without a wildcard at its end is also a folder.
  const isGlobEnd = isAnchored && /\*$/.test(pattern) && !/\*\*$/.test(pattern);
  const end = isFolder ? '/.+' : isGlobEnd ? '' : '(?:/.+)?';
  return new RegExp(`^${isAnchored ? '' : '(?:.+/)?'}${text}${end}$`);
}
