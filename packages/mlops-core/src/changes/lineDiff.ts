/*
 * A unified diff of two texts, as git writes it, without git: for what is not in any commit yet. Shortest edit script by Myers'
 * algorithm on lines; texts that differ too much are shown as replaced.
 */
const context = 3;
const maxSteps = 400;

/** A line that both texts have, or only the old (`-`) or the new one (`+`). @public */
export interface DiffRow {
  sign: ' ' | '-' | '+';
  line: string;
}

type Row = DiffRow;

/** The hunks of a unified diff; empty when both are the same. `undefined` stands for a file that is not there. @public */
export function lineDiff(
  before: string | undefined,
  after: string | undefined,
): string {
  if (before === after) return '';
  const rows = diffRows(linesOf(before), linesOf(after));
  return hunksOf(rows).map(show).join('');
}

function linesOf(text: string | undefined): string[] {
  if (!text) return [];
  const lines = text.split('\n').map(line => `${line}\n`);
  const last = lines.pop()!.slice(0, -1);
  return last === ''
    ? lines
    : [...lines, `${last}\n\\ No newline at end of file\n`];
}

/** All lines of two texts, side by side. @public */
export function diffRows(old: string[], now: string[]): DiffRow[] {
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head])
    head += 1;
  let tail = 0;
  const most = Math.min(old.length, now.length) - head;
  while (tail < most && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const same = (line: string): Row => ({ sign: ' ', line });
  return [
    ...old.slice(0, head).map(same),
    ...shortest(
      old.slice(head, old.length - tail),
      now.slice(head, now.length - tail),
    ),
    ...old.slice(old.length - tail).map(same),
  ];
}

function shortest(old: string[], now: string[]): Row[] {
  const trace: Int32Array[] = [];
  const steps = Math.min(old.length + now.length, maxSteps);
  const reach = new Int32Array(2 * steps + 3);
  const middle = steps + 1;
  for (let d = 0; d <= steps; d++) {
    trace.push(reach.slice());
    for (let k = -d; k <= d; k += 2) {
      const down =
        k === -d || (k !== d && reach[middle + k - 1] < reach[middle + k + 1]);
      let x = down ? reach[middle + k + 1] : reach[middle + k - 1] + 1;
      while (x < old.length && x - k < now.length && old[x] === now[x - k])
        x += 1;
      reach[middle + k] = x;
      if (x >= old.length && x - k >= now.length)
        return walkBack(old, now, trace, middle);
    }
  }
  return [
    ...old.map((line): Row => ({ sign: '-', line })),
    ...now.map((line): Row => ({ sign: '+', line })),
  ];
}

function walkBack(
  old: string[],
  now: string[],
  trace: Int32Array[],
  middle: number,
): Row[] {
  const rows: Row[] = [];
  let x = old.length;
  let y = now.length;
  for (let d = trace.length - 1; d >= 0; d--) {
    const reach = trace[d];
    const k = x - y;
    const down =
      k === -d || (k !== d && reach[middle + k - 1] < reach[middle + k + 1]);
    const fromK = down ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : reach[middle + fromK];
    const fromY = d === 0 ? 0 : fromX - fromK;
    while (x > fromX && y > fromY) {
      rows.push({ sign: ' ', line: old[x - 1] });
      x -= 1;
      y -= 1;
    }
    if (d === 0) break;
    if (down) rows.push({ sign: '+', line: now[y - 1] });
    else rows.push({ sign: '-', line: old[x - 1] });
    x = fromX;
    y = fromY;
  }
  return rows.reverse();
}

interface Hunk {
  old: number;
  now: number;
  rows: Row[];
}

function hunksOf(rows: Row[]): Hunk[] {
  const hunks: Hunk[] = [];
  let open: Hunk | undefined;
  let quiet = 0;
  let old = 1;
  let now = 1;
  rows.forEach((row, index) => {
    if (row.sign !== ' ') {
      if (!open) {
        const lead = rows.slice(Math.max(0, index - context), index);
        open = {
          old: old - lead.length,
          now: now - lead.length,
          rows: [...lead],
        };
        hunks.push(open);
      }
      open.rows.push(row);
      quiet = 0;
    } else if (open) {
      open.rows.push(row);
      quiet += 1;
      if (quiet > 2 * context) {
        open.rows.splice(open.rows.length - quiet + context);
        open = undefined;
        quiet = 0;
      }
    }
    if (row.sign !== '+') old += 1;
    if (row.sign !== '-') now += 1;
  });
  if (open && quiet > context)
    open.rows.splice(open.rows.length - quiet + context);
  return hunks;
}

function show({ old, now, rows }: Hunk): string {
  const before = rows.filter(row => row.sign !== '+').length;
  const after = rows.filter(row => row.sign !== '-').length;
  // A side without lines is said to begin before its first.
  const at = (line: number, count: number) =>
    `${count === 0 ? line - 1 : line}${count === 1 ? '' : `,${count}`}`;
  return `@@ -${at(old, before)} +${at(now, after)} @@\n${rows
    .map(row => row.sign + row.line)
    .join('')}`;
}
