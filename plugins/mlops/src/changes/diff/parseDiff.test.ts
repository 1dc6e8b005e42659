import { countLines, differentPart, parseDiff, toPairs } from './parseDiff';

const diff = `diff --git a/train.yaml b/train.yaml
index 1..2 100644
--- a/train.yaml
+++ b/train.yaml
@@ -3,4 +3,5 @@ spec:
 a: 1
-b: 2
+b: 3
+c: 4
 d: 5
\\ No newline at end of file
@@ -20 +21,0 @@
-gone: true
`;

describe('parseDiff', () => {
  it('numbers the lines of both sides', () => {
    const [first, second] = parseDiff(diff);
    expect(first.lines).toEqual([
      { kind: 'same', old: 3, new: 3, text: 'a: 1' },
      { kind: 'removed', old: 4, text: 'b: 2' },
      { kind: 'added', new: 4, text: 'b: 3' },
      { kind: 'added', new: 5, text: 'c: 4' },
      { kind: 'same', old: 5, new: 6, text: 'd: 5' },
    ]);
    expect(second.lines).toEqual([
      { kind: 'removed', old: 20, text: 'gone: true' },
    ]);
    expect(countLines([first, second])).toEqual({ added: 2, removed: 2 });
  });

  it('puts what was taken away beside what came in its place', () => {
    expect(
      toPairs(parseDiff(diff)[0]).map(({ before, after }) => [
        before?.text,
        after?.text,
      ]),
    ).toEqual([
      ['a: 1', 'a: 1'],
      ['b: 2', 'b: 3'],
      [undefined, 'c: 4'],
      ['d: 5', 'd: 5'],
    ]);
  });

  it('takes no line that looks like a header for one', () => {
    const [hunk] = parseDiff('@@ -1,2 +1,2 @@\n---- a\n++++ b\n');
    expect(hunk.lines.map(({ kind, text }) => [kind, text])).toEqual([
      ['removed', '--- a'],
      ['added', '+++ b'],
    ]);
  });

  it('is empty for a binary file', () => {
    expect(parseDiff('')).toEqual([]);
  });

  it.each([
    ["value: '60'", "value: '120'", '6'],
    ['abc', 'abc', ''],
    ['aa', 'a', 'a'],
  ])('finds what of %s differs from %s', (text, other, part) => {
    const { start, end } = differentPart(text, other);
    expect(text.slice(start, end)).toBe(part);
  });
});
