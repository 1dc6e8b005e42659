/*
 * Tags in texts: `{{name}}` and `{{=expression}}`. Argo replaces them in the JSON text of a whole template (fasttemplate); here
 * every string of the value is visited, which gives the same and cannot break the JSON. A tag that is not known stays as it is.
 */
import { evaluateExpression, UnsupportedValueError } from './expr/evaluate';
import { missingNames } from './expr/names';
import { isMap, toGoJson, type Mapping } from './expr/values';

/** Values by full name, as `inputs.parameters.x`. `null` means known and absent. */
export type Scope = Record<string, string | null>;

/** How a tag is replaced that the scope does not give a text for. */
export interface TagOptions {
  /** Told of a simple tag that is not known; what it throws is the fault. Without it the tag stays. */
  onUnknown?(name: string): void;
  /** Told of a simple tag whose value is known and absent. */
  onAbsent?(tag: string): void;
  /** Told of names that an expression needs and nobody knows; what it throws is the fault. Without it an expression that fails stays. */
  onMissing?(names: string[]): void;
}

/** A fault of an expression in a tag, in Argo's words. */
export class TagFault extends Error {}

/** A tag of a text: what is between the braces, and where it stands. */
interface Tag {
  inner: string;
  from: number;
  to: number;
}

// The first `}}` ends a tag, also in the middle of an expression. A pattern would look for it again from every brace.
function tagsOf(text: string): Tag[] {
  const found: Tag[] = [];
  for (let from = text.indexOf('{{'); from >= 0; ) {
    const end = text.indexOf('}}', from + 2);
    if (end < 0) break;
    found.push({ inner: text.slice(from + 2, end), from, to: end + 2 });
    from = text.indexOf('{{', end + 2);
  }
  return found;
}

/** Replaces the tags that the scope knows in one text. */
export function replaceTags(
  text: string,
  scope: Scope,
  options: TagOptions = {},
): string {
  const parts: string[] = [];
  let at = 0;
  let known: Mapping | undefined;
  const environment = () => (known ??= environmentOf(scope));
  for (const { inner, from, to } of tagsOf(text)) {
    const whole = text.slice(from, to);
    parts.push(
      text.slice(at, from),
      inner.startsWith('=')
        ? replaceExpression(whole, inner.slice(1), { environment, options })
        : replaceName(whole, inner.trim(), scope, options),
    );
    at = to;
  }
  return parts.length === 0 ? text : parts.join('') + text.slice(at);
}

function replaceName(
  whole: string,
  name: string,
  scope: Scope,
  options: TagOptions,
): string {
  const value = Object.hasOwn(scope, name) ? scope[name] : undefined;
  if (typeof value === 'string') return value;
  if (value === null) options.onAbsent?.(`{{${name}}}`);
  else options.onUnknown?.(name);
  return whole;
}

function replaceExpression(
  whole: string,
  source: string,
  { environment, options }: { environment(): Mapping; options: TagOptions },
): string {
  const missing = orTagFault(() => missingNames(source, environment()));
  if (missing.length > 0) options.onMissing?.(missing);
  const mayStay = missing.length > 0 || !options.onMissing;
  if (mayStay && missing.some(name => knownLater.has(name))) return whole;
  let value: unknown;
  try {
    value = orTagFault(() => evaluateExpression(source, environment()));
  } catch (error) {
    if (mayStay) return whole;
    throw error;
  }
  if (value !== null && value !== undefined) return resultText(value);
  if (mayStay) return whole;
  throw new TagFault(`failed to evaluate expression ${JSON.stringify(source)}`);
}

// Words that come about later: until then an expression does not take them for nothing, unless it says so by `??` or `?.`.
const knownLater = new Set([
  'item',
  'retries',
  ...['exitCode', 'status', 'duration', 'message'].map(
    name => `lastRetry.${name}`,
  ),
  'workflow.status',
  'workflow.failures',
]);

function orTagFault<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const done =
      error instanceof UnsupportedValueError ? 'marshal evaluated' : 'evaluate';
    throw new TagFault(
      `failed to ${done} expression: ${(error as Error).message}`,
    );
  }
}

/** What stands in the place of an expression: a text as it is, everything else as JSON. */
export function resultText(value: unknown): string {
  return typeof value === 'string' ? value : toGoJson(value);
}

/** The scope as nested maps; a text that also has names below it gives way to them. */
export function environmentOf(scope: Scope): Mapping {
  const root: Mapping = Object.create(null);
  for (const name of Object.keys(scope).sort()) {
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

const mentioned = new WeakMap<object, boolean>();

/** Whether a part of a document has tags in it; remembered, since documents do not change. */
export function mentionsTags(value: object): boolean {
  let has = mentioned.get(value);
  if (has === undefined) {
    has = JSON.stringify(value).includes('{{');
    mentioned.set(value, has);
  }
  return has;
}

/** Sources of all expression tags in all strings of a value. */
export function expressionsIn(value: unknown): string[] {
  const text = (item: unknown): string[] => {
    if (typeof item === 'string')
      return tagsOf(item)
        .filter(({ inner }) => inner.startsWith('='))
        .map(({ inner }) => inner.slice(1));
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
      for (const { inner } of tagsOf(item)) {
        if (!inner.startsWith('=')) found.add(inner.trim());
      }
    else if (Array.isArray(item)) item.forEach(visit);
    else if (typeof item === 'object' && item !== null)
      Object.values(item).forEach(visit);
  };
  visit(value);
  return [...found];
}
