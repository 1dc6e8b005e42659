import { startCompletion } from '@codemirror/autocomplete';
import { EditorView } from '@codemirror/view';
import {
  act,
  configure,
  screen,
  waitFor,
  within,
} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { Effect } from '@backstage-mlops/mlops-core';
import { FakePortal, type Asked } from '../../testUtils/FakePortal';
import { address, renderPage } from '../../testUtils/renderPage';
import {
  changeOf,
  detailOf,
  effectOf,
  graphOf,
  pipelineOf,
  runOf,
} from '../../testUtils/samples';

const source = `# How leaves are told apart.
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata:
  name: train
spec:
  entrypoint: main
  arguments:
    parameters:
      - name: epochs # passes
        value: '120'
      - { name: seed, value: 7 }
  templates:
    - name: main
      dag: { tasks: [{ name: fit, template: fit }] }
    - name: fit
      container: { image: 'x', command: [sh] }
`;
const pipeline = pipelineOf({
  source,
  parameters: [
    { name: 'epochs', value: '120', required: false },
    { name: 'seed', value: '7', required: false },
  ],
});
const page = '/mlops/changes/new?project=leaves&pipeline=train';
const { file } = pipeline;
const fewer = source.replace("'120'", "'60'");

function portalWith(effect: Partial<Effect> = {}) {
  return new FakePortal()
    .answer('GET pipelines/leaves/train', pipeline)
    .answer('GET projects/leaves', detailOf())
    .answer('POST effect', effectOf(effect));
}

const field = (name: string) => screen.findByRole('textbox', { name });
const text = async () => {
  const content = await screen.findByRole('textbox', { name: /^YAML of/ });
  return EditorView.findFromDOM(content)!;
};
const type = async (from: string, to: string) => {
  const view = await text();
  const at = view.state.doc.toString().indexOf(from);
  act(() =>
    view.dispatch({ changes: { from: at, to: at + from.length, insert: to } }),
  );
};
const shown = async () => (await text()).state.doc.toString();
const setEpochs = async (value: string) => {
  await userEvent.clear(await field('epochs'));
  await userEvent.type(await field('epochs'), value);
};
const asked = (portal: FakePortal, route: string) =>
  portal.asked.filter(({ method, where }) => `${method} ${where}` === route);

// The page and its editor come in chunks of their own, which take a while the first time.
beforeAll(() => Promise.all([import('./EditorPage'), import('./YamlEditor')]));
afterEach(() => sessionStorage.clear());

// These pages are large, and a busy machine draws them slowly.
configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(120_000);

