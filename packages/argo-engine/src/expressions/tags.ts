/*
 * Simple tags `{{name}}`. Argo replaces them in the JSON text of a whole template (fasttemplate); here every string of the
 * value is visited, which gives the same and cannot break the JSON. An unknown tag stays as it is.
 */

/** Values by full name, as `inputs.parameters.x`. `null` means known and absent. */
export type Scope = Record<string, string | null>;

const tag = /\{\{([^{}]*)\}\}/g;

/** Replaces the tags that the scope knows in one text. */
export function replaceTags(text: string, scope: Scope): string {
  if (!text.includes('{{')) return text;
  return text.replace(tag, (whole, name: string) => {
    const value = lookUp(scope, name.trim());
    return typeof value === 'string' ? value : whole;
  });
}

function lookUp(scope: Scope, name: string): string | null | undefined {
  return Object.prototype.hasOwnProperty.call(scope, name)
    ? scope[name]
    : undefined;
}

/** Replaces the tags in all strings of a value (keys stay), giving a new value. */
export function replaceTagsIn<T>(value: T, scope: Scope): T {
  if (typeof value === 'string') return replaceTags(value, scope) as T;
  if (Array.isArray(value))
    return value.map(item => replaceTagsIn(item, scope)) as T;
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        replaceTagsIn(item, scope),
      ]),
    ) as T;
  return value;
}

/** Names of all tags in all strings of a value. */
export function tagsIn(value: unknown): string[] {
  const found = new Set<string>();
  const visit = (item: unknown): void => {
    if (typeof item === 'string')
      for (const match of item.matchAll(tag)) found.add(match[1].trim());
    else if (Array.isArray(item)) item.forEach(visit);
    else if (typeof item === 'object' && item !== null)
      Object.values(item).forEach(visit);
  };
  visit(value);
  return [...found];
}
