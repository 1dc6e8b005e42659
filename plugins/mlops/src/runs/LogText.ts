import { errorLine } from '@backstage-mlops/mlops-core';
import { plain } from './ansi';

/** A line with its 1-based number. */
export interface LogLine {
  number: number;
  text: string;
}

/** A log that grows: parts come as they were written, lines come out. */
export class LogText {
  private readonly whole: string[] = [];
  private rest = '';
  /** Bytes taken so far, to go on from there after a break. */
  byteLength = 0;

  append(part: string): void {
    this.byteLength += new TextEncoder().encode(part).length;
    const lines = (this.rest + part).split('\n');
    this.rest = lines.pop()!;
    for (const line of lines) this.whole.push(overwritten(line));
  }

  /** All lines; the last may still grow. */
  lines(): LogLine[] {
    const texts =
      this.rest === '' ? this.whole : [...this.whole, overwritten(this.rest)];
    return texts.map((text, index) => ({ number: index + 1, text }));
  }
}

// A progress bar goes back to the start of its line and writes over it.
function overwritten(line: string): string {
  const kept = line.replace(/\r+$/, '');
  return kept.slice(kept.lastIndexOf('\r') + 1);
}

/** Lines that contain the words, whatever their case and colours. */
export function searchLines(lines: LogLine[], words: string): LogLine[] {
  const wanted = words.toLowerCase();
  if (wanted === '') return lines;
  return lines.filter(({ text }) => plain(text).toLowerCase().includes(wanted));
}

/** A text in pieces: every second one is what was searched for. */
export function splitAround(text: string, words: string): string[] {
  if (words === '') return [text];
  const [low, wanted] = [text.toLowerCase(), words.toLowerCase()];
  const pieces: string[] = [];
  let from = 0;
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, from)) {
    pieces.push(text.slice(from, at), text.slice(at, at + words.length));
    from = at + words.length;
  }
  return [...pieces, text.slice(from)];
}

/** Number of the line that says what went wrong, when some line does. */
export function findErrorLine(lines: LogLine[]): number | undefined {
  const texts = lines.map(({ text }) => plain(text).trim());
  const said = errorLine(texts.join('\n'));
  if (said === undefined) return undefined;
  // The message may be cut; the last of several equal lines is the one that ended the step.
  const at = texts.findLastIndex(text => text.startsWith(said));
  return at < 0 ? undefined : lines[at].number;
}
