import { EditorView } from '@codemirror/view';
import {
  act,
  configure,
  screen,
  waitFor,
  within,
} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakePortal, type Asked } from '../../testUtils/FakePortal';
import { address, renderPage } from '../../testUtils/renderPage';
import { changeOf, detailOf, effectOf } from '../../testUtils/samples';

const folder = 'ml-projects/leaves';
const page = '/mlops/changes/files?project=leaves';
const first = '1'.repeat(40);
const second = '2'.repeat(40);
const draftKey = 'mlops draft files leaves';

type Texts = Record<string, string | undefined>;

/** A portal that has these texts at a commit; one without text is a picture. */
function portalWith(commit: string, texts: Texts) {
  const portal = new FakePortal()
    .answer('GET projects/leaves', detailOf())
    .answer('POST effect', effectOf({}));
  return filesOf(portal, commit, texts);
}

function filesOf(portal: FakePortal, commit: string, texts: Texts) {
  portal.answer('GET projects/leaves/files', {
    project: 'leaves',
    commit,
    folder,
    items: Object.keys(texts).map(path => ({
      path: `${folder}/${path}`,
      kind: 'file',
      sizeBytes: 10,
    })),
    truncated: false,
  });
  for (const [path, text] of Object.entries(texts))
    portal.answer(
      `GET projects/leaves/files/${folder}/${path}`,
      ({ where }: Asked) => ({
        project: 'leaves',
        commit: new URLSearchParams(where.split('?')[1]).get('ref'),
        path: `${folder}/${path}`,
        sizeBytes: 10,
        text,
      }),
    );
  return portal;
}

/** The tab has an edit from before, made from the first commit. */
const keepDraft = (
  files: Record<string, { original: string | null; text: string | null }>,
) =>
  sessionStorage.setItem(
    draftKey,
    JSON.stringify({
      base: first,
      files: Object.fromEntries(
        Object.entries(files).map(([path, file]) => [
          `${folder}/${path}`,
          file,
        ]),
      ),
      message: '',
      reviewers: [],
      draft: false,
      trial: false,
    }),
  );

const editor = async (file: string) => {
  const content = await screen.findByRole('textbox', {
    name: new RegExp(`Text of .*${file}`),
  });
  return EditorView.findFromDOM(content)!;
};
const write = async (file: string, text: string) => {
  const view = await editor(file);
  act(() =>
    view.dispatch({
      changes: { from: 0, to: view.state.doc.length, insert: text },
    }),
  );
};
const shown = async (file: string) => (await editor(file)).state.doc.toString();
const press = async (name: string) =>
  userEvent.click(await screen.findByRole('button', { name }));
const bodyOf = (portal: FakePortal, route: string) =>
  portal.asked.find(({ method, where }) => `${method} ${where}` === route)
    ?.body;

// The page and its editor come in chunks of their own, which take a while the first time.
beforeAll(() =>
  Promise.all([import('./FilesPage'), import('../editor/YamlEditor')]),
);
afterEach(() => sessionStorage.clear());

configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(120_000);

