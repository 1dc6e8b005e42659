import type { Allowed } from './allowed';

const maxDepth = 40;

/** A copy of a value with nothing in it but what is allowed; every field that is not is put on the list. */
export function rebuild(
  value: unknown,
  allowed: Allowed,
  path: string,
  refused: string[],
): any {
  if (value === null || value === undefined) return value;
  if (allowed === 'value') return plain(value, path, refused, 0);
  if ('list' in allowed) {
    if (!Array.isArray(value)) return wrong(path, 'a list', refused);
    return value.map((item, index) =>
      rebuild(item, allowed.list, `${path}[${index}]`, refused),
    );
  }
  if (typeof value !== 'object' || Array.isArray(value))
    return wrong(path, 'an object', refused);
  const copy: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    const inner = 'map' in allowed ? allowed.map : own(allowed.fields, name);
    const place = path === '' ? name : `${path}.${name}`;
    if (inner === undefined || name === '__proto__') refused.push(place);
    else copy[name] = rebuild(item, inner, place, refused);
  }
  return copy;
}

const own = (fields: { [name: string]: Allowed }, name: string) =>
  Object.hasOwn(fields, name) ? fields[name] : undefined;

function wrong(path: string, expected: string, refused: string[]): undefined {
  refused.push(`${path} (not ${expected})`);
}

function plain(
  value: unknown,
  path: string,
  refused: string[],
  depth: number,
): unknown {
  if (depth > maxDepth) return wrong(path, 'so deep', refused);
  if (Array.isArray(value))
    return value.map(item => plain(item, path, refused, depth + 1));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        name,
        plain(item, path, refused, depth + 1),
      ]),
    );
  return value;
}
