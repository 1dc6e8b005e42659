import { editsOf, pathsWith, renamed, stateOf, withFile } from './filesDraft';

const path = 'ml-projects/one/docs/a.md';
const other = 'ml-projects/one/docs/b.md';

describe('an edit of files', () => {
  it('holds what differs from git, and nothing else', () => {
    const typed = withFile({}, path, { original: 'a', text: 'ab' });
    expect(stateOf(typed[path])).toBe('modified');
    // The text in git is that of the first look, whatever is said later.
    const again = withFile(typed, path, { original: 'ab', text: 'abc' });
    expect(again[path]).toEqual({ original: 'a', text: 'abc' });
    expect(withFile(again, path, { original: 'abc', text: 'a' })).toEqual({});
  });

  it('takes a new file that is removed again out of the edit', () => {
    const added = withFile({}, path, { original: null, text: '' });
    expect(stateOf(added[path])).toBe('added');
    expect(withFile(added, path, { original: null, text: null })).toEqual({});
  });

  it('renames by removing and adding, and back to nothing', () => {
    const moved = renamed({}, { from: path, to: other, text: 'a' });
    expect(editsOf(moved)).toEqual([
      { path, delete: true },
      { path: other, content: 'a' },
    ]);
    expect(pathsWith([path], moved)).toEqual([path, other]);
    expect(renamed(moved, { from: other, to: path, text: 'a' })).toEqual({});
  });

  it('renames an edited file with its edit', () => {
    const typed = withFile({}, path, { original: 'a', text: 'ab' });
    const moved = renamed(typed, { from: path, to: other, text: 'ab' });
    expect(moved[path]).toEqual({ original: 'a', text: null });
    expect(moved[other]).toEqual({ original: null, text: 'ab' });
  });

  it('puts a removed file back as it was in git', () => {
    const gone = withFile({}, path, { original: 'a', text: null });
    expect(stateOf(gone[path])).toBe('deleted');
    expect(withFile(gone, path, { original: 'a', text: 'a' })).toEqual({});
  });
});
