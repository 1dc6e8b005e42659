/*
 * Sets fields in the text of a YAML file as a careful person would: the tokens of the old value give way to those of the new one,
 * and everything else - comments, order, quotes, empty lines, line breaks, anchors - is copied. A value that is a map or list is
 * compared with what stands there, and only what differs is written. Every way to write a value is proven: the new text is read
 * again and must say exactly the old data with this one place changed, else the next way is tried, and in the end the edit refused.
 */
import { isAlias, isMap, isSeq } from 'yaml';
import { addValue } from './edit/addValue';
import { findPlace, refuseShared, type YamlPlace } from './edit/findPlace';
import { openYaml, parseOne, type OpenYaml } from './edit/openYaml';
import { removeValue } from './edit/removeValue';
import { replaceValue } from './edit/replaceValue';
import { spliced, type Splice } from './edit/splices';
import {
  changed,
  checkValue,
  isPlainMap,
  keysOf,
  sameValue,
  type Change,
  type PlainMap,
} from './edit/values';
import { YamlEditError } from './edit/YamlEditError';
import { readEverydayYaml } from './everyday/readEverydayYaml';
import { formatFieldPath, type FieldPath } from './fieldPath';

/** One field and its new value; without a value the field is taken away. @public */
export interface YamlEdit {
  /** Keys and indexes from the top of the document; an index of a list's length adds an item. */
  at: FieldPath;
  value?: unknown;
}

// Characters that may be read again in one call; a form's edits need a thousandth.
const maxWork = 16_000_000;

/**
 * The text with all edits made, in their order. Only the places that the edits name change.
 * Throws YamlEditError (name `InputError`) when the text is no single faultless document, when what is around a place is missing,
 * and when the place is an alias's, or an anchor's that is used elsewhere.
 *
 * @public
 */
export function setInYaml(text: string, edits: YamlEdit[]): string {
  // The parser takes a byte order mark for a column.
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  let now = openYaml(text.slice(mark.length));
  let next: Proven = { text: now.text, open: now };
  let work = 0;
  const opened = () => {
    next.open ??= parseOne(next.text)!;
    now = next.open;
    return now;
  };
  for (const edit of edits) {
    checkEdit(edit);
    for (const change of changesOf(opened(), edit)) {
      work += now.text.length;
      if (work > maxWork) throw tooMuch(now, edit.at);
      next = made(opened(), change);
    }
  }
  return mark + next.text;
}

/** A text that is known to be one faultless document; opened when it is to be changed once more. */
interface Proven {
  text: string;
  open?: OpenYaml;
}

function tooMuch({ text }: OpenYaml, at: FieldPath): YamlEditError {
  return new YamlEditError(
    `'${formatFieldPath(at)}' cannot be set: so many edits of a file of ${
      text.length
    } characters take too long; give its whole text instead.`,
    at,
  );
}

function checkEdit({ at, value }: YamlEdit) {
  const isPath =
    Array.isArray(at) &&
    at.length > 0 &&
    at.every(part => typeof part === 'string' || Number.isSafeInteger(part));
  if (!isPath)
    throw new YamlEditError(
      `An edit needs a path of keys and indexes in 'at'; ${JSON.stringify(
        at,
      )} is none.`,
      [],
    );
  if (at.length > 64)
    throw new YamlEditError(
      `A path has at most 64 parts; this has ${at.length}.`,
      at,
    );
  checkValue(Object.fromEntries(at.map(part => [part, null])), at);
  checkValue(value, at);
}

// What has to be done for one edit: nothing where the file says it already.
function changesOf(open: OpenYaml, { at, value }: YamlEdit): Change[] {
  const place = findPlace(open, at);
  if (value === undefined) return place.there ? [{ kind: 'remove', at }] : [];
  if (!place.there) return [{ kind: 'add', at, value: plain(value) }];
  return differences(open, place.node, plain(value), at);
}

// Without keys that have no value.
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(item => plain(item ?? null));
  if (!isPlainMap(value)) return value;
  return Object.fromEntries(keysOf(value).map(key => [key, plain(value[key])]));
}

