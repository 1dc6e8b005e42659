/* eslint-disable no-control-regex -- control codes are what is looked for */
/** A piece of a log line in one style. */
export interface AnsiPart {
  text: string;
  colour?: string;
  bold?: boolean;
}

const colours: Record<number, string> = {
  30: '#9aa0a6',
  31: '#ff8a80',
  32: '#8bd98b',
  33: '#ffd479',
  34: '#8ab4f8',
  35: '#d7aefb',
  36: '#78d9ec',
  37: '#e6e6e6',
};
const escape = /\u001b\[([0-9;]*)m/g;

/** Splits a line at its colour codes; other control codes are dropped. */
export function parseAnsi(line: string): AnsiPart[] {
  const parts: AnsiPart[] = [];
  let style: Omit<AnsiPart, 'text'> = {};
  let at = 0;
  const push = (text: string) => {
    const clean = text
      .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
      .replace(/[\u0000-\u0008\u000b-\u001f]/g, '');
    if (clean !== '') parts.push({ text: clean, ...style });
  };
  for (const match of line.matchAll(escape)) {
    push(line.slice(at, match.index));
    at = match.index + match[0].length;
    for (const code of (match[1] || '0').split(';').map(Number))
      style = apply(style, code);
  }
  push(line.slice(at));
  return parts;
}

function apply(
  style: Omit<AnsiPart, 'text'>,
  code: number,
): Omit<AnsiPart, 'text'> {
  if (code === 0) return {};
  if (code === 1) return { ...style, bold: true };
  if (code === 39) return { ...style, colour: undefined };
  const colour = colours[code >= 90 ? code - 60 : code];
  return colour ? { ...style, colour } : style;
}
