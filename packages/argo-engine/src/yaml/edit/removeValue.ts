/*
 * A key or item taken away: its lines go, the comments around it stay.
 */
import { isMap, type YAMLMap, type YAMLSeq } from 'yaml';
import type { YamlPlace } from './findPlace';
import type { OpenYaml } from './openYaml';
import { replaceValue } from './replaceValue';
import {
  dashOf,
  endOfItem,
  endOfPair,
  lineEnd,
  lineStart,
  nextLine,
  pairTokens,
  seqTokens,
  startsLine,
  type Splice,
} from './splices';

interface Extent {
  start: number;
  end: number;
  /** Where the next one begins. */
  next?: number;
}

/** Ways to take the value away, best first. */
export function removeValue(open: OpenYaml, place: YamlPlace): Splice[][] {
  const parent = place.parent!;
  const index = isMap(parent)
    ? parent.items.indexOf(place.pair!)
    : (place.at.at(-1) as number);
  if (parent.flow) return [removeFromFlow(open.text, parent, index)];
  if (parent.items.length === 1) return removeOnly(open, place, parent);
  const lines = removeLines(open.text, extent(open.text, parent, index));
  return [lines, [...lines, emptyAfter(open.text, lines[0].end)]];
}

function extent(
  text: string,
  parent: YAMLMap | YAMLSeq,
  index: number,
): Extent {
  const begin = (at: number) => {
    if (isMap(parent)) {
      const { key, start } = pairTokens(parent.items[at]);
      const mark = start.find(token => token.type === 'explicit-key-ind');
      return mark?.offset ?? key!.offset;
    }
    return dashOf(seqTokens(parent)[at]);
  };
  return {
    start: begin(index),
    end: isMap(parent)
      ? endOfPair(text, parent.items[index])
      : endOfItem(text, parent, index),
    next: index + 1 < parent.items.length ? begin(index + 1) : undefined,
  };
}

function removeLines(text: string, { start, end, next }: Extent): Splice[] {
  const line = lineStart(text, start);
  if (startsLine(text, start))
    return [{ start: line, end: nextLine(text, end), text: '' }];
  // Behind the dash of an item: what follows takes its place.
  if (
    next !== undefined &&
    text.slice(lineEnd(text, end), next).trim() === '' &&
    nextLine(text, end) <= next
  )
    return [{ start, end: next, text: '' }];
  let from = start;
  while (text[from - 1] === ' ') from -= 1;
  return [{ start: from, end: lineEnd(text, end), text: '' }];
}

// A block that keeps empty lines would take those that follow now.
function emptyAfter(text: string, start: number): Splice {
  const found = /^(?:[ \t]*\r?\n)*/.exec(text.slice(start))![0];
  return { start, end: start + found.length, text: '' };
}

// Without its only item a collection is an empty one; comments around the item stay where they are.
function removeOnly(
  open: OpenYaml,
  place: YamlPlace,
  parent: YAMLMap | YAMLSeq,
): Splice[][] {
  const empty = isMap(parent) ? {} : [];
  const { text } = open;
  const said = isMap(parent) ? '{}' : '[]';
  const around = place.around!;
  const gone = extent(text, parent, 0);
  if (around.at.length === 0)
    return [[{ start: gone.start, end: gone.end, text: said }]];
  const whole = replaceValue(open, around, empty);
  const [way] = whole;
  if (!startsLine(text, gone.start) || way?.length !== 2) return whole;
  const lines = removeLines(text, gone);
  return [[way[0], ...lines], ...whole];
}

function removeFromFlow(
  text: string,
  parent: YAMLMap | YAMLSeq,
  index: number,
): Splice[] {
  const begin = (at: number) =>
    isMap(parent)
      ? pairTokens(parent.items[at]).key!.offset
      : (parent.items[at] as { range: [number, number, number] }).range[0];
  const close = (at: number) =>
    isMap(parent)
      ? endOfPair(text, parent.items[at])
      : endOfItem(text, parent, at);
  const start = begin(index);
  const end = close(index);
  const last = index === parent.items.length - 1;
  const behind = last ? parent.range![1] - 1 : begin(index + 1);
  const comma = commaIn(text, end, behind);
  if (comma !== undefined || index === 0) {
    const stop = comma === undefined ? end : comma + 1;
    return [wholeLine(text, start, stop, end)];
  }
  // A line before keeps its comma.
  if (startsLine(text, start)) return [wholeLine(text, start, end, end)];
  const before = commaIn(text, close(index - 1), start)!;
  return [{ start: before, end, text: '' }];
}

// The first comma that is no part of a comment.
function commaIn(text: string, from: number, to: number): number | undefined {
  const shown = text
    .slice(from, to)
    .replace(/(^|\s)#.*/g, comment => ' '.repeat(comment.length));
  const at = shown.indexOf(',');
  return at < 0 ? undefined : from + at;
}

// With the line when nothing else is on it; else with the spaces up to what follows.
function wholeLine(
  text: string,
  start: number,
  stop: number,
  end: number,
): Splice {
  const alone =
    startsLine(text, start) &&
    /^\s*(?:#.*)?$/.test(text.slice(stop, lineEnd(text, stop)));
  if (alone && lineStart(text, start) > 0)
    return {
      start: lineStart(text, start),
      end: nextLine(text, stop),
      text: '',
    };
  let to = stop;
  while (stop > end && text[to] === ' ') to += 1;
  return { start, end: to, text: '' };
}