function differences(
  open: OpenYaml,
  node: unknown,
  value: unknown,
  at: FieldPath,
): Change[] {
  const old = plainOf(open, node);
  if (sameValue(old, value)) return [];
  const whole: Change[] = [{ kind: 'replace', at, value }];
  if (isAlias(node)) return whole;
  if (isMap(node) && isPlainMap(value) && keysOf(value).length > 0)
    return inMap(open, node.items, old as PlainMap, value, at);
  if (
    isSeq(node) &&
    Array.isArray(value) &&
    value.length > 0 &&
    node.items.length > 0
  )
    return inSeq(open, node.items, value, at);
  return whole;
}

function plainOf(open: OpenYaml, node: unknown): unknown {
  const plainNode = node as {
    toJS?: (document: unknown, options: object) => unknown;
  };
  return plainNode?.toJS?.(open.document, { maxAliasCount: 100 }) ?? null;
}

function inMap(
  open: OpenYaml,
  pairs: { key: unknown; value: unknown }[],
  old: PlainMap,
  value: PlainMap,
  at: FieldPath,
): Change[] {
  const nodes = new Map(
    pairs.map(pair => [
      String((pair.key as { value: unknown }).value),
      pair.value,
    ]),
  );
  const kept = keysOf(value).filter(key => nodes.has(key));
  const fresh = keysOf(value).filter(key => !nodes.has(key));
  return [
    ...kept.flatMap(key =>
      differences(open, nodes.get(key), value[key], [...at, key]),
    ),
    ...fresh.map(key => ({
      kind: 'add' as const,
      at: [...at, key],
      value: value[key],
    })),
    ...Object.keys(old)
      .filter(key => !Object.hasOwn(value, key) || value[key] === undefined)
      .map(key => ({ kind: 'remove' as const, at: [...at, key] })),
  ];
}

// What is the same at both ends stays; the middle is changed item by item, then lengthened or shortened.
function inSeq(
  open: OpenYaml,
  nodes: unknown[],
  value: unknown[],
  at: FieldPath,
): Change[] {
  const old = nodes.map(node => plainOf(open, node));
  const most = Math.min(old.length, value.length);
  let head = 0;
  while (head < most && sameValue(old[head], value[head])) head += 1;
  let tail = 0;
  while (
    tail < most - head &&
    sameValue(old.at(-1 - tail), value.at(-1 - tail))
  )
    tail += 1;
  const changes: Change[] = [];
  const both = most - tail;
  for (let i = head; i < both; i++)
    changes.push(...differences(open, nodes[i], value[i], [...at, i]));
  for (let i = both; i < value.length - tail; i++)
    changes.push({ kind: 'add', at: [...at, i], value: value[i] });
  for (let i = old.length - tail - 1; i >= both; i--)
    changes.push({ kind: 'remove', at: [...at, i] });
  return changes;
}

function made(open: OpenYaml, change: Change): Proven {
  const place = placeOf(open, change);
  refuseShared(open, place);
  const wanted = changed(open.value, change);
  for (const way of waysOf(open, place, change)) {
    const text = spliced(open.text, way);
    const next = text === undefined ? undefined : prove(text, wanted);
    if (next) return next;
  }
  throw new YamlEditError(
    `'${formatFieldPath(
      change.at,
    )}' cannot be changed in the way the file is written; give the file's whole text instead.`,
    change.at,
  );
}

function prove(text: string, wanted: unknown): Proven | undefined {
  const everyday = readEverydayYaml(text);
  const open = everyday ? undefined : parseOne(text);
  const read = everyday ?? open;
  return read && sameValue(read.value ?? null, wanted ?? null)
    ? { text, open }
    : undefined;
}

// An item that goes between two others has no place of its own yet.
function placeOf(open: OpenYaml, change: Change): YamlPlace {
  const place = findPlace(open, change.at);
  return change.kind === 'add' ? { ...place, node: undefined } : place;
}

// Blocks of lines first; within quotes where the place has no good one.
function waysOf(open: OpenYaml, place: YamlPlace, change: Change): Splice[][] {
  const { style } = open;
  const both = (ways: (as: OpenYaml) => Splice[][]) => [
    ...ways(open),
    ...(style.blocks
      ? ways({ ...open, style: { ...style, blocks: false } })
      : []),
  ];
  switch (change.kind) {
    case 'replace':
      return both(as => replaceValue(as, place, change.value));
    case 'add':
      return both(as => addValue(as, place, change.value));
    default:
      return removeValue(open, place);
  }
}
