import { applyEdits, maxEditBytes, type BaseFile } from './applyEdits';
import type { FileEdit } from './Change';
import { checkChangePath } from './checkChangePath';

const file = (text: string): BaseFile => ({
  mode: '100644',
  sizeBytes: text.length,
  text,
});
const base: Record<string, BaseFile> = {
  'p/train.yaml': file("epochs: '5' # passes\nrate: 0.1\n"),
  'p/notes.md': file('Notes.\n'),
  'p/link.yaml': { mode: '120000', sizeBytes: 4 },
  'p/big.yaml': { mode: '100644', sizeBytes: 9_000_000 },
  'p/sub': { mode: '160000', sizeBytes: 0 },
};
const apply = (...edits: unknown[]) =>
  applyEdits(edits as FileEdit[], path =>
    Object.hasOwn(base, path) ? base[path] : undefined,
  );

describe('edits become files', () => {
  it('whole, removed, and with fields set in their text', () => {
    expect(
      apply(
        { path: 'p/new.md', content: 'New 🎃\n' },
        { path: 'p/notes.md', delete: true },
        {
          path: 'p/train.yaml',
          set: [{ at: ['epochs'], value: '9' }, { at: ['rate'] }],
        },
        { path: 'p/train.yaml', set: [{ at: ['seed'], value: 7 }] },
      ),
    ).toEqual({
      faults: [],
      files: [
        { path: 'p/new.md', content: 'New 🎃\n' },
        { path: 'p/notes.md', content: null },
        { path: 'p/train.yaml', content: "epochs: '9' # passes\nseed: 7\n" },
      ],
    });
  });

  it('without those that stay as they are', () => {
    expect(
      apply(
        { path: 'p/notes.md', content: 'Notes.\n' },
        { path: 'p/train.yaml', set: [{ at: ['rate'], value: 0.1 }] },
      ),
    ).toEqual({ faults: [], files: [] });
  });

  it('or into all faults at once', () => {
    const { files, faults } = apply(
      { path: '../x', content: '' },
      { path: 'p/x.yaml', set: [{ at: ['a'], value: 1 }] },
      { path: 'p/x.md', delete: true },
      { path: 'p/notes.md', set: [{ at: ['a'], value: 1 }] },
      {
        path: 'p/train.yaml',
        set: [
          { at: ['a', 'b'], value: 1 },
          { at: [], value: 1 },
        ],
      },
      { path: 'p/link.yaml', set: [{ at: ['a'], value: 1 }] },
      { path: 'p/big.yaml', set: [{ at: ['a'], value: 1 }] },
      { path: 'p/a', content: 5 },
      { path: 'p/b', content: 'x'.repeat(maxEditBytes + 1) },
      { path: 'p/c' },
      { path: 'p/d', content: 'x', delete: true },
      { path: 'p/e', content: '\ud800' },
      { path: 'p/f', delete: false },
      { path: 'p/link.yaml', content: '' },
      'p',
      { path: 'p/notes.md/x', content: '' },
      { path: 'p/sub', content: 'x' },
    );
    expect(files).toEqual([]);
    expect(faults.map(fault => `${fault.field}: ${fault.message}`)).toEqual([
      'edits[0].path: edits[0].path may not have a part \'..\': "../x".',
      "edits[1].path: 'p/x.yaml' is not there, so no field of it can be set.",
      "edits[2].path: 'p/x.md' is not there, so it cannot be removed.",
      "edits[3].path: 'p/notes.md' is no YAML file; give its whole text instead.",
      "edits[4].set[0].at: p/train.yaml: 'a' is not there (setting 'a.b').",
      "edits[4].set[1].at: p/train.yaml: An edit needs a path of keys and indexes in 'at'; [] is none.",
      "edits[5].path: 'p/link.yaml' is a symbolic link, so no field of it can be set.",
      "edits[6].path: 'p/big.yaml' cannot be read as text, so no field of it can be set.",
      'edits[7].content: edits[7].content must be a text, not 5.',
      `edits[8].content: 'p/b' would have ${
        maxEditBytes + 1
      } bytes; at most ${maxEditBytes} are allowed.`,
      "edits[9]: edits[9] ('p/c') must have one of content, delete, set; it has none.",
      "edits[10]: edits[10] ('p/d') must have one of content, delete, set; it has content, delete.",
      'edits[11].content: edits[11].content holds half a character, which no file can hold.',
      'edits[12].delete: edits[12].delete must be true, not false.',
      "edits[13].path: 'p/link.yaml' is edited twice; only fields can be set more than once.",
      'edits[14]: edits[14] must be an edit, not "p".',
      "edits[16].path: 'p/sub' is a submodule; only plain files are written.",
      "edits: 'p/notes.md/x' cannot be written, since 'p/notes.md' is a file.",
    ]);
  });
});

describe('a path of a change', () => {
  it.each([
    'a',
    'a/b c.yaml',
    '.github/x',
    'é/🎃.md',
    '.gitignore',
    'a/..b',
    'x.git',
  ])('may be %j', path => expect(checkChangePath(path)).toBeUndefined());

  it.each([
    '',
    '/a',
    'a//b',
    'a/',
    './a',
    'a/../b',
    '..',
    '.git/hooks/x',
    'a/.GIT/x',
    '.git./x',
    'GIT~1/x',
    'a\\b',
    'a\nb',
    'a\u0000',
    '-a',
    ':a',
    'a\u202eb',
    '.g\u200cit/x',
    ' a',
    'a /b',
    'a:b',
    'what?.md',
    'a|b',
    'a/-b',
    'a/b.',
    'a./b',
    '\uff0egit/x',
    'x'.repeat(501),
    `${'é'.repeat(200)}/x`,
    '\ud800',
    5,
    undefined,
    null,
  ])('may not be %j', path =>
    expect(checkChangePath(path)).toEqual(expect.any(String)),
  );
});
