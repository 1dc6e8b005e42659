/*
 * Values that are new to a file, written as its neighbours are: block style with the file's indentation, or flow style where the
 * place is within brackets.
 */
import { blockText } from './blockText';
import { scalarTexts } from './scalarText';
import { isPlainMap, keysOf, type PlainMap } from './values';

/** How a file is written. */
export interface YamlStyle {
  /** Spaces that a level is indented by. */
  step: number;
  /** Spaces between a key and the dashes of its list: 0 or `step`. */
  dash: number;
  quote: 'single' | 'double';
  /** Texts of several lines as blocks; else on one line. */
  blocks: boolean;
}

/** Whether a value is written over several lines in block style. */
export function isBlockValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isPlainMap(value) && keysOf(value).length > 0;
}

/** On one line, for a place within brackets, or for empty collections. */
export function flowText(value: unknown, style: YamlStyle): string {
  if (Array.isArray(value))
    return `[${value.map(item => flowText(item ?? null, style)).join(', ')}]`;
  if (isPlainMap(value)) {
    const pairs = keysOf(value).map(
      key => `${keyText(key, style)}: ${flowText(value[key], style)}`,
    );
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
  }
  return inlineText(value, style, true);
}

/** A key as it stands before its colon. */
export function keyText(key: string, style: YamlStyle): string {
  return scalarTexts(key, {
    style: 'plain',
    quote: style.quote,
    flow: true,
  })[0];
}

function inlineText(value: unknown, style: YamlStyle, flow = false): string {
  return scalarTexts(value as string | number | boolean | null, {
    style: 'plain',
    quote: style.quote,
    flow,
  })[0];
}

/** Lines of a map or list at a column; the first without its indentation. */
export function blockLines(
  value: unknown,
  column: number,
  style: YamlStyle,
): string[] {
  const lines = Array.isArray(value)
    ? value.flatMap(item => itemLines(item ?? null, column, style))
    : keysOf(value as PlainMap).flatMap(key =>
        pairLines(key, (value as PlainMap)[key], column, style),
      );
  return [lines[0].trimStart(), ...lines.slice(1)];
}

/** Lines of one key with its value, indented to the column. */
export function pairLines(
  key: string,
  value: unknown,
  column: number,
  style: YamlStyle,
): string[] {
  const head = `${' '.repeat(column)}${keyText(key, style)}:`;
  if (!isBlockValue(value)) return leafLines(head, value, column, style);
  const inner = column + (Array.isArray(value) ? style.dash : style.step);
  const [first, ...rest] = blockLines(value, inner, style);
  return [head, `${' '.repeat(inner)}${first}`, ...rest];
}

/** Lines of one item of a list, indented to the column of its dash. */
export function itemLines(
  value: unknown,
  column: number,
  style: YamlStyle,
): string[] {
  const head = `${' '.repeat(column)}-`;
  if (!isBlockValue(value)) return leafLines(head, value, column, style);
  const [first, ...rest] = blockLines(value, column + 2, style);
  return [`${head} ${first}`, ...rest];
}

function leafLines(
  head: string,
  value: unknown,
  column: number,
  style: YamlStyle,
): string[] {
  const block =
    style.blocks && typeof value === 'string' && value.includes('\n')
      ? blockText(value, { folded: false, indent: style.step })
      : undefined;
  if (block)
    return [
      `${head} ${block.header}`,
      ...block.lines.map(line =>
        line === '' ? '' : `${' '.repeat(column + style.step)}${line}`,
      ),
    ];
  if (typeof value === 'object' && value !== null)
    return [`${head} ${flowText(value, style)}`];
  return [`${head} ${inlineText(value, style)}`];
}
