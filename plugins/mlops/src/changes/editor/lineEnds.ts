/*
 * The editor counts each end of a line as one character and forgets how it was written. A file keeps its ends of lines: what is
 * typed is put into the file's own text, and new lines end as the others do.
 */

/** A piece of text that is replaced, by offsets in the text with plain ends of lines. */
export interface TypedChange {
  from: number;
  to: number;
  /** With plain ends of lines. */
  insert: string;
}

/** The text as an editor holds it. */
export function withPlainEnds(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

/** Makes changes in a text whose lines may end in any way; their places are those in the text with plain ends. */
export function changeText(written: string, changes: TypedChange[]): string {
  // A carriage return alone would become one end of a line together with what is typed behind it.
  const text = written.replace(/\r(?!\n)/g, '\n');
  const doubled = doubledEnds(text);
  const ending = doubled.length > 0 ? '\r\n' : '\n';
  const at = (offset: number) =>
    offset + doubled.filter(end => end < offset).length;
  return [...changes]
    .sort((a, b) => b.from - a.from)
    .reduce(
      (before, { from, to, insert }) =>
        before.slice(0, at(from)) +
        insert.replace(/\n/g, ending) +
        before.slice(at(to)),
      text,
    );
}

/** Where ends of lines of two characters stand in the text with plain ones. */
function doubledEnds(text: string): number[] {
  const found: number[] = [];
  for (
    let at = text.indexOf('\r\n');
    at >= 0;
    at = text.indexOf('\r\n', at + 2)
  )
    found.push(at - found.length);
  return found;
}
