import {
  cleanup,
  configure,
  screen,
  waitFor,
  within,
} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { Change } from '@backstage-mlops/mlops-core';
import { FakePortal } from '../testUtils/FakePortal';
import { address, renderPage } from '../testUtils/renderPage';
import {
  changeOf,
  detailOf,
  effectOf,
  graphOf,
  pipelineOf,
} from '../testUtils/samples';

const page = '/mlops/changes/7';
const at = '2026-01-01T10:00:00.000Z';
const file = 'ml-projects/leaves/pipelines/train.yaml';
const { head } = changeOf();
const files: Change['files'] = [
  {
    path: file,
    status: 'modified',
    diff: "@@ -10,2 +10,2 @@ spec:\n       - name: epochs\n-        value: '120'\n+        value: '60'\n",
  },
];

function portalWith(changes: Partial<Change> = {}) {
  return new FakePortal()
    .answer('GET changes/7', changeOf({ files, ...changes }))
    .answer('GET pipelines/leaves/train', pipelineOf())
    .answer('GET projects/leaves', detailOf())
    .answer('POST effect', effectOf());
}

const button = (name: string) => screen.findByRole('button', { name });
const posted = (portal: FakePortal, where: string) =>
  portal.asked.filter(item => item.method !== 'GET' && item.where === where);

// These pages are large, and a busy machine draws them slowly.
configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(30_000);

