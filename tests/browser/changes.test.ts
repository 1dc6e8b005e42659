/*
 * A pipeline is changed on the built pages: epochs in the form, the effect seen, run on the branch and compared, the request opened,
 * reviewed and merged by another person, followed until the portal runs it and all is Synced. Other files of the project are edited the
 * same way; requests that do not fit each other show where, and one that does is put onto the newest commit.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openPage, startBrowser } from '../support/browser.ts';
import { openAs } from '../support/people.ts';
import {
  runEnd,
  startTestPortal,
  waitFor,
  type TestPortal,
} from '../support/portal.ts';

if (process.env.MLOPS_TEST_WITHOUT_BROWSER) process.exit(0);

let portal: TestPortal;
let browser: Browser;
let author: Page;
let reviewer: Page;
let request: string;
const folder = 'ml-projects/penguins';
/** A request that edits files, and one that fits it. */
let edited: any;
let fitting: any;
/** A run of the main branch that the branch is compared with. */
let onMain: Promise<any>;
const errors: string[] = [];

before(async () => {
  [portal, browser] = await Promise.all([startTestPortal(), startBrowser()]);
  const { body } = await portal.call('POST', 'runs', {
    project: 'penguins',
    pipeline: 'train',
    parameters: { epochs: '2' },
  });
  onMain = runEnd(portal, body.id, 300_000);
  author = await openPage(browser, errors, { width: 1400 });
  await openAs(author, `${portal.url}/mlops`, 'dana');
  await author.getByRole('link', { name: 'Penguins' }).waitFor();
});
after(async () => {
  await browser?.close();
  await portal?.stop();
});

/** Merges a request as soon as nothing blocks it. */
async function mergeAs(name: 'rex', id: string): Promise<void> {
  const person = await portal.as(name);
  await waitFor(
    `request ${id} to be ready`,
    async () => (await person.call('GET', `changes/${id}`)).body.mergeable,
    300_000,
  );
  const { status, body } = await person.call('POST', `changes/${id}/merge`, {});
  assert.equal(status, 200, JSON.stringify(body));
}

