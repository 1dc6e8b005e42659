const contextLines = 3;

/** A unified diff of two texts with one hunk around all that differs; empty when nothing does. Made for edits of a few lines. */
export function unifiedDiff(
  path: string,
  before: string,
  after: string,
): string {
  if (before === after) return '';
  const old = linesOf(before);
  const now = linesOf(after);
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start])
    start += 1;
  let same = 0;
  while (
    same < old.length - start &&
    same < now.length - start &&
    old[old.length - 1 - same] === now[now.length - 1 - same]
  )
    same += 1;
  const from = Math.max(0, start - contextLines);
  const behind = Math.min(same, contextLines);
  const oldEnd = old.length - same;
  const nowEnd = now.length - same;
  const lines = [
    ...old.slice(from, start).map(line => ` ${line}`),
    ...old.slice(start, oldEnd).map(line => `-${line}`),
    ...now.slice(start, nowEnd).map(line => `+${line}`),
    ...old.slice(oldEnd, oldEnd + behind).map(line => ` ${line}`),
  ];
  const range = (length: number) =>
    `${length === 0 ? from : from + 1},${length}`;
  return [
    before === '' ? '--- /dev/null' : `--- a/${path}`,
    `+++ b/${path}`,
    `@@ -${range(oldEnd + behind - from)} +${range(nowEnd + behind - from)} @@`,
    ...lines,
    '',
  ].join('\n');
}

// A line that ends without a break is told as git tells it.
function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') return lines.slice(0, -1);
  return [
    ...lines.slice(0, -1),
    `${lines.at(-1)}\n\\ No newline at end of file`,
  ];
}
