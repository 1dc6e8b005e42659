/*
 * A pipeline is changed on the built pages: epochs in the form, the effect seen, the request opened, reviewed and merged by another
 * person, followed until the portal runs it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openPage, startBrowser } from '../support/browser.ts';
import { openAs } from '../support/people.ts';
import { startTestPortal, type TestPortal } from '../support/portal.ts';

if (process.env.MLOPS_TEST_WITHOUT_BROWSER) process.exit(0);

let portal: TestPortal;
let browser: Browser;
let author: Page;
let reviewer: Page;
let request: string;
const errors: string[] = [];

before(async () => {
  [portal, browser] = await Promise.all([startTestPortal(), startBrowser()]);
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
    await author.getByLabel('epochs', { exact: true }).fill('60');
    await author.getByText("value: '60'").first().waitFor();
    const effect = author.getByRole('region', { name: 'Effect' });
    await effect.getByText('The next run').waitFor();
    assert.match(await effect.innerText(), /120\s*→\s*60/);
  });

  it('opens the request with a suggested title', async () => {
    await author.getByRole('button', { name: 'Open request' }).click();
    await author.waitForURL(/\/mlops\/changes\/\d+$/);
    request = author.url();
    await author
      .getByRole('heading', { name: /train: epochs is 60/ })
      .waitFor();
    await author.getByText('passed').first().waitFor();
    await author.locator('mark').first().waitFor();
  });

  it('is approved and merged by another person, and then live', async () => {
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
    await reviewer.getByText("value: '60'").first().waitFor();
  });

  it('had no error in its console', () => {
    assert.deepEqual(errors, []);
  });
});