describe('the page of a request', () => {
  it('says how it stands and everything that it waits for', async () => {
    renderPage(
      portalWith({
        mergeable: false,
        blockedBy: [
          "Check 'files' failed.",
          'group:default/botany must approve it.',
        ],
        checks: [
          {
            name: 'files',
            commit: head,
            state: 'failed',
            message: 'train.yaml has 1 fault.',
            logUrl: '/mlops/runs/check-1',
            updatedAt: at,
          },
        ],
        requiredReviewers: ['group:default/botany'],
      }),
      page,
    );
    expect(
      await screen.findByText('It waits for a check that fails: files.'),
    ).toBeInTheDocument();
    expect(screen.getByText('botany must approve it.')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Log' })).toHaveAttribute(
      'href',
      '/mlops/runs/check-1',
    );
    const reviewers = screen.getByRole('region', { name: 'Reviewers' });
    expect(reviewers).toHaveTextContent('botany needed, as owner of a file');
    expect(await button('Merge')).toBeDisabled();
  });

  it('tells an owner who lacks the right to review that an approval of theirs cannot count', async () => {
    const asOwner = (approveAsOwner?: boolean) => ({
      requiredReviewers: ['group:default/botany'],
      allowed: { ...changeOf().allowed, approveAsOwner },
    });
    const reviewers = () => screen.findByRole('region', { name: 'Reviewers' });
    renderPage(portalWith(asOwner(false)), page);
    expect(await reviewers()).toHaveTextContent(
      'you lack the right mlops.change.review here',
    );
    cleanup();
    renderPage(portalWith(asOwner(true)), page);
    expect(await reviewers()).toHaveTextContent(
      'counts only from somebody who has the right mlops.change.review here',
    );
    expect(await reviewers()).not.toHaveTextContent('you lack');
  });

  it('shows the diff on both sides and, on demand, as one', async () => {
    renderPage(portalWith(), page);
    const part = (await screen.findAllByRole('region', { name: file }))[0];
    expect(within(part).getByRole('link', { name: file })).toHaveAttribute(
      'href',
      `${page}?file=${encodeURIComponent(file)}&diff=split`,
    );
    const row = within(part)
      .getByText('12', { selector: 'mark' })
      .closest('tr')!;
    expect(row).toHaveTextContent("− value: '120'");
    expect(row).toHaveTextContent("+ value: '60'");
    await userEvent.click(screen.getByRole('radio', { name: 'Unified' }));
    expect(address()).toBe(`${page}?diff=unified`);
    expect(screen.getByText(/value: '60'/).closest('tr')).not.toHaveTextContent(
      '120',
    );
  });

  it('draws the steps before and after of the commits that it joins', async () => {
    const portal = portalWith().answer(
      'POST effect',
      effectOf({
        pipelines: [
          {
            pipeline: 'train',
            file,
            before: graphOf({ name: 'fit' }),
            after: graphOf({ name: 'fit' }, { name: 'judge' }),
            added: ['main.judge'],
            removed: [],
            changed: [],
            parameters: [],
            rerun: [],
            cached: [],
          },
        ],
      }),
    );
    renderPage(portal, page);
    expect(
      await screen.findByRole('button', { name: /^judge: added/ }),
    ).toBeInTheDocument();
    expect(posted(portal, 'effect')[0].body).toMatchObject({
      base: changeOf().base,
      edits: [{ path: file, content: pipelineOf().source }],
    });
  });

  it('approves with what was written', async () => {
    const portal = portalWith().answer('POST changes/7/review', changeOf());
    renderPage(portal, page);
    await userEvent.type(
      await screen.findByRole('textbox', { name: 'Comment' }),
      'Good.',
    );
    await userEvent.click(await button('Approve'));
    await waitFor(() =>
      expect(posted(portal, 'changes/7/review')[0]?.body).toEqual({
        verdict: 'approved',
        comment: 'Good.',
      }),
    );
    await waitFor(() =>
      expect(screen.getByRole('textbox', { name: 'Comment' })).toHaveValue(''),
    );
  });

  it('keeps what was written when the portal refuses it', async () => {
    const portal = portalWith().refuse(
      'POST changes/7/review',
      403,
      'You wrote this change yourself.',
    );
    renderPage(portal, page);
    await userEvent.type(
      await screen.findByRole('textbox', { name: 'Comment' }),
      'Good.',
    );
    await userEvent.click(await button('Approve'));
    expect(
      await screen.findByText('You wrote this change yourself.'),
    ).toBeInTheDocument();
    expect(screen.getByRole('textbox', { name: 'Comment' })).toHaveValue(
      'Good.',
    );
  });

  it('merges the head that was seen, in the way that was chosen', async () => {
    const portal = portalWith().answer(
      'POST changes/7/merge',
      changeOf({ state: 'merged' }),
    );
    renderPage(portal, page);
    await userEvent.click(await button('Merge'));
    const dialog = await screen.findByRole('dialog');
    await userEvent.click(
      within(dialog).getByRole('radio', { name: 'With a merge commit' }),
    );
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Merge' }),
    );
    await waitFor(() =>
      expect(posted(portal, 'changes/7/merge')[0]?.body).toEqual({
        method: 'merge',
        head,
      }),
    );
  });

  it('says in the dialog why it was not merged', async () => {
    const portal = portalWith().refuse(
      'POST changes/7/merge',
      409,
      'The branch has a newer commit.',
    );
    renderPage(portal, page);
    await userEvent.click(await button('Merge'));
    const dialog = await screen.findByRole('dialog');
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Merge' }),
    );
    expect(
      await within(dialog).findByText('The branch has a newer commit.'),
    ).toBeInTheDocument();
    expect(within(dialog).getByText('It was not merged')).toBeInTheDocument();
  });

  it('takes a merged request back by another one', async () => {
    const mergeCommit = 'c'.repeat(40);
    const portal = portalWith()
      .answer('GET changes/7', changeOf({ state: 'merged', mergeCommit }))
      .answer('POST changes/reverts', changeOf({ id: '8' }))
      .answer('GET changes/8', changeOf({ id: '8' }));
    renderPage(portal, page);
    await userEvent.click(await button('Revert'));
    expect(screen.getByText(/brought/)).toBeInTheDocument();
    const dialog = await screen.findByRole('dialog');
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Revert' }),
    );
    await waitFor(() => expect(address()).toBe('/mlops/changes/8'));
    expect(
      portal.asked.find(({ where }) => where === 'changes/reverts')?.body,
    ).toEqual({ project: 'leaves', commit: mergeCommit });
  });

  it('follows a merged request until the portal reads it, then leads to the pipeline', async () => {
    const merged = {
      files,
      state: 'merged' as const,
      mergedBy: 'user:default/rex',
      mergedAt: at,
    };
    let live = false;
    const portal = portalWith().answer('GET changes/7', () =>
      changeOf({ ...merged, live }),
    );
    renderPage(portal, page);
    expect(
      await screen.findByText(/waits until the portal reads the commit/),
    ).toBeInTheDocument();
    live = true;
    expect(
      await screen.findByRole('link', { name: 'Open train' }),
    ).toHaveAttribute('href', '/mlops/projects/leaves/pipelines/train');
    expect(screen.queryByRole('button', { name: 'Merge' })).toBeNull();
  });

  it.each<[string, Partial<Change>, string[], string[]]>([
    [
      'of a stranger',
      {
        allowed: {
          review: false,
          merge: false,
          close: false,
          update: false,
          promote: false,
        },
      },
      ['Comment'],
      ['Merge', 'Close', 'Rebase', 'Edit', 'Approve', 'Run all again'],
    ],
    [
      'that is closed',
      { state: 'closed' },
      ['Comment'],
      ['Merge', 'Close', 'Rebase', 'Approve', 'Run all again'],
    ],
    [
      'that is a draft of its author',
      { draft: true, mergeable: false },
      ['Ready for review', 'Merge', 'Close', 'Rebase', 'Edit'],
      [],
    ],
  ])('offers what may be done with one %s', async (_, changes, there, gone) => {
    renderPage(portalWith(changes), page);
    for (const name of there) expect(await button(name)).toBeInTheDocument();
    for (const name of gone)
      expect(screen.queryByRole('button', { name })).toBeNull();
  });

  it('shows conflicts by hunk, and what a refused rebase met', async () => {
    const portal = portalWith({
      mergeable: false,
      conflicts: [
        {
          path: file,
          line: 11,
          ours: ["value: '90'"],
          base: ["value: '120'"],
          theirs: [],
        },
      ],
    }).refuse('POST changes/7/rebase', 409, 'It conflicts in 1 place.');
    renderPage(portal, page);
    const hunk = await screen.findByRole('region', {
      name: `${file}, line 11`,
    });
    expect(hunk).toHaveTextContent("On mainvalue: '90'");
    expect(hunk).toHaveTextContent('(no line)');
    const looks = portal.asked.length;
    await userEvent.click(await button('Rebase'));
    expect(
      await screen.findByText(/It was not rebased: It conflicts in 1 place/),
    ).toBeInTheDocument();
    expect(portal.asked.length).toBeGreaterThan(looks + 1);
  });

  it('runs one check again', async () => {
    const portal = portalWith({
      checks: [
        {
          name: 'project tests',
          commit: head,
          state: 'failed',
          message: '1 of 12 failed.',
          updatedAt: at,
        },
      ],
    }).answer('POST changes/7/checks', changeOf());
    renderPage(portal, page);
    await userEvent.click(await button('Run project tests again'));
    await waitFor(() =>
      expect(posted(portal, 'changes/7/checks')[0]?.body).toEqual({
        name: 'project tests',
      }),
    );
  });

  it('compares the run on the branch with the last good one', async () => {
    const run = {
      id: 'train-2',
      pipeline: 'train',
      phase: 'Succeeded' as const,
      commit: head,
      ref: 'mlops/7-fewer-epochs',
      seconds: 30,
      createdAt: at,
    };
    const portal = portalWith({
      trialRun: { id: 'train-2', phase: 'Succeeded', pipeline: 'train' },
    }).answer('GET changes/7/comparison', {
      trial: run,
      main: { ...run, id: 'train-1', seconds: 50, ref: 'main' },
      metrics: [
        {
          name: 'accuracy',
          trial: 0.95,
          main: 0.97,
          difference: -0.02,
          trialInterval: { lower: 0.9, upper: 0.98 },
          mainInterval: { lower: 0.93, upper: 0.99 },
          direction: 'higher',
          verdict: 'within-noise',
        },
      ],
      parameters: [{ name: 'epochs', trial: '60', main: '120' }],
    });
    renderPage(portal, page);
    const table = await screen.findByRole('table', {
      name: 'Run on the branch',
    });
    const rows = within(table).getAllByRole('row');
    expect(rows[2]).toHaveTextContent(
      'accuracy0.970 (0.930–0.990)0.950 (0.900–0.980)−0.020, within the intervals',
    );
    expect(rows[3]).toHaveTextContent('Duration50.0 s30.0 s−20.0 s');
    expect(screen.getByText('60')).toBeInTheDocument();
  });

  it('shows words of strangers as words', async () => {
    const { container } = renderPage(
      portalWith({
        title: '<img src=x onerror=alert(1)> {{state}} $t(title)',
        message: '<script>alert(1)</script>\n\n**why**',
      }),
      page,
    );
    expect(
      await screen.findByRole('heading', {
        name: '#7 <img src=x onerror=alert(1)> {{state}} $t(title)',
      }),
    ).toBeInTheDocument();
    expect(await screen.findByText('why')).toBeInTheDocument();
    expect(container.querySelector('script, img')).toBeNull();
  });
});
