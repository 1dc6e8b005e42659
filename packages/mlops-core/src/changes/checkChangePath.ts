const maxLength = 500;
const maxPart = 255;

/**
 * Why a path may not be written by a change; undefined when it may. Paths are relative to the repository's root and name a file in
 * it: no other place of the machine, nothing of git's own, nothing that a person would not see.
 *
 * @public
 */
export function checkChangePath(path: unknown): string | undefined {
  if (typeof path !== 'string' || path === '') return 'must be a path';
  if (path.length > maxLength)
    return `has ${path.length} characters; at most ${maxLength} are allowed`;
  if (path.includes('\\'))
    return "may not hold '\\'; parts are separated by '/'";
  // Marks that nobody sees are among the formats: `.g<zero width>it` is git's folder on some disks.
  if (/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(path))
    return 'may not hold control or invisible characters';
  // Windows takes none of them, and a clone there would fail.
  const odd = /[:*?"<>|]/.exec(path)?.[0];
  if (odd !== undefined) return `may not hold '${odd}'`;
  if (path.startsWith('/'))
    return "must be relative to the repository: no '/' at its start";
  return path.split('/').map(partFault).find(Boolean);
}

function partFault(part: string): string | undefined {
  if (part === '') return "may not have an empty part ('//' or '/' at its end)";
  if (part === '.' || part === '..') return `may not have a part '${part}'`;
  if (part.startsWith('-')) return "may not have a part that begins with '-'";
  // Also as some file systems write it.
  if (/^(?:\.git|git~\d+)[. ]*$/i.test(part.normalize('NFKC').trim()))
    return `may not have a part '${part}', which is git's own`;
  if (part !== part.trim()) return 'may not have a part with spaces around it';
  if (part.endsWith('.')) return "may not have a part that ends with '.'";
  if (new TextEncoder().encode(part).length > maxPart)
    return `may not have a part of more than ${maxPart} bytes`;
  return undefined;
}
