/*
 * A pipeline is changed on the built pages: epochs in the form, the effect seen, run on the branch and compared, the request opened,
 * reviewed and merged by another person, followed until the portal runs it and all is Synced.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openPage, startBrowser } from '../support/browser.ts';
import { openAs } from '../support/people.ts';
import { runEnd, startTestPortal, type TestPortal } from '../support/portal.ts';

if (process.env.MLOPS_TEST_WITHOUT_BROWSER) process.exit(0);

let portal: TestPortal;
let browser: Browser;
let author: Page;
let reviewer: Page;
let request: string;
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

  it('had no error in its console', () => {
    assert.deepEqual(errors, []);
  });
});
