import { giveUp } from './scalars';

const header = /([|>])(-?) *\n/y;

/** Value of a block scalar whose mark stands at `at`, and where the line after it begins. `indent` is that of the collection around. */
export function blockScalar(
  text: string,
  at: number,
  indent: number,
): { value: string; end: number } {
  header.lastIndex = at;
  const [head, style, strip] = header.exec(text) ?? giveUp();
  const lines: string[] = [];
  let inner = -1;
  let pos = at + head.length;
  let filled = 0;
  while (pos < text.length) {
    const end = text.indexOf('\n', pos);
    const from = firstInk(text, pos);
    // Whether a line of spaces, or a last line that is not ended, belongs to the text is left to the whole parser.
    if (end < 0 || (from === end && from > pos)) giveUp();
    if (from === end) lines.push('');
    else {
      if (inner < 0) inner = from - pos;
      if (from - pos <= indent) break;
      if (from - pos < inner) giveUp();
      lines.push(text.slice(pos + inner, end));
      filled = lines.length;
    }
    pos = end + 1;
  }
  if (filled === 0 || lines[0] === '') giveUp();
  lines.length = filled;
  if (style === '>' && lines.some(line => /^(?: |$)| $/.test(line))) giveUp();
  const value = lines.join(style === '>' ? ' ' : '\n');
  return { value: strip ? value : `${value}\n`, end: pos };
}

/** The first place from `pos` on that is no space. */
export function firstInk(text: string, pos: number): number {
  let at = pos;
  while (text[at] === ' ') at += 1;
  return at;
}
