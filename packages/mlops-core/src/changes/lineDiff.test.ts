import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { lineDiff } from './lineDiff';

it('is a hunk with three lines around', () => {
  const before = 'a\nb\nc\nd\ne\nf\ng\nh\n';
  expect(lineDiff(before, before.replace('e\n', 'E\nX\n'))).toBe(
    '@@ -2,7 +2,8 @@\n b\n c\n d\n-e\n+E\n+X\n f\n g\n h\n',
  );
});

it('is all of a new or removed file, and nothing of one that stays', () => {
  expect(lineDiff(undefined, 'a\n')).toBe('@@ -0,0 +1 @@\n+a\n');
  expect(lineDiff('a\nb', undefined)).toBe(
    '@@ -1,2 +0,0 @@\n-a\n-b\n\\ No newline at end of file\n',
  );
  expect(lineDiff('a', 'a')).toBe('');
});

it('is applied by git to what it came from', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'diff-'));
  const line = fc.constantFrom('a', 'b', 'c', '', 'd e');
  const text = fc
    .tuple(fc.array(line, { maxLength: 30 }), fc.boolean())
    .map(
      ([lines, ends]) =>
        lines.join('\n') + (ends && lines.length > 0 ? '\n' : ''),
    );
  try {
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after && before !== '' && after !== '');
        writeFileSync(path.join(folder, 'f'), before);
        const patch = `--- a/f\n+++ b/f\n${lineDiff(before, after)}`;
        execFileSync('git', ['apply', '-p1', '--unidiff-zero', '-'], {
          cwd: folder,
          input: patch,
        });
        return (
          execFileSync('cat', [path.join(folder, 'f')], {
            encoding: 'utf8',
          }) === after
        );
      }),
      { numRuns: 100 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('shows texts without anything in common as replaced', () => {
  const many = (word: string) =>
    Array.from({ length: 2000 }, (_, i) => `${word}${i}\n`).join('');
  const diff = lineDiff(many('a'), many('b'));
  expect(diff.match(/^-/gm)).toHaveLength(2000);
  expect(diff.match(/^\+/gm)).toHaveLength(2000);
});