describe('the page that edits files', () => {
  it('opens a file by its link, and proposes what is changed, added and removed', async () => {
    const portal = portalWith(first, {
      'README.md': 'one\n',
      'src/fit.py': 'two\n',
      'photo.png': undefined,
    }).answer('POST changes', changeOf());
    portal.answer('GET changes/7', changeOf());
    renderPage(portal, page);
    expect(
      await screen.findByText('Choose a file, or add one.'),
    ).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Open request' })).toBeDisabled();
    await userEvent.click(screen.getByRole('link', { name: 'README.md' }));
    await write('README.md', 'uno\n');
    await userEvent.click(screen.getByRole('link', { name: 'photo.png' }));
    expect(
      await screen.findByText(/no text, or too large/),
    ).toBeInTheDocument();
    await press('Remove');
    await press('New file');
    const dialog = await screen.findByRole('dialog');
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: 'Path' }),
      'docs/a.md',
    );
    await userEvent.click(within(dialog).getByRole('button', { name: 'Add' }));
    await write('docs/a.md', 'new\n');
    await press('Open request');
    await waitFor(() => expect(address()).toBe('/mlops/changes/7'));
    expect(bodyOf(portal, 'POST changes')).toEqual({
      project: 'leaves',
      title: 'Change 3 files',
      base: first,
      edits: [
        { path: `${folder}/README.md`, content: 'uno\n' },
        { path: `${folder}/docs/a.md`, content: 'new\n' },
        { path: `${folder}/photo.png`, delete: true },
      ],
    });
  });

  it('goes on by itself where somebody else changed other files', async () => {
    keepDraft({ 'a.md': { original: 'a\n', text: 'mine\n' } });
    const portal = portalWith(second, { 'a.md': 'a\n', 'b.md': 'new\n' });
    renderPage(portal, `${page}&file=${folder}/a.md`);
    expect(await shown('a.md')).toBe('mine\n');
    await waitFor(() =>
      expect(JSON.parse(sessionStorage.getItem(draftKey)!).base).toBe(second),
    );
    expect(screen.queryByText(/Changed by somebody else/)).toBeNull();
  });

  it('puts the edit on the newest commit where its files were changed', async () => {
    keepDraft({
      'a.md': { original: 'a\nb\nc\n', text: 'A\nb\nc\n' },
      'gone.md': { original: 'x\n', text: 'y\n' },
      'both.md': { original: 'x\n', text: 'mine\n' },
    });
    const portal = portalWith(second, {
      'a.md': 'a\nb\nC\n',
      'both.md': 'theirs\n',
    }).answer('POST changes', changeOf());
    portal.answer('GET changes/7', changeOf());
    renderPage(portal, `${page}&file=${folder}/a.md`);
    expect(
      await screen.findByText(
        'Changed by somebody else, at commit 22222222: a.md, both.md, gone.md',
      ),
    ).toBeInTheDocument();
    await press('Put my edit on the newest');
    expect(
      await screen.findByText(/1 place was changed by both, in both.md/),
    ).toHaveTextContent('One of you removed and the other changed gone.md');
    expect(await shown('a.md')).toBe('A\nb\nC\n');
    // What both changed is settled before it is proposed.
    expect(screen.getByRole('button', { name: 'Open request' })).toBeDisabled();
    await userEvent.click(screen.getByRole('link', { name: 'both.md' }));
    expect(await shown('both.md')).toMatch(/^<{7} yours\nmine\n/);
    await write('both.md', 'ours\n');
    await press('Open request');
    await waitFor(() => expect(address()).toBe('/mlops/changes/7'));
    expect(bodyOf(portal, 'POST changes')).toMatchObject({
      base: second,
      edits: [
        { path: `${folder}/a.md`, content: 'A\nb\nC\n' },
        { path: `${folder}/both.md`, content: 'ours\n' },
        { path: `${folder}/gone.md`, content: 'y\n' },
      ],
    });
  });

  it('saves on the branch of a request from its newest commit', async () => {
    const change = changeOf();
    const portal = portalWith(change.head, { 'a.md': 'a\n' })
      .answer('GET changes/7', change)
      .answer('PATCH changes/7', change);
    renderPage(portal, `${page}&change=7&file=${folder}/a.md`);
    await write('a.md', 'b\n');
    expect(portal.asked.map(({ where }) => where)).toContain(
      `projects/leaves/files?ref=${change.head}`,
    );
    await press('Save on the branch');
    await waitFor(() => expect(address()).toBe('/mlops/changes/7'));
    expect(bodyOf(portal, 'PATCH changes/7')).toEqual({
      edits: [{ path: `${folder}/a.md`, content: 'b\n' }],
      head: change.head,
    });
  });
});
