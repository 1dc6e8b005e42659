/*
 * Another value at a place that has one: ways to write it, the one that changes least first. Which of them says the value is
 * found by reading the text again.
 */
import { isAlias, isCollection, isMap, isScalar } from 'yaml';
import { blockText } from './blockText';
import { isNothing, columnOf, type OpenYaml } from './openYaml';
import { blockLines, flowText, isBlockValue } from './renderYaml';
import { doubleQuoted, scalarTexts, type ScalarStyle } from './scalarText';
import {
  dashOf,
  endOfColon,
  endOfNode,
  endOfPair,
  endOfTokens,
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
import type { YamlPlace } from './findPlace';

/** Ways to write the value, best first. */
export function replaceValue(
  open: OpenYaml,
  place: YamlPlace,
  value: unknown,
): Splice[][] {
  const ways: Splice[][] = [];
  if (!place.flow && isBlockValue(value))
    ways.push(...asBlock(open, place, value));
  if (isLines(open, place, value))
    ways.push(...asBlockText(open, place, value));
  for (const text of inlineTexts(open, place, value))
    ways.push(...inline(open, place, text));
  return ways;
}

function isLines(
  open: OpenYaml,
  place: YamlPlace,
  value: unknown,
): value is string {
  if (place.flow || typeof value !== 'string') return false;
  return (open.style.blocks || isBlockText(place.node)) && value.includes('\n');
}

/** Column of the line that the place's key or dash begins. */
function columnAround(open: OpenYaml, place: YamlPlace): number {
  if (place.pair) {
    const { key, start } = pairTokens(place.pair);
    const mark = start.find(token => token.type === 'explicit-key-ind');
    return columnOf(open.text, mark?.offset ?? key!.offset);
  }
  return columnOf(open.text, dashOf(itemTokens(place)));
}

function itemTokens(place: YamlPlace) {
  return seqTokens(place.parent as never)[place.at.at(-1) as number];
}

/** Where the value would begin when there were none: after the colon or dash, its anchor and tag. */
function opening(place: YamlPlace): number | undefined {
  if (place.pair) return endOfColon(place.pair);
  const tokens = itemTokens(place);
  return endOfTokens(tokens.start.filter(token => token.type !== 'comma'));
}

function styleAt(node: unknown): ScalarStyle {
  const type = isScalar(node) ? node.type : undefined;
  if (type === 'QUOTE_SINGLE') return 'single';
  return type === 'QUOTE_DOUBLE' ? 'double' : 'plain';
}

function inlineTexts(
  open: OpenYaml,
  place: YamlPlace,
  value: unknown,
): string[] {
  if (typeof value === 'object' && value !== null)
    return [flowText(value, open.style)];
  const texts = scalarTexts(value as string, {
    style: styleAt(place.node),
    quote: open.style.quote,
    flow: place.flow,
  });
  return typeof value === 'string'
    ? [...new Set([...texts, doubleQuoted(value)])]
    : texts;
}

function inline(open: OpenYaml, place: YamlPlace, said: string): Splice[][] {
  const { text } = open;
  const { node } = place;
  if (isNothing(node)) {
    const at = opening(place);
    if (at !== undefined) return [[{ start: at, end: at, text: ` ${said}` }]];
    const end = place.pair ? endOfPair(text, place.pair) : 0;
    return [[{ start: end, end, text: `: ${said}` }]];
  }
  const [start] = (node as { range: [number, number, number] }).range;
  const end = endOfNode(text, node);
  const whole = { start, end, text: said };
  if (isBlockText(node)) {
    const comment =
      /\s#.*$/.exec(text.slice(start, lineEnd(text, start)))?.[0] ?? '';
    return [
      [{ ...whole, text: said + comment }],
      ...untagged(open, place, whole),
    ];
  }
  if (isBlockCollection(node) && startsLine(text, start)) {
    const at = opening(place);
    if (at === undefined) return [];
    const first = lineStart(text, start);
    return [
      [
        { start: at, end: at, text: ` ${said}` },
        { start: first, end: nextLine(text, end), text: '' },
      ],
    ];
  }
  return [[whole], ...untagged(open, place, whole)];
}

// A tag says what the old value is; the new one may be something else.
function untagged(open: OpenYaml, place: YamlPlace, whole: Splice): Splice[][] {
  const tokens = place.pair
    ? pairTokens(place.pair).sep
    : itemTokens(place).start;
  const tag = tokens?.find(token => token.type === 'tag');
  if (!tag) return [];
  const end = tag.offset + tag.source.length;
  const gap = /^ */.exec(open.text.slice(end))![0].length;
  return [[{ start: tag.offset, end: end + gap, text: '' }, whole]];
}

function isBlockText(node: unknown): boolean {
  return isScalar(node) && Boolean(node.type?.startsWith('BLOCK_'));
}

function isBlockCollection(node: unknown): boolean {
  return isCollection(node) && !node.flow;
}

function asBlock(open: OpenYaml, place: YamlPlace, value: unknown): Splice[][] {
  const { text, style } = open;
  const column = columnAround(open, place);
  const at = opening(place);
  if (at === undefined) return [];
  const inner = place.pair
    ? column + (Array.isArray(value) ? style.dash : style.step)
    : column + 2;
  const eol = eolAt(text, at);
  const [first, ...rest] = blockLines(value, inner, style);
  const gone = goneOf(open, place, at);
  if (gone.ownLines) {
    const lines = [`${' '.repeat(inner)}${first}`, ...rest].join(eol);
    return [[{ start: gone.start, end: gone.end, text: lines }]];
  }
  if (!place.pair) {
    const joined = [first, ...rest].join(eol);
    if (rest.length === 0 || gone.end === lineEnd(text, gone.end))
      return [
        [
          {
            start: gone.start,
            end: gone.end,
            text: gone.start === at ? ` ${joined}` : joined,
          },
        ],
      ];
    return [
      [
        {
          start: gone.start,
          end: gone.end,
          text: gone.start === at ? ` ${first}` : first,
        },
        linesAt(text, nextLine(text, gone.end), rest),
      ],
    ];
  }
  const cut = {
    start: trimBack(text, gone.start, at),
    end: gone.end,
    text: '',
  };
  const after = linesAt(text, nextLine(text, gone.end), [
    `${' '.repeat(inner)}${first}`,
    ...rest,
  ]);
  return [[cut, after]];
}

function trimBack(text: string, offset: number, floor: number): number {
  let at = offset;
  while (at > floor && text[at - 1] === ' ') at -= 1;
  return at;
}

/** The range that the old value takes; on lines of its own or behind the colon. */
function goneOf(open: OpenYaml, place: YamlPlace, at: number) {
  const { node } = place;
  if (isNothing(node)) return { start: at, end: at, ownLines: false };
  const [start] = (node as { range: [number, number, number] }).range;
  const end = endOfNode(open.text, node);
  const own = startsLine(open.text, start);
  return {
    start: own ? lineStart(open.text, start) : start,
    end,
    ownLines: own,
  };
}

function asBlockText(
  open: OpenYaml,
  place: YamlPlace,
  value: string,
): Splice[][] {
  const { text, style } = open;
  const { node } = place;
  const was = isScalar(node) ? node.type : undefined;
  if (isAlias(node) || was === 'QUOTE_DOUBLE' || was === 'QUOTE_SINGLE')
    return [];
  const at = opening(place);
  if (at === undefined || (isBlockCollection(node) && !isMap(node) && !node))
    return [];
  const column = columnAround(open, place);
  const block = was?.startsWith('BLOCK_')
    ? (node as { range: [number, number, number] })
    : undefined;
  const old = block
    ? oldLines(text, block.range[0], block.range[1])
    : undefined;
  const indent = old?.indent ?? column + style.step;
  const gone = goneOf(open, place, at);
  if (gone.ownLines) return [];
  const eol = eolAt(text, at);
  return [was === 'BLOCK_FOLDED', false].flatMap(folded => {
    const said = blockText(value, {
      folded,
      indent: indent - column,
      before: old?.lines,
    });
    if (!said) return [];
    const lines = said.lines.map(line =>
      line === '' ? '' : ' '.repeat(indent) + line,
    );
    const header = `${gone.start === at ? ' ' : ''}${said.header}`;
    const comment =
      /\s#.*$/.exec(
        text.slice(
          block ? gone.start : gone.end,
          lineEnd(text, block ? gone.start : gone.end),
        ),
      )?.[0] ?? '';
    const end = block ? gone.end : lineEnd(text, gone.end);
    const body = [header + comment, ...lines].join(eol);
    const kept = { start: gone.start, end, text: body };
    const closed = { ...kept, text: body + eol };
    return end === text.length && value.endsWith('\n')
      ? [[closed], [kept]]
      : [[kept]];
  });
}

function oldLines(text: string, start: number, end: number) {
  const body = text.slice(nextLine(text, start), end).split(/\r?\n/);
  const shown = body.filter(line => line.trim() !== '');
  if (shown.length === 0) return undefined;
  const digit = /^[|>][-+]?([1-9])/.exec(text.slice(start, start + 3));
  if (digit) return undefined;
  const indent = /^ */.exec(shown[0])![0].length;
  return { indent, lines: body.map(line => line.slice(indent)) };
}
