import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakePortal } from '../testUtils/FakePortal';
import { address, renderPage } from '../testUtils/renderPage';
import { changeOf, lastRunOf, projectOf } from '../testUtils/samples';

const leaves = projectOf({
  name: 'leaves',
  title: 'Leaves',
  lastRun: lastRunOf('Succeeded'),
  models: [
    {
      name: 'kind',
      title: 'Leaf kind',
      version: '3',
      metric: { name: 'accuracy', value: 0.9714, direction: 'higher' },
      history: [
        { version: '2', value: 0.9 },
        { version: '3', value: 0.9714 },
      ],
    },
  ],
});
const torn = projectOf({
  name: 'torn',
  title: 'Torn',
  state: 'faulty',
  problems: [
    {
      file: 'mlproject.yaml',
      line: 3,
      column: 1,
      code: 'missing',
      message: 'spec.owner is missing.',
      severity: 'error',
    } as never,
  ],
});
const broken = projectOf({
  name: 'broken',
  title: 'Broken',
  owner: 'group:default/zoo',
  lastRun: lastRunOf('Failed'),
});

function portalWith(...items: ReturnType<typeof projectOf>[]) {
  return new FakePortal().answer('GET projects', { items });
}

function rowNames() {
  return screen
    .getAllByRole('row')
    .slice(1)
    .map(row => within(row).getAllByRole('link')[0].textContent);
}

describe('HomePage', () => {
  it('shows an outline while the projects are fetched', async () => {
    renderPage(new FakePortal().hang('GET projects'), '/mlops');
    expect(
      await screen.findByRole('status', { name: 'Loading list of projects' }),
    ).toBeInTheDocument();
  });

  it('says what to do where there is no project', async () => {
    renderPage(portalWith(), '/mlops');
    expect(
      await screen.findByText(/Commit a folder with an mlproject.yaml/),
    ).toBeInTheDocument();
  });

  it('says that a run was stopped, and asks for no attention to it', async () => {
    const stopped = projectOf({
      lastRun: lastRunOf('Failed', "Stopped with strategy 'Terminate'"),
    });
    renderPage(portalWith(stopped), '/mlops');
    expect(
      await screen.findByRole('link', { name: 'Stopped' }),
    ).toBeInTheDocument();
    expect(screen.queryByText('Needs attention')).not.toBeInTheDocument();
  });

  it("shows the portal's own words about a fault, and tries again", async () => {
    const portal = new FakePortal().refuse('GET projects', 400, 'No database.');
    renderPage(portal, '/mlops');
    expect(await screen.findByText('No database.')).toBeInTheDocument();
    portal.answer('GET projects', { items: [leaves] });
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByRole('link', { name: 'Leaves' }),
    ).toBeInTheDocument();
  });

  it('shows a project with its last run, newest version and primary metric', async () => {
    renderPage(portalWith(leaves), '/mlops');
    const row = (await screen.findAllByRole('row'))[1];
    expect(within(row).getByRole('link', { name: 'Leaves' })).toHaveAttribute(
      'href',
      '/mlops/projects/leaves',
    );
    expect(
      within(row).getByRole('link', { name: 'version 3' }),
    ).toHaveAttribute('href', '/mlops/projects/leaves/models/kind/3');
    expect(within(row).getByText('accuracy 0.971')).toBeInTheDocument();
    expect(
      within(row).getByRole('img', {
        name: 'accuracy over versions: 0.900, 0.971',
      }),
    ).toBeInTheDocument();
    expect(
      within(row).getByRole('link', { name: 'Succeeded' }),
    ).toHaveAttribute('href', '/mlops/runs/train-1');
  });

  it('puts first what needs a person, and says why', async () => {
    renderPage(portalWith(leaves, broken, torn), '/mlops');
    const attention = await screen.findByRole('region', {
      name: 'Needs attention',
    });
    const [first, second] = within(attention).getAllByRole('listitem');
    expect(first).toHaveTextContent(
      'Torn: 1 fault in its files: spec.owner is missing.',
    );
    expect(second).toHaveTextContent('Broken: train-1 failed');
    expect(rowNames()).toEqual(['Torn', 'Broken', 'Leaves']);
  });

  it('tells what waits for the reader, and where history was rewritten', async () => {
    const gone = projectOf({
      name: 'gone',
      title: 'Gone',
      rewritten: {
        branch: 'main',
        lostCommit: 'a'.repeat(40),
        commit: 'b'.repeat(40),
        foundAt: new Date().toISOString(),
      },
    });
    const portal = portalWith(leaves, gone).answer(
      'GET changes',
      ({ where }: { where: string }) => ({
        items: where.includes('waitingFor=me')
          ? [changeOf({ id: '7', title: 'More epochs', project: 'leaves' })]
          : [],
      }),
    );
    renderPage(portal, '/mlops');
    const attention = await screen.findByRole('region', {
      name: 'Needs attention',
    });
    expect(
      await within(attention).findByText(/waits for your review/),
    ).toHaveTextContent(/More epochs.* in leaves waits for your review/);
    expect(
      within(attention).getByText(/history of main was rewritten/),
    ).toHaveTextContent(/^Gone: .*commit aaaaaaa/);
  });

  it('says how old everything is while the repository cannot be read', async () => {
    const since = new Date(Date.now() - 600_000).toISOString();
    const old = (reason: 'no-branch' | 'unreadable') =>
      projectOf({ outdated: { since, reason, branch: 'main' } });
    const { unmount } = renderPage(portalWith(old('unreadable')), '/mlops');
    expect(
      await screen.findByText('The GitOps repository cannot be read'),
    ).toBeInTheDocument();
    expect(
      screen.getByText(/^What you see was read 10 min ago/),
    ).toBeInTheDocument();
    unmount();
    renderPage(portalWith(old('no-branch')), '/mlops');
    expect(
      await screen.findByText(
        'The GitOps repository has no branch main any more',
      ),
    ).toBeInTheDocument();
  });

  it('reads its filters from the address', async () => {
    renderPage(
      portalWith(leaves, broken, torn),
      '/mlops?owner=group%3Adefault%2Fzoo',
    );
    expect(await screen.findByText('1 project')).toBeInTheDocument();
    expect(rowNames()).toEqual(['Broken']);
  });

  it('writes its filters to the address, and clears them where nothing matches', async () => {
    renderPage(portalWith(leaves, broken), '/mlops');
    const search = await screen.findByRole('searchbox', {
      name: 'Search projects and models',
    });
    await userEvent.type(search, 'kind');
    await waitFor(() => expect(address()).toBe('/mlops?text=kind'));
    expect(rowNames()).toEqual(['Leaves']);
    await userEvent.type(search, 'zzz');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Clear the filters' }),
    );
    expect(address()).toBe('/mlops');
    expect(await screen.findByText('2 projects')).toBeInTheDocument();
  });
});
