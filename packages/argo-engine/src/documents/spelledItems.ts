/*
 * A workflow that is sent as JSON keeps how its numbers are spelled: the child of `withItems: [1.0]` is called `x(0:1.0)`, while
 * YAML is read as numbers first. Plain data has no spelling, so such a list becomes the `withParam` that says the same.
 */
import { readJson, type JsonItem } from '../expressions/goJson';

/** The plain data of a JSON text; lists of loops with numbers that JavaScript would spell otherwise are kept as their text. */
export function readSpelledJson(text: string): unknown {
  return plain(readJson(text));
}

function plain(item: JsonItem): unknown {
  if (!item.raw.includes('"withItems"')) return item.value;
  if (item.items) return item.items.map(plain);
  if (!item.entries || hasTemplateDefaults(item)) return item.value;
  return Object.fromEntries(
    item.entries.map(([key, value]) =>
      key === 'withItems' && isSpelled(value)
        ? ['withParam', value.raw]
        : [key, plain(value)],
    ),
  );
}

// Argo merges defaults into templates as plain data, which has no spelling.
const hasTemplateDefaults = ({ entries = [] }: JsonItem) =>
  entries.some(
    ([key, { kind }]) => key === 'templateDefaults' && kind === 'map',
  );

// A tag in the list would be replaced inside a text, not inside JSON; such a list stays as it is.
function isSpelled({ kind, raw }: JsonItem): boolean {
  return kind === 'list' && !raw.includes('{{') && hasOddNumber(raw);
}

function hasOddNumber(raw: string): boolean {
  const withoutTexts = raw.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  return (withoutTexts.match(/-?\d[\d.eE+-]*/g) ?? []).some(
    number => String(Number(number)) !== number,
  );
}
