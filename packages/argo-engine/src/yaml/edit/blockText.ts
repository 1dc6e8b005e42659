/*
 * Block scalars: `|` keeps lines as they are, `>` joins them. What neither can say exactly is not written so.
 */
import { unprintable } from './scalarText';

export interface BlockText {
  /** As `|-`. */
  header: string;
  /** Without their indentation. */
  lines: string[];
}

export interface BlockTextOptions {
  folded: boolean;
  /** Spaces of the lines more than the parent has; written down when the first line itself begins with a space. */
  indent: number;
  /** Lines of the text that stands there now; paragraphs of theirs that stay keep their breaks. */
  before?: string[];
}

/** Undefined when a block scalar cannot say the text. */
export function blockText(
  value: string,
  { folded, indent, before = [] }: BlockTextOptions,
): BlockText | undefined {
  if (unprintable.test(value.replace(/[\n\t]/g, ''))) return undefined;
  if (value.trim() === '') return undefined;
  const body = value.replace(/\n+$/, '');
  const ends = value.length - body.length;
  const chomp = ends === 0 ? '-' : ends === 1 ? '' : '+';
  const lines = body.split('\n');
  if (lines.some(line => line !== '' && line.trim() === '')) return undefined;
  const first = lines.find(line => line !== '') ?? '';
  if (/^\t/.test(first)) return undefined;
  const digit = /^ /.test(first) || lines[0] === '' ? String(indent) : '';
  if (digit && (indent < 1 || indent > 9)) return undefined;
  const trailing = Array.from({ length: Math.max(0, ends - 1) }, () => '');
  const shown = folded ? foldedLines(lines, before) : lines;
  return {
    header: `${folded ? '>' : '|'}${digit}${chomp}`,
    lines: [...shown, ...trailing],
  };
}

// Between two lines of the value stands an empty one, unless one of them is indented, where breaks are kept as they are.
function foldedLines(lines: string[], before: string[]): string[] {
  const known = paragraphsOf(before);
  const width = Math.max(80, ...before.map(line => line.length));
  const out: string[] = [];
  let last: string | undefined;
  let lastWords: string | undefined;
  for (const line of lines) {
    const joins = isWords(line) && last !== undefined;
    if (joins && isWords(lastWords ?? '')) out.push('');
    out.push(
      ...(isWords(line) ? known.get(line) ?? wrap(line, width) : [line]),
    );
    last = line;
    if (line !== '') lastWords = line;
  }
  return out;
}

function isWords(line: string): boolean {
  return line !== '' && !/^[ \t]/.test(line);
}

function paragraphsOf(lines: string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let open: string[] = [];
  for (const line of [...lines, '']) {
    if (isWords(line)) open.push(line);
    else {
      if (open.length > 0) found.set(open.join(' '), open);
      open = [];
    }
  }
  return found;
}

// Only single spaces between words can be breaks.
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=[^ \t]) (?=[^ \t])/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
