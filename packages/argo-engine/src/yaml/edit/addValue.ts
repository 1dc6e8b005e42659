/*
 * A new key or item: beside its neighbours, written as they are.
 */
import { isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import type { YamlPlace } from './findPlace';
import { columnOf, type OpenYaml } from './openYaml';
import {
  flowText,
  isBlockValue,
  itemLines,
  keyText,
  pairLines,
} from './renderYaml';
import { replaceValue } from './replaceValue';
import {
  dashOf,
  endOfItem,
  endOfPair,
  eolAt,
  lineEnd,
  lineStart,
  linesAt,
  nextLine,
  pairTokens,
  seqTokens,
  startsLine,
  type Splice,
} from './splices';

// A key is looked for after these, as Kubernetes and Argo write them.
const after: Record<string, string[]> = {
  kind: ['apiVersion'],
  metadata: ['apiVersion', 'kind'],
  spec: ['apiVersion', 'kind', 'metadata'],
  template: ['name'],
  arguments: ['name', 'template', 'templateRef', 'entrypoint'],
  value: ['name'],
  default: ['name', 'value'],
  enum: ['name', 'value', 'default'],
};

/** Ways to write the value at a place that has none yet, best first. */
export function addValue(
  open: OpenYaml,
  place: YamlPlace,
  value: unknown,
): Splice[][] {
  const part = place.at.at(-1)!;
  const { parent, around } = place;
  if (
    !parent ||
    (parent.items.length === 0 && !place.around?.flow && isBlockValue(value))
  ) {
    const whole = typeof part === 'number' ? [value] : { [part]: value };
    if (!around || around.at.length === 0)
      return addToEmptyFile(open, place, value);
    const ways = replaceValue(open, around, whole);
    return parent ? [...ways, ...addToFlow(open, place, value)] : ways;
  }
  if (parent.flow) return addToFlow(open, place, value);
  return isMap(parent)
    ? [addPair(open, parent, String(part), value)]
    : [addItem(open, parent as YAMLSeq, part as number, value)];
}

function addToEmptyFile(
  open: OpenYaml,
  place: YamlPlace,
  value: unknown,
): Splice[][] {
  const part = place.at.at(-1)!;
  const { parent } = place;
  const lines =
    typeof part === 'number'
      ? itemLines(value, 0, open.style)
      : pairLines(part, value, 0, open.style);
  if (parent) {
    const [start, end] = parent.range!;
    const block = { start, end, text: lines.join(eolAt(open.text, start)) };
    return [[block], ...addToFlow(open, place, value)];
  }
  const marker = /^\.\.\.[ \t]*(?:\r?\n|$)/m.exec(open.text);
  return [[linesAt(open.text, marker?.index ?? open.text.length, lines)]];
}

function addPair(
  open: OpenYaml,
  map: YAMLMap,
  key: string,
  value: unknown,
): Splice[] {
  const { text, style } = open;
  const first = pairTokens(map.items[0]);
  const mark = first.start.find(token => token.type === 'explicit-key-ind');
  const column = columnOf(text, mark?.offset ?? first.key!.offset);
  const before = map.items.findLastIndex(
    pair => isScalar(pair.key) && after[key]?.includes(String(pair.key.value)),
  );
  const pair = map.items.at(before >= 0 ? before : -1)!;
  const end = nextLine(text, endOfPair(text, pair));
  return [linesAt(text, end, pairLines(key, value, column, style))];
}

function addItem(
  open: OpenYaml,
  seq: YAMLSeq,
  index: number,
  value: unknown,
): Splice[] {
  const { text, style } = open;
  const tokens = seqTokens(seq);
  const column = columnOf(text, dashOf(tokens[0]));
  const lines = itemLines(value, column, style);
  if (index > 0) {
    const end = nextLine(text, endOfItem(text, seq, index - 1));
    return [linesAt(text, end, lines)];
  }
  const start = dashOf(tokens[0]);
  const eol = eolAt(text, start);
  const [head, ...rest] = lines;
  return [
    {
      start,
      end: start,
      text: [head.trimStart(), ...rest, ' '.repeat(column)].join(eol),
    },
  ];
}

function addToFlow(
  open: OpenYaml,
  place: YamlPlace,
  value: unknown,
): Splice[][] {
  const { text, style } = open;
  const parent = place.parent as YAMLMap | YAMLSeq;
  const part = place.at.at(-1)!;
  const said =
    typeof part === 'number'
      ? flowText(value, style)
      : `${keyText(part, style)}: ${flowText(value, style)}`;
  const count = parent.items.length;
  const [start, end] = parent.range!;
  if (count === 0) {
    const inner = text.slice(start + 1, end - 1);
    const padded = isSeq(parent) ? said : ` ${said} `;
    return inner.trim() === ''
      ? [[{ start: start + 1, end: end - 1, text: padded }]]
      : [[{ start: start + 1, end: start + 1, text: ` ${said}` }]];
  }
  if (typeof part === 'number' && part === 0) {
    const at = parent.items[0] as { range?: [number, number, number] };
    const first = at.range![0];
    return [[{ start: first, end: first, text: `${said}, ` }]];
  }
  const index = typeof part === 'number' ? part - 1 : count - 1;
  return addAfter(open, parent, index, said);
}

function addAfter(
  open: OpenYaml,
  parent: YAMLMap | YAMLSeq,
  index: number,
  said: string,
): Splice[][] {
  const { text } = open;
  const pair = isMap(parent) ? parent.items[index] : undefined;
  const end = pair
    ? endOfPair(text, pair)
    : endOfItem(text, parent as YAMLSeq, index);
  const start = pair
    ? pairTokens(pair).key!.offset
    : (parent.items[index] as { range: [number, number, number] }).range[0];
  const beside = { start: end, end, text: `, ${said}` };
  if (!startsLine(text, start)) return [[beside]];
  const indent = text.slice(lineStart(text, start), start);
  const eol = eolAt(text, start);
  const rest = text.slice(end, lineEnd(text, end));
  const comma = /^\s*,/.test(rest);
  const lastOfAll = index === parent.items.length - 1;
  const line = `${indent}${said}${comma || !lastOfAll ? ',' : ''}`;
  const own = [
    ...(comma ? [] : [{ start: end, end, text: ',' }]),
    linesAt(text, nextLine(text, end), [line]),
  ];
  const within = [{ start: end, end, text: `,${eol}${indent}${said}` }];
  return /^\s*,?\s*(?:#.*)?$/.test(rest)
    ? [own, within, [beside]]
    : [within, [beside]];
}
