/*
 * Tags in texts: `{{name}}` and `{{=expression}}`. Argo replaces them in the JSON text of a whole template (fasttemplate); here
 * every string of the value is visited, which gives the same and cannot break the JSON. A tag that is not known stays as it is.
 */
import { evaluateExpression, namesIn } from './expr/evaluate';
import { ExpressionError } from './expr/tokens';
import { isMap, toGoJson, type Mapping } from './expr/values';

/** Values by full name, as `inputs.parameters.x`. `null` means known and absent. */
export type Scope = Record<string, string | null>;

/** Key of a scope for a value that is known to be absent, but is no word of expressions. */
export const absentName = (name: string) => `\0absent ${name}`;

/** How a tag is replaced that the scope does not give a text for. */
export interface TagOptions {
  /** Told of a simple tag that is not known; what it throws is the fault. Without it the tag stays. */
  onUnknown?(name: string): void;
  /** Told of a tag whose value is known and absent. */
  onAbsent?(tag: string): void;
}

// The first `}}` ends a tag, also in the middle of an expression.
const tag = /\{\{([^]*?)\}\}/g;

/** Replaces the tags that the scope knows in one text. */
export function replaceTags(
  text: string,
  scope: Scope,
  options: TagOptions = {},
): string {
  if (!text.includes('{{')) return text;
  return text.replace(tag, (whole, inner: string) => {
    if (inner.startsWith('='))
      return replaceExpression(whole, inner.slice(1), scope, options);
    const name = inner.trim();
    const value = Object.hasOwn(scope, name) ? scope[name] : undefined;
    if (typeof value === 'string') return value;
    if (value === null || scope[absentName(name)] === null)
      options.onAbsent?.(`{{${name}}}`);
    else options.onUnknown?.(name);
    return whole;
  });
}

function replaceExpression(
  whole: string,
  source: string,
  scope: Scope,
  options: TagOptions,
): string {
  try {
    const value = evaluateExpression(source, environmentOf(scope));
    if (value !== null && value !== undefined) return resultText(value);
  } catch (error) {
    if (error instanceof ExpressionError && error.isSyntax) throw error;
    return whole;
  }
  if (
    namesIn(source).some(
      name => scope[name] === null || scope[absentName(name)] === null,
    )
  )
    options.onAbsent?.(whole);
  return whole;
}

/** What stands in the place of an expression: a text as it is, everything else as JSON. */
export function resultText(value: unknown): string {
  return typeof value === 'string' ? value : toGoJson(value);
}

/** The scope as nested maps; a text that also has names below it gives way to them. */
export function environmentOf(scope: Scope): Mapping {
  const root: Mapping = Object.create(null);
  for (const name of Object.keys(scope).sort()) {
    if (name.startsWith('\0')) continue;
    const parts = name.split('.');
    let place = root;
    for (const part of parts.slice(0, -1)) {
      if (!isMap(place[part])) place[part] = Object.create(null);
      place = place[part] as Mapping;
    }
    place[parts[parts.length - 1]] = scope[name];
  }
  return root;
}

/** Replaces the tags in all strings of a value (keys stay), giving a new value. */
export function replaceTagsIn<T>(
  value: T,
  scope: Scope,
  options?: TagOptions,
): T {
  if (typeof value === 'string') return replaceTags(value, scope, options) as T;
  if (Array.isArray(value))
    return value.map(item => replaceTagsIn(item, scope, options)) as T;
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        replaceTagsIn(item, scope, options),
      ]),
    ) as T;
  return value;
}

/** Sources of all expression tags in all strings of a value. */
export function expressionsIn(value: unknown): string[] {
  const text = (item: unknown): string[] => {
    if (typeof item === 'string')
      return [...item.matchAll(tag)]
        .filter(match => match[1].startsWith('='))
        .map(match => match[1].slice(1));
    if (Array.isArray(item)) return item.flatMap(text);
    if (typeof item === 'object' && item !== null)
      return Object.values(item).flatMap(text);
    return [];
  };
  return text(value);
}

/** Names of all simple tags in all strings of a value. */
export function tagsIn(value: unknown): string[] {
  const found = new Set<string>();
  const visit = (item: unknown): void => {
    if (typeof item === 'string')
      for (const match of item.matchAll(tag)) {
        if (!match[1].startsWith('=')) found.add(match[1].trim());
      }
    else if (Array.isArray(item)) item.forEach(visit);
    else if (typeof item === 'object' && item !== null)
      Object.values(item).forEach(visit);
  };
  visit(value);
  return [...found];
}