describe('the editor of a pipeline', () => {
  it('writes a field into the text and leaves the rest of it as it is', async () => {
    renderPage(portalWith(), page);
    await text();
    await setEpochs('60');
    expect(await shown()).toBe(fewer);
    await userEvent.clear(await field('seed'));
    await userEvent.type(await field('seed'), '11');
    expect(await shown()).toBe(fewer.replace('value: 7', 'value: 11'));
  });

  it('shows in the form what is typed into the text', async () => {
    renderPage(portalWith(), page);
    await type("'120'", "'30'");
    expect(await field('epochs')).toHaveValue('30');
    expect(screen.getByText('120')).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Put back epochs' }),
    );
    expect(await shown()).toBe(source);
  });

  it('rests the form while the text is no YAML, and says where it breaks', async () => {
    renderPage(portalWith(), page);
    await type('metadata:', 'metadata: [');
    expect(await screen.findByText(/the form rests/)).toBeInTheDocument();
    expect(
      screen.queryByRole('textbox', { name: 'epochs' }),
    ).not.toBeInTheDocument();
    await type('metadata: [', 'metadata:');
    expect(await field('epochs')).toHaveValue('120');
  });

  it('asks for the effect when nobody types, and shows it', async () => {
    const portal = portalWith({
      parameters: [
        { pipeline: 'train', name: 'epochs', before: '120', after: '60' },
      ],
      rerun: ['fit'],
      cached: ['split'],
      affected: {
        pipelines: ['train'],
        models: ['kind'],
        datasets: [],
        teams: ['group:default/botany'],
        projects: [],
      },
      pipelines: [
        {
          pipeline: 'train',
          file,
          before: graphOf({ name: 'split' }, { name: 'old' }),
          after: graphOf({ name: 'split' }, { name: 'fit', line: 14 }),
          added: ['main.fit'],
          removed: ['main.old'],
          changed: [{ id: 'main.split', fields: ['container.args[2]'] }],
          parameters: [],
          rerun: ['fit'],
          cached: ['split'],
        },
      ],
    });
    renderPage(portal, page);
    expect(await screen.findByText(/Nothing is changed yet/)).toBeVisible();
    await text();
    await setEpochs('60');
    const steps = await screen.findByRole('group', { name: /Graph/ });
    for (const name of [/^fit: added/, /^old: removed/, /^split: changed/])
      expect(within(steps).getByRole('button', { name })).toBeInTheDocument();
    const words = screen.getByRole('list', { name: 'Steps that change' });
    expect(words).toHaveTextContent('container.args[2]');
    expect(screen.getByText('Does 1 step')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'kind' })).toHaveAttribute(
      'href',
      '/mlops/projects/leaves/models/kind',
    );
    expect(screen.getByText('botany')).toBeInTheDocument();
    await waitFor(() =>
      expect(asked(portal, 'POST effect').pop()!.body).toMatchObject({
        project: 'leaves',
        base: pipeline.commit,
        edits: [{ path: file, content: fewer }],
      }),
    );
  });

  it('offers what may stand where the cursor is', async () => {
    renderPage(portalWith(), page);
    await type('      container: {', '      contai: {');
    const view = await text();
    const at = view.state.doc.toString().indexOf('contai') + 6;
    act(() => view.dispatch({ selection: { anchor: at } }));
    act(() => {
      startCompletion(view);
    });
    expect(
      await screen.findByRole('option', { name: /^container/ }),
    ).toBeInTheDocument();
  });

  it('drops the answer to an edit that is no more', async () => {
    let release = (_: Effect) => {};
    const portal = portalWith().answer('POST effect', ({ body }: Asked) =>
      body.edits[0].content.includes("'1'")
        ? new Promise<Effect>(resolve => {
            release = resolve;
          })
        : effectOf({ rerun: ['new'], pipelines: [stillOf()] }),
    );
    renderPage(portal, page);
    await type("'120'", "'1'");
    await waitFor(() => expect(asked(portal, 'POST effect')).toHaveLength(1));
    await type("'1'", "'2'");
    expect(await screen.findByText('new')).toBeInTheDocument();
    await act(async () =>
      release(effectOf({ rerun: ['stale'], pipelines: [stillOf()] })),
    );
    expect(screen.getByText('new')).toBeInTheDocument();
    expect(screen.queryByText('stale')).not.toBeInTheDocument();
  });

  it('leads from a finding to its line', async () => {
    renderPage(
      portalWith({
        findings: [
          {
            file,
            line: 14,
            column: 7,
            code: 'unknown',
            message: "There is no template 'fitt'.",
            severity: 'error',
          },
        ],
      }),
      page,
    );
    await type("'120'", "'60'");
    await userEvent.click(
      await screen.findByRole('button', { name: 'Line 14' }),
    );
    const view = await text();
    const at = view.state.selection.main.head;
    expect(view.state.doc.lineAt(at).number).toBe(14);
    expect(screen.getByText(/1 fault is found/)).toBeInTheDocument();
  });

  it('proposes the edit with a title that it suggests, and opens the request', async () => {
    const portal = portalWith({
      parameters: [
        { pipeline: 'train', name: 'epochs', before: '120', after: '60' },
      ],
    })
      .answer('POST changes', changeOf())
      .answer('GET changes/7', changeOf());
    renderPage(portal, page);
    await text();
    expect(screen.getByRole('button', { name: 'Open request' })).toBeDisabled();
    await setEpochs('60');
    await waitFor(async () =>
      expect(await field('Title')).toHaveValue('train: epochs is 60'),
    );
    await userEvent.type(await field('Why'), 'It is enough.');
    await userEvent.click(
      screen.getByRole('checkbox', { name: 'Run on the branch first' }),
    );
    await userEvent.click(screen.getByRole('button', { name: 'Open request' }));
    await waitFor(() => expect(address()).toBe('/mlops/changes/7'));
    const [{ body }] = asked(portal, 'POST changes');
    expect(body).toEqual({
      project: 'leaves',
      title: 'train: epochs is 60',
      base: pipeline.commit,
      edits: [{ path: file, content: fewer }],
      message: 'It is enough.',
      trialRun: { pipeline: 'train' },
    });
    expect(sessionStorage).toHaveLength(0);
  });

  it('keeps the edit when the portal refuses it, and says why', async () => {
    const portal = portalWith().refuse(
      'POST changes',
      409,
      'The file was changed at commit abcdef12.',
    );
    renderPage(portal, page);
    await type("'120'", "'60'");
    await userEvent.click(screen.getByRole('button', { name: 'Open request' }));
    expect(
      await screen.findByText('The file was changed at commit abcdef12.'),
    ).toBeInTheDocument();
    expect(await shown()).toBe(fewer);
  });

  it('has the edit again after a reload, and throws it away on demand', async () => {
    const first = renderPage(portalWith(), page);
    await type("'120'", "'60'");
    await waitFor(() => expect(sessionStorage).toHaveLength(1));
    first.unmount();
    renderPage(portalWith(), page);
    expect(
      await screen.findByText(/Your edit is still here/),
    ).toBeInTheDocument();
    expect(await shown()).toBe(fewer);
    await userEvent.click(
      screen.getByRole('button', { name: 'Throw the edit away' }),
    );
    expect(await shown()).toBe(source);
    expect(sessionStorage).toHaveLength(0);
  });

  it('asks before it is left', async () => {
    renderPage(portalWith(), page);
    await type("'120'", "'60'");
    await userEvent.click(screen.getByRole('link', { name: 'leaves' }));
    const dialog = await screen.findByRole('dialog', {
      name: 'Leave this edit?',
    });
    expect(address()).toBe(page);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Stay' }));
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
    await userEvent.click(screen.getByRole('link', { name: 'leaves' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Leave' }));
    await waitFor(() => expect(address()).toBe('/mlops/projects/leaves'));
  });

  it('puts the edit on a newer file when somebody else changed it', async () => {
    const newer = {
      ...pipeline,
      commit: 'abcdef12'.repeat(5),
      source: source.replace("image: 'x'", "image: 'y'"),
    };
    sessionStorage.setItem(
      'mlops draft leaves train',
      JSON.stringify({
        base: pipeline.commit,
        original: source,
        text: fewer,
        message: '',
        reviewers: [],
        draft: false,
        trial: false,
      }),
    );
    renderPage(portalWith().answer('GET pipelines/leaves/train', newer), page);
    expect(
      await screen.findByText(/changed by somebody else, at commit abcdef12/),
    ).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Put my edit on the newest' }),
    );
    expect(
      await screen.findByText('Your edit stands on commit abcdef12 now.'),
    ).toBeInTheDocument();
    expect(await shown()).toBe(fewer.replace("image: 'x'", "image: 'y'"));
  });

  it('fills in the parameters of a run as defaults', async () => {
    const portal = portalWith().answer(
      'GET runs/train-1',
      runOf({
        parameters: [
          { name: 'epochs', value: '60' },
          { name: 'seed', value: '7' },
          { name: 'revision', value: 'abc' },
        ],
      }),
    );
    renderPage(portal, `${page}&from=train-1`);
    expect(
      await screen.findByText(/parameters of run train-1 are filled in/),
    ).toBeInTheDocument();
    expect(await shown()).toBe(fewer);
  });

  it('edits the branch of a request from its newest commit', async () => {
    const change = changeOf();
    const portal = portalWith()
      .answer('GET pipelines/leaves/train', {
        ...pipeline,
        commit: change.head,
      })
      .answer('GET changes/7', change)
      .answer('PATCH changes/7', change);
    renderPage(portal, `${page}&change=7`);
    await type("'120'", "'60'");
    expect(portal.asked.map(({ where }) => where)).toContain(
      `pipelines/leaves/train?ref=${change.head}`,
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Save on the branch' }),
    );
    await waitFor(() => expect(address()).toBe('/mlops/changes/7'));
    expect(asked(portal, 'PATCH changes/7')[0].body).toEqual({
      edits: [{ path: file, content: fewer }],
      head: change.head,
    });
  });

  it('says so where a person may look but not propose', async () => {
    renderPage(
      portalWith().answer(
        'GET projects/leaves',
        detailOf({ allowed: { run: true, control: true, propose: false } }),
      ),
      page,
    );
    await type("'120'", "'60'");
    expect(
      await screen.findByText(/but not propose changes of it/),
    ).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Open request' })).toBeDisabled();
  });
});

function stillOf() {
  return {
    pipeline: 'train',
    file,
    after: graphOf({ name: 'fit' }),
    before: graphOf({ name: 'fit' }),
    added: [],
    removed: [],
    changed: [],
    parameters: [],
    rerun: [],
    cached: [],
  };
}
