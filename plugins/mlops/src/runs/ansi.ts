/** A piece of a line in one style. */
export interface AnsiPart {
  text: string;
  colour?: string;
  bold?: boolean;
}

type Style = Omit<AnsiPart, 'text'>;

// The eight colours of a terminal, light enough for the dark ground of a log.
const colours = [
  '#9aa0a6',
  '#ff8a80',
  '#8bd98b',
  '#ffd479',
  '#8ab4f8',
  '#d7aefb',
  '#78d9ec',
  '#e6e6e6',
];
// eslint-disable-next-line no-control-regex
const styleCode = /\u001b\[([0-9;]*)m/g;
// eslint-disable-next-line no-control-regex
const otherCodes = /\u001b(\[[0-9;?]*[ -/]*[@-~]|\][^\u0007]*(\u0007|$)|.)?/g;
// eslint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Splits a line at its colour codes; other control codes are dropped. */
export function parseAnsi(line: string): AnsiPart[] {
  const parts: AnsiPart[] = [];
  let style: Style = {};
  let at = 0;
  const push = (text: string) => {
    const clean = plain(text);
    if (clean !== '') parts.push({ text: clean, ...style });
  };
  for (const match of line.matchAll(styleCode)) {
    push(line.slice(at, match.index));
    at = match.index + match[0].length;
    style = (match[1] || '0').split(';').map(Number).reduce(apply, style);
  }
  push(line.slice(at));
  return parts;
}

/** A line without any code. */
export function plain(line: string): string {
  return line.replace(otherCodes, '').replace(controls, '');
}

function apply(style: Style, code: number): Style {
  if (code === 0) return {};
  if (code === 1) return { ...style, bold: true };
  if (code === 22) return { ...style, bold: undefined };
  if (code === 39) return { ...style, colour: undefined };
  const colour = colours[code >= 90 ? code - 90 : code - 30];
  const coloured = (code >= 30 && code <= 37) || (code >= 90 && code <= 97);
  return coloured ? { ...style, colour } : style;
}
