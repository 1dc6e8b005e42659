/* Sprig's functions on patterns. A pattern that is none is an error, but for `regexMatch`, which says no. */
import type { Functions } from './functions';
import { patternOf, quotePattern } from './pattern';
import { capped, integer, text } from './sprigValues';

const pattern = (source: unknown) => patternOf(text(source), 'g');
const atMost = (count: unknown) =>
  integer(count) < 0 ? undefined : integer(count);

function matches(source: unknown, value: unknown): boolean {
  let found: RegExp;
  try {
    found = patternOf(text(source));
  } catch {
    return false;
  }
  return found.test(text(value));
}

function findAll(source: unknown, value: unknown, count: unknown) {
  const found = [...text(value).matchAll(pattern(source))]
    .map(([whole]) => whole)
    .slice(0, atMost(count));
  return found.length > 0 ? found : null;
}

// `$1`, `${1}` and `${name}` are groups; `$1W` is the group named 1W.
function replaceAll(source: unknown, value: unknown, to: unknown): string {
  const found = pattern(source);
  let result = '';
  let at = 0;
  for (const match of text(value).matchAll(found)) {
    const filled = text(to).replace(
      /\$(?:\{(\w+)\}|(\w+)|(\$))/g,
      (_, braced, bare, dollar) => {
        const name = braced ?? bare;
        if (dollar) return dollar;
        return (
          (/^\d+$/.test(name) ? match[Number(name)] : match.groups?.[name]) ??
          ''
        );
      },
    );
    result = capped(result + text(value).slice(at, match.index) + filled);
    at = match.index + match[0].length;
  }
  return capped(result + text(value).slice(at));
}

function split(source: unknown, value: unknown, count: unknown) {
  const most = atMost(count);
  if (most === 0) return null;
  const whole = text(value);
  if (whole === '' && text(source) !== '') return [''];
  const parts: string[] = [];
  let at = 0;
  let end = 0;
  for (const match of whole.matchAll(pattern(source))) {
    if (most !== undefined && parts.length === most - 1) break;
    end = match.index;
    if (end + match[0].length !== 0) parts.push(whole.slice(at, end));
    at = end + match[0].length;
  }
  return end === whole.length ? parts : [...parts, whole.slice(at)];
}

export const patterns: Functions = {
  regexMatch: matches,
  regexFind: (source: unknown, value: unknown) =>
    patternOf(text(source)).exec(text(value))?.[0] ?? '',
  regexFindAll: findAll,
  regexReplaceAll: replaceAll,
  regexReplaceAllLiteral: (source: unknown, value: unknown, to: unknown) =>
    capped(text(value).replace(pattern(source), () => text(to))),
  regexSplit: split,
  regexQuoteMeta: (value: unknown) => quotePattern(text(value)),
};
