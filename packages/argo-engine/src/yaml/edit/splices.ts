/*
 * Where the tokens of a document stand in its text, and texts with some of them replaced.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { CST } from 'yaml';

/** Text put in the place of a range. */
export interface Splice {
  start: number;
  end: number;
  text: string;
}

/** The text with all splices done; undefined when two of them overlap. */
export function spliced(text: string, splices: Splice[]): string | undefined {
  const ordered = splices
    .map((splice, index) => ({ ...splice, index }))
    .sort((a, b) => a.start - b.start || a.end - b.end || a.index - b.index);
  let out = '';
  let at = 0;
  for (const splice of ordered) {
    if (splice.start < at) return undefined;
    out += text.slice(at, splice.start) + splice.text;
    at = splice.end;
  }
  return out + text.slice(at);
}

/** The line break that is used around a place. */
export function eolAt(text: string, offset: number): string {
  const before = text.lastIndexOf('\n', offset - 1);
  const at = before >= 0 ? before : text.indexOf('\n', offset);
  return at > 0 && text[at - 1] === '\r' ? '\r\n' : '\n';
}

export function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

/** Start of the next line, or the end of the text. */
export function nextLine(text: string, offset: number): number {
  const at = text.indexOf('\n', offset);
  return at < 0 ? text.length : at + 1;
}

/** End of a line without its break. */
export function lineEnd(text: string, offset: number): number {
  const at = text.indexOf('\n', offset);
  if (at < 0) return text.length;
  return at > offset && text[at - 1] === '\r' ? at - 1 : at;
}

/** Whether only spaces stand before a place on its line. */
export function startsLine(text: string, offset: number): boolean {
  return text.slice(lineStart(text, offset), offset).trim() === '';
}

/** Whole lines put before the line that starts at a place. */
export function linesAt(text: string, offset: number, lines: string[]): Splice {
  const eol = eolAt(text, offset);
  const block = lines.join(eol);
  const open = offset > 0 && text[offset - 1] !== '\n';
  return {
    start: offset,
    end: offset,
    text: open ? `${eol}${block}` : `${block}${eol}`,
  };
}

type SourceItem = {
  start: CST.SourceToken[];
  key?: CST.Token | null;
  sep?: CST.SourceToken[];
  value?: CST.Token;
};

/** Tokens of the items of a list that have a place of their own. */
export function seqTokens(seq: YAMLSeq): SourceItem[] {
  const items = ((seq.srcToken as { items?: SourceItem[] })?.items ??
    []) as SourceItem[];
  if (seq.flow) return items.slice(0, seq.items.length);
  return items.filter(item =>
    item.start.some(token => token.type === 'seq-item-ind'),
  );
}

/** Where the dash of an item stands. */
export function dashOf(item: SourceItem): number {
  return item.start.find(token => token.type === 'seq-item-ind')!.offset;
}

export function pairTokens(pair: Pair): SourceItem {
  return pair.srcToken as SourceItem;
}

const quiet = new Set(['space', 'newline', 'comment', 'comma']);

/** End of the last token that says something: a colon, dash, anchor or tag. */
export function endOfTokens(tokens: CST.SourceToken[]): number | undefined {
  const last = tokens.findLast(token => !quiet.has(token.type));
  return last && last.offset + last.source.length;
}

/** Where the value of a pair would begin when there is none; undefined when there is not even a colon. */
export function endOfColon(pair: Pair): number | undefined {
  return endOfTokens(pairTokens(pair).sep ?? []);
}

/** End of what a pair says, before the space and comments after it. */
export function endOfPair(text: string, pair: Pair): number {
  const { key, sep = [], value } = pairTokens(pair);
  if (value && !isEmptyToken(value)) return endOfNode(text, pair.value);
  const keyEnd =
    key && 'source' in key ? key.offset + key.source.length : undefined;
  return endOfTokens(sep) ?? keyEnd ?? 0;
}

/** End of what an item of a list says. */
export function endOfItem(text: string, seq: YAMLSeq, index: number): number {
  const tokens = seqTokens(seq)[index];
  if (tokens.key !== undefined || tokens.sep)
    return endOfNode(text, seq.items[index]);
  if (tokens.value && !isEmptyToken(tokens.value))
    return endOfNode(text, seq.items[index]);
  return endOfTokens(tokens.start) ?? 0;
}

function isEmptyToken(token: CST.Token): boolean {
  return (
    'source' in token && token.type !== 'block-scalar' && token.source === ''
  );
}

/** End of what a node says. */
export function endOfNode(text: string, node: unknown): number {
  if (isAlias(node)) return node.range![1];
  if (isScalar(node)) {
    const [start, end] = node.range!;
    return node.type?.startsWith('BLOCK_') ? endOfBlock(text, start, end) : end;
  }
  if (isMap(node) && !node.flow && node.items.length > 0)
    return endOfPair(text, node.items.at(-1)!);
  if (isSeq(node) && !node.flow && node.items.length > 0)
    return endOfItem(text, node, node.items.length - 1);
  return (node as YAMLMap).range![1];
}

// Empty lines after a block scalar belong to it only where its header says so; a line of more spaces than its indentation is text.
function endOfBlock(text: string, start: number, end: number): number {
  const header = text.slice(start, lineEnd(text, start)).replace(/\s#.*$/, '');
  const said = text.slice(start, end).replace(/\r?\n$/, '');
  if (header.includes('+')) return start + said.length;
  const lines = said.split('\n');
  const first = lines.slice(1).find(line => line.trim() !== '') ?? '';
  const indent = /\d/.test(header)
    ? 0
    : first.length - first.trimStart().length;
  const isText = (line: string) =>
    line.trim() !== '' || line.replace('\r', '').length > indent;
  const last = Math.max(0, lines.findLastIndex(isText));
  return (
    start +
    lines
      .slice(0, last + 1)
      .join('\n')
      .replace(/\r$/, '').length
  );
}
