/*
 * A newcomer's first minutes on the built pages: sign in, find a project, run hello, run train, read a log, see curves, open the version.
 * Any error in the console fails it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openPage, startBrowser } from '../support/browser.ts';
import { startTestPortal, type TestPortal } from '../support/portal.ts';

if (process.env.MLOPS_TEST_WITHOUT_BROWSER) process.exit(0);

let portal: TestPortal;
let browser: Browser;
let page: Page;
const errors: string[] = [];

before(async () => {
  [portal, browser] = await Promise.all([startTestPortal(), startBrowser()]);
  page = await openPage(browser, errors);
});
after(async () => {
  await browser?.close();
  await portal?.stop();
});

describe('a first visit', () => {
  it('signs in and finds penguins', async () => {
    await page.goto(`${portal.url}/`);
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.getByRole('heading', { name: 'Machine learning' }).waitFor();
    await page.getByPlaceholder('Search projects').fill('penguin');
    await page.waitForURL(/text=penguin/);
    await page.getByRole('link', { name: 'Penguins' }).click();
    await page.getByRole('heading', { name: 'Penguins' }).first().waitFor();
  });

  it('runs hello from the form', async () => {
    await page.getByRole('link', { name: 'Pipelines' }).first().click();
    await page.getByRole('link', { name: 'hello', exact: true }).click();
    await page.getByRole('link', { name: 'Run', exact: true }).click();
    await page.getByLabel('name', { exact: true }).fill('Jen');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.waitForURL(/\/mlops\/runs\/hello-/);
    await page.getByText(/Succeeded after/).waitFor();
    await page.getByRole('button', { name: /^greet/ }).click();
    await page.getByRole('log').getByText('Jen').waitFor();
  });

  it('runs train, reads the log, sees curves', async () => {
    await page.goto(
      `${portal.url}/mlops/projects/penguins/pipelines/train/run`,
    );
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.waitForURL(/\/mlops\/runs\/train-/);
    await page.getByText(/Succeeded after/).waitFor({ timeout: 90_000 });
    await page.getByRole('heading', { name: 'Metrics' }).waitFor();
    await page.getByRole('button', { name: 'List' }).click();
    await page
      .getByRole('button', { name: /verify/ })
      .first()
      .click();
    await page.waitForURL(/node=/);
    assert.ok((await page.getByRole('log').innerText()).length > 20);
    assert.ok((await page.getByRole('img', { name: /loss: / }).count()) >= 1);
  });

  it('opens the registered version with its evaluation', async () => {
    await page.goto(`${portal.url}/mlops/projects/penguins`);
    await page.getByRole('link', { name: 'Models' }).first().click();
    await page.getByRole('link', { name: 'version 1' }).click();
    await page.getByRole('heading', { name: 'Confusion matrix' }).waitFor();
    await page.getByText('Where it comes from').waitFor();
  });

  it('shows data, pipeline and catalog page, and fits 400 px', async () => {
    const narrow = await openPage(browser, errors, { width: 400, dark: true });
    await narrow.goto(`${portal.url}/mlops`);
    await narrow.getByRole('button', { name: 'Enter' }).click();
    await narrow.getByRole('link', { name: 'Penguins' }).waitFor();
    for (const address of [
      'projects/penguins',
      'projects/penguins/pipelines/train',
      'projects/penguins/data/penguins',
      'projects/penguins/models/species/1',
    ]) {
      await narrow.goto(`${portal.url}/mlops/${address}`);
      await narrow.getByRole('main').first().waitFor();
      await narrow.waitForTimeout(500);
      const overflow = await narrow.evaluate(
        () =>
          document.documentElement.scrollWidth -
          document.documentElement.clientWidth,
      );
      assert.ok(overflow <= 0, `${address} is ${overflow} px too wide`);
    }
    await narrow.close();
    await page.goto(`${portal.url}/catalog/default/mlmodel/penguins-species`);
    await page
      .getByRole('heading', { name: 'Penguin species' })
      .first()
      .waitFor();
    await page.getByText('Machine learning').first().waitFor();
  });

  it('had no error in its console', () => {
    assert.deepEqual(errors, []);
  });
});
