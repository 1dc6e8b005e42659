import fc from 'fast-check';
import { mergeTexts } from './mergeTexts';

const before = 'a: 1\nb: 2\nc: 3\nd: 4\ne: 5\n';

describe('mergeTexts', () => {
  it('keeps both changes where they are apart', () => {
    expect(
      mergeTexts(
        before,
        before.replace('a: 1', 'a: 10'),
        before.replace('e: 5', 'e: 50\nf: 6'),
      ),
    ).toEqual({ text: 'a: 10\nb: 2\nc: 3\nd: 4\ne: 50\nf: 6\n', conflicts: 0 });
  });

  it('shows both where they differ in one line', () => {
    const { text, conflicts } = mergeTexts(
      before,
      before.replace('c: 3', 'c: 30'),
      before.replace('c: 3', 'c: 31'),
    );
    expect(conflicts).toBe(1);
    expect(text).toBe(
      'a: 1\nb: 2\n<<<<<<< yours\nc: 30\n=======\nc: 31\n>>>>>>> main\nd: 4\ne: 5\n',
    );
  });

  it('takes the same change of both once', () => {
    const same = before.replace('c: 3\n', '');
    expect(mergeTexts(before, same, same)).toEqual({
      text: same,
      conflicts: 0,
    });
  });

  it('loses nothing of either: one side alone gives that side', () => {
    const line = fc.constantFrom('a', 'b', 'c', '', 'long line');
    const text = fc.array(line, { maxLength: 12 }).map(all => all.join('\n'));
    fc.assert(
      fc.property(text, text, (old, changed) => {
        expect(mergeTexts(old, changed, old).text).toBe(changed);
        expect(mergeTexts(old, old, changed).text).toBe(changed);
      }),
    );
  });
});
