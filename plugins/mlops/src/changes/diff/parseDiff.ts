/** One line of a diff: its numbers on the sides where it stands. */
export interface DiffLine {
  kind: 'same' | 'added' | 'removed';
  old?: number;
  new?: number;
  text: string;
}

/** Lines that belong together. */
export interface DiffHunk {
  /** What git says of the place, as `@@ -1,4 +1,5 @@ spec:`. */
  header: string;
  lines: DiffLine[];
}

const place = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** The hunks of a unified diff of one file; what stands before the first is left out. */
export function parseDiff(diff: string): DiffHunk[] {
  const hunks: DiffHunk[] = [];
  let before = 0;
  let after = 0;
  for (const row of diff.split('\n')) {
    const found = place.exec(row);
    if (found) {
      before = Number(found[1]);
      after = Number(found[2]);
      hunks.push({ header: row, lines: [] });
      continue;
    }
    const lines = hunks[hunks.length - 1]?.lines;
    if (!lines) continue;
    const text = row.slice(1);
    if (row.startsWith('+')) lines.push({ kind: 'added', new: after++, text });
    else if (row.startsWith('-'))
      lines.push({ kind: 'removed', old: before++, text });
    else if (row.startsWith(' '))
      lines.push({ kind: 'same', old: before++, new: after++, text });
  }
  return hunks;
}

/** How many lines a diff adds and takes away. */
export function countLines(hunks: DiffHunk[]): {
  added: number;
  removed: number;
} {
  const lines = hunks.flatMap(hunk => hunk.lines);
  const of = (kind: DiffLine['kind']) =>
    lines.filter(line => line.kind === kind).length;
  return { added: of('added'), removed: of('removed') };
}

/** A line before beside the line after; one of them is absent where a line has no partner. */
export interface DiffPair {
  before?: DiffLine;
  after?: DiffLine;
}

/** Sides of a hunk: what was taken away stands beside what came in its place. */
export function toPairs({ lines }: DiffHunk): DiffPair[] {
  const pairs: DiffPair[] = [];
  let removed: DiffLine[] = [];
  let added: DiffLine[] = [];
  const flush = () => {
    const rows = Math.max(removed.length, added.length);
    for (let i = 0; i < rows; i++)
      pairs.push({ before: removed[i], after: added[i] });
    removed = [];
    added = [];
  };
  for (const line of lines) {
    if (line.kind === 'removed') removed.push(line);
    else if (line.kind === 'added') added.push(line);
    else {
      flush();
      pairs.push({ before: line, after: line });
    }
  }
  flush();
  return pairs;
}

/** The part of a text that differs from another, between what both begin and end with. */
export function differentPart(
  text: string,
  other: string,
): { start: number; end: number } {
  const shortest = Math.min(text.length, other.length);
  let start = 0;
  while (start < shortest && text[start] === other[start]) start += 1;
  let tail = 0;
  while (
    tail < shortest - start &&
    text[text.length - 1 - tail] === other[other.length - 1 - tail]
  )
    tail += 1;
  return { start, end: text.length - tail };
}
