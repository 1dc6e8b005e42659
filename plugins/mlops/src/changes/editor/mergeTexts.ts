import { diffRows } from '@backstage-mlops/mlops-core';

/** Two changes of one text, put together. */
export interface MergedText {
  text: string;
  /** Places that both changed; they stand in the text between git's markers. */
  conflicts: number;
}

/** Lines `from` until `to` of the old text become other lines. */
interface Patch {
  from: number;
  to: number;
  lines: string[];
}

/** Puts somebody else's change of a text below one's own, line by line, as git would. */
export function mergeTexts(
  before: string,
  mine: string,
  theirs: string,
): MergedText {
  const old = before.split('\n');
  const patches = [patchesOf(before, mine), patchesOf(before, theirs)];
  const out: string[] = [];
  let at = 0;
  let conflicts = 0;
  while (patches.some(side => side.length > 0)) {
    const group = takeGroup(patches);
    const from = Math.min(...group.flat().map(patch => patch.from));
    const to = Math.max(...group.flat().map(patch => patch.to));
    out.push(...old.slice(at, from));
    const [own, other] = group.map(side => apply(old, { from, to }, side));
    if (group[0].length === 0) out.push(...other);
    else if (group[1].length === 0 || own.join('\n') === other.join('\n'))
      out.push(...own);
    else {
      conflicts += 1;
      out.push('<<<<<<< yours', ...own, '=======', ...other, '>>>>>>> main');
    }
    at = to;
  }
  out.push(...old.slice(at));
  return { text: out.join('\n'), conflicts };
}

/** Takes the next patch with all of the other side that touch it. */
function takeGroup(patches: Patch[][]): Patch[][] {
  const group: Patch[][] = [[], []];
  const first =
    (patches[0][0]?.from ?? Infinity) <= (patches[1][0]?.from ?? Infinity)
      ? 0
      : 1;
  let end = patches[first][0].to;
  group[first].push(patches[first].shift()!);
  for (;;) {
    const at = touching(patches, end);
    if (at < 0) return group;
    const patch = patches[at].shift()!;
    end = Math.max(end, patch.to);
    group[at].push(patch);
  }
}

/** The side whose next patch begins no later than a line. */
function touching(patches: Patch[][], end: number): number {
  return patches.findIndex(side => side.length > 0 && side[0].from <= end);
}

/** What one side makes of some lines. */
function apply(
  old: string[],
  range: { from: number; to: number },
  patches: Patch[],
): string[] {
  const out: string[] = [];
  let at = range.from;
  for (const { from, to, lines } of patches) {
    out.push(...old.slice(at, from), ...lines);
    at = to;
  }
  return [...out, ...old.slice(at, range.to)];
}

function patchesOf(before: string, after: string): Patch[] {
  const patches: Patch[] = [];
  let at = 0;
  let open: Patch | undefined;
  for (const { sign, line } of diffRows(
    before.split('\n'),
    after.split('\n'),
  )) {
    if (sign === ' ') open = undefined;
    else {
      if (!open) patches.push((open = { from: at, to: at, lines: [] }));
      if (sign === '-') open.to += 1;
      else open.lines.push(line);
    }
    if (sign !== '+') at += 1;
  }
  return patches;
}