describe('a pipeline is changed by request', () => {
  it('shows the effect of another value while it is typed', async () => {
    await author.goto(`${portal.url}/mlops/projects/penguins/pipelines/train`);
    await author.getByRole('link', { name: 'Change pipeline' }).click();
    await author.getByLabel('epochs', { exact: true }).fill('4');
    await author.getByText("value: '4'").first().waitFor();
    const effect = author.getByRole('region', { name: 'Effect' });
    await effect.getByText('The next run').waitFor();
    assert.match(await effect.innerText(), /120\s*→\s*4/);
  });

  it('opens the request with a suggested title, and a run on the branch', async () => {
    assert.equal((await onMain).phase, 'Succeeded');
    await author.getByText('Run on the branch first').click();
    await author.getByRole('button', { name: 'Open request' }).click();
    await author.waitForURL(/\/mlops\/changes\/\d+$/);
    request = author.url();
    await author.getByRole('heading', { name: /train: epochs is 4/ }).waitFor();
    await author.getByText('passed').first().waitFor();
    await author.locator('mark').first().waitFor();
  });

  it('compares the run on the branch with the last good one of main', async () => {
    const table = author.getByRole('table', {
      name: 'Run on the branch',
    });
    await table
      .getByRole('row', { name: /accuracy/ })
      .first()
      .waitFor({ timeout: 300_000 });
    const other = author.getByRole('table', { name: 'Other parameters' });
    assert.match(await other.innerText(), /epochs\s+2\s+4/);
  });

  it('is approved and merged by another person, and then live and Synced', async () => {
    reviewer = await openPage(browser, errors, { width: 1400 });
    await openAs(reviewer, `${portal.url}/mlops`, 'rex');
    await reviewer.getByRole('link', { name: 'Penguins' }).waitFor();
    await reviewer.goto(request);
    await reviewer.getByLabel('Comment').fill('Enough for this data.');
    await reviewer.getByRole('button', { name: 'Approve' }).click();
    await reviewer.getByText('Enough for this data.').waitFor();
    const merge = reviewer.getByRole('button', { name: 'Merge', exact: true });
    await reviewer.getByText('Ready to merge.').waitFor({ timeout: 60_000 });
    await merge.click();
    await reviewer
      .getByRole('dialog')
      .getByRole('button', { name: 'Merge' })
      .click();
    await reviewer.getByRole('link', { name: 'Open train' }).click();
    await reviewer.getByText("value: '4'").first().waitFor();
    await reviewer.getByText('Synced', { exact: true }).first().waitFor();
    await reviewer.goto(`${portal.url}/mlops/projects/penguins`);
    await reviewer
      .getByRole('region', { name: 'Desired and actual' })
      .getByText('Synced', { exact: true })
      .first()
      .waitFor();
  });

  it('edits other files of the project: another line, a new file, another name', async () => {
    await author.goto(`${portal.url}/mlops/projects/penguins`);
    await author.getByRole('link', { name: 'Edit files' }).click();
    await author.getByRole('searchbox', { name: 'Find a file' }).fill('readme');
    await author.getByRole('link', { name: 'README.md' }).click();
    const text = author.getByRole('textbox', { name: /^Text of .*README\.md/ });
    await text.click();
    await author.keyboard.press('ControlOrMeta+Home');
    await author.keyboard.type('# By dana ');
    const lines = author.getByRole('region', {
      name: 'What changes',
    });
    await lines.getByText('+# By dana').first().waitFor();
    await author.getByRole('button', { name: 'New file' }).click();
    await author.getByLabel('Path').fill('docs/notes.md');
    await author.getByRole('button', { name: 'Add', exact: true }).click();
    await author
      .getByRole('textbox', { name: /^Text of .*notes\.md/ })
      .fill('A note.');
    await author.getByRole('button', { name: 'Rename' }).click();
    await author.getByLabel('Path').fill('docs/note.md');
    await author
      .getByRole('dialog')
      .getByRole('button', { name: 'Rename' })
      .click();
    await lines.getByText('+A note.').first().waitFor();
    await lines.getByText('No fault was found.').waitFor();
    await author.getByRole('button', { name: 'Open request' }).click();
    await author.waitForURL(/\/mlops\/changes\/\d+$/);
    const id = author.url().split('/').pop();
    const { body } = await portal.call('GET', `changes/${id}`);
    assert.equal(body.title, 'Change 2 files');
    assert.deepEqual(
      body.files.map(({ path, status }: any) => `${status} ${path}`),
      [`modified ${folder}/README.md`, `added ${folder}/docs/note.md`].sort(
        (a, b) => (a.split(' ')[1] < b.split(' ')[1] ? -1 : 1),
      ),
    );
    edited = body;
  });

  it('shows by hunk where two requests do not fit each other', async () => {
    const dana = await portal.as('dana');
    const propose = async (title: string, path: string, content: string) => {
      const answer = await dana.call('POST', 'changes', {
        project: 'penguins',
        title,
        base: edited.base,
        edits: [{ path: `${folder}/${path}`, content }],
      });
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
      return answer.body;
    };
    const other = await propose('Another head', 'README.md', '# By rex\n');
    fitting = await propose('A file more', 'docs/more.md', 'More.\n');
    await mergeAs('rex', edited.id);
    await author.goto(`${portal.url}/mlops/changes/${other.id}`);
    const hunk = author.getByRole('region', { name: /README\.md, line 1/ });
    await hunk.getByText('# By dana').first().waitFor();
    await hunk.getByText('# By rex').first().waitFor();
  });

  it('puts a request that fits onto the newest commit by a button, and merges it', async () => {
    await author.goto(`${portal.url}/mlops/changes/${fitting.id}`);
    await author.getByRole('button', { name: 'Rebase' }).click();
    const rebased = await waitFor('the rebased request', async () => {
      const { body } = await portal.call('GET', `changes/${fitting.id}`);
      return body.base !== fitting.base && body;
    });
    assert.notEqual(rebased.head, fitting.head);
    await mergeAs('rex', fitting.id);
    await author.getByText('Merged').first().waitFor();
  });

  it('had no error in its console', () => {
    assert.deepEqual(errors, []);
  });
});
