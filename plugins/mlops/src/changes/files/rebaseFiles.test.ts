import { hasMoved, rebaseFiles } from './rebaseFiles';

const of = (original: string | null, text: string | null) => ({
  a: { original, text },
});
const lines = (...words: string[]) => words.map(word => `${word}\n`).join('');

describe('an edit on a newer commit', () => {
  it('has not moved while its files are what they were', () => {
    expect(hasMoved(of('x', 'y'), { a: 'x' })).toBe(false);
    expect(hasMoved(of(null, 'y'), { a: null })).toBe(false);
    expect(hasMoved(of('x', 'y'), { a: 'z' })).toBe(true);
    expect(hasMoved(of('x', 'y'), { a: null })).toBe(true);
    expect(hasMoved(of(null, 'y'), { a: '' })).toBe(true);
  });

  it('puts both changes together', () => {
    const before = lines('one', 'two', 'three', 'four');
    expect(
      rebaseFiles(of(before, lines('1', 'two', 'three', 'four')), {
        a: lines('one', 'two', 'three', '4'),
      }),
    ).toEqual({
      files: {
        a: {
          original: lines('one', 'two', 'three', '4'),
          text: lines('1', 'two', 'three', '4'),
        },
      },
      conflicts: 0,
      conflictsIn: [],
      removedOrChanged: [],
    });
  });

  it('marks what both changed, and two new files of one name', () => {
    for (const before of ['x\n', null]) {
      const { files, conflicts, conflictsIn } = rebaseFiles(
        of(before, 'mine\n'),
        { a: 'theirs\n' },
      );
      expect(files.a.original).toBe('theirs\n');
      expect(files.a.text).toMatch(/^<{7} yours\nmine\n={7}\ntheirs\n>{7}/);
      expect({ conflicts, conflictsIn }).toEqual({
        conflicts: 1,
        conflictsIn: ['a'],
      });
    }
  });

  it('leaves out what the other side did as well', () => {
    expect(rebaseFiles(of('x', 'y'), { a: 'y' }).files).toEqual({});
    expect(rebaseFiles(of('x', null), { a: null }).files).toEqual({});
    expect(rebaseFiles(of('x', null), { a: null }).removedOrChanged).toEqual(
      [],
    );
  });

  it('keeps what the person left, and names it, where one side removed the file', () => {
    const gone = rebaseFiles(of('x', null), { a: 'theirs' });
    expect(gone.files).toEqual({ a: { original: 'theirs', text: null } });
    expect(gone.removedOrChanged).toEqual(['a']);
    const kept = rebaseFiles(of('x', 'mine'), { a: null });
    expect(kept.files).toEqual({ a: { original: null, text: 'mine' } });
    expect(kept.removedOrChanged).toEqual(['a']);
  });
});
