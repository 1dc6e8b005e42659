import { configure, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakePortal, type Asked } from '../testUtils/FakePortal';
import { address, renderPage } from '../testUtils/renderPage';
import { changeOf, detailOf, projectOf } from '../testUtils/samples';
import { titleOf } from './LooseBranches';

const loose = { branch: 'more-epochs', head: 'beef0001'.repeat(5) };

function portalWith(...items: ReturnType<typeof changeOf>[]) {
  return new FakePortal()
    .answer('GET changes', ({ where }: Asked) => {
      const state = new URLSearchParams(where.split('?')[1]).get('state');
      return {
        items: items.filter(item => state === null || item.state === state),
      };
    })
    .answer('GET branches', { items: [] })
    .answer('GET projects', { items: [projectOf()] })
    .answer('GET projects/leaves', detailOf());
}

// These pages are large, and a busy machine draws them slowly.
configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(30_000);

describe('the list of requests', () => {
  it('shows open ones first, and others by the state in the address', async () => {
    renderPage(
      portalWith(
        changeOf({ id: '7', title: 'Fewer epochs', checksState: 'failed' }),
        changeOf({ id: '5', title: 'Old one', state: 'merged' }),
      ),
      '/mlops/changes',
    );
    const row = (
      await screen.findByRole('link', { name: '#7 Fewer epochs' })
    ).closest('tr')!;
    expect(row).toHaveTextContent('Open');
    expect(row).toHaveTextContent('failed');
    expect(screen.queryByText('#5 Old one')).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: /State/ }));
    await userEvent.click(
      await screen.findByRole('option', { name: 'Merged' }),
    );
    expect(await screen.findByText('#5 Old one')).toBeInTheDocument();
    expect(address()).toBe('/mlops/changes?state=merged');
  });

  it('says what comes next where there is none', async () => {
    renderPage(portalWith(), '/mlops/projects/leaves/changes');
    expect(
      await screen.findByText(/press Change pipeline/),
    ).toBeInTheDocument();
  });

  it('counts the open ones on the page of the project', async () => {
    renderPage(portalWith(changeOf()), '/mlops/projects/leaves');
    expect(
      await screen.findByRole('link', { name: 'Changes (1)' }),
    ).toHaveAttribute('href', '/mlops/projects/leaves/changes');
  });

  it('leads from the home page to the open ones', async () => {
    renderPage(portalWith(changeOf()), '/mlops');
    expect(
      await screen.findByRole('link', { name: '1 open change' }),
    ).toHaveAttribute('href', '/mlops/changes');
  });

  it('opens a pushed branch as a request', async () => {
    const portal = portalWith()
      .answer('GET branches', { items: [loose] })
      .answer('POST changes', changeOf())
      .answer('GET changes/7', changeOf());
    renderPage(portal, '/mlops/projects/leaves/changes');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Open request' }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(
      within(dialog).getByRole('textbox', { name: 'Title of the request' }),
    ).toHaveValue('More epochs');
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Open request' }),
    );
    await waitFor(() => expect(address()).toBe('/mlops/changes/7'));
    const { body } = portal.asked.find(({ method }) => method === 'POST')!;
    expect(body).toEqual({
      project: 'leaves',
      title: 'More epochs',
      branch: 'more-epochs',
      edits: [],
    });
  });
});

it.each([
  ['feature/more_epochs', 'More epochs'],
  ['x', 'X'],
  ['---', '---'],
])('calls a request of the branch %s %s', (branch, title) => {
  expect(titleOf(branch)).toBe(title);
});
