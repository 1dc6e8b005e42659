/*
 * A newcomer's first minutes on the built pages: sign in, find a project, run hello, run train, read a log, see curves, open the version.
 * Then every kind of page on a phone, light and dark. Any error in the console fails it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { checkAccess } from '../support/checkAccess.ts';
import { openPage, startBrowser } from '../support/browser.ts';
import { startTestPortal, type TestPortal } from '../support/portal.ts';

if (process.env.MLOPS_TEST_WITHOUT_BROWSER) process.exit(0);

let portal: TestPortal;
let browser: Browser;
let page: Page;
let trained: string;
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
    trained = new URL(page.url()).pathname;
    await page.getByText(/Succeeded after/).waitFor({ timeout: 90_000 });
    await page.getByRole('heading', { name: 'Metrics' }).waitFor();
    await page.getByRole('radio', { name: 'List' }).click();
    await page
      .getByRole('button', { name: /^verify/ })
      .first()
      .click();
    await page.waitForURL(/node=/);
    await page.getByRole('log').getByText(/rows/).first().waitFor();
    await page
      .getByRole('img', { name: /^loss: / })
      .first()
      .waitFor();
  });

  it('goes from step to step with the keyboard', async () => {
    await page.goto(`${portal.url}${trained}?view=list`);
    const verify = page.getByRole('button', { name: /^verify/ });
    await verify.focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/node=/);
    const pressed = page.getByRole('button', { pressed: true });
    assert.match(await pressed.innerText(), /^split/);
    const outline = await pressed.evaluate(
      element => getComputedStyle(element).outlineStyle,
    );
    assert.equal(outline, 'solid');
  });

  it('opens the registered version with its evaluation', async () => {
    await page.goto(`${portal.url}/mlops/projects/penguins`);
    await page.getByRole('link', { name: 'Models' }).first().click();
    await page.getByRole('link', { name: 'version 1' }).click();
    await page.getByRole('heading', { name: 'Confusion matrix' }).waitFor();
    await page.getByText('Where it comes from').waitFor();
  });

  it('finds the model in the catalog', async () => {
    await page.goto(`${portal.url}/catalog/default/mlmodel/penguins-species`);
    await page
      .getByRole('heading', { name: 'Penguin species' })
      .first()
      .waitFor();
    await page.goto(
      `${portal.url}/catalog/default/mlmodel/penguins-species/machine-learning`,
    );
    await page.getByRole('link', { name: 'version 1', exact: true }).waitFor();
  });

  for (const dark of [false, true])
    it(`fits 400 px and has no fault that axe finds, ${
      dark ? 'dark' : 'light'
    }`, async () => {
      const narrow = await openPage(browser, errors, { width: 400, dark });
      await narrow.goto(`${portal.url}/mlops`);
      await narrow.getByRole('button', { name: 'Enter' }).click();
      await narrow.getByRole('link', { name: 'Penguins' }).waitFor();
      const theme = narrow.locator(
        `[data-theme-mode=${dark ? 'dark' : 'light'}]`,
      );
      await theme.first().waitFor({ state: 'attached' });
      for (const [address, sign] of narrowPages()) {
        await narrow.goto(`${portal.url}${address}`);
        await narrow.getByRole('heading', { name: sign }).first().waitFor();
        const overflow = await narrow.evaluate(
          () =>
            document.documentElement.scrollWidth -
            document.documentElement.clientWidth,
        );
        assert.ok(overflow <= 0, `${address} is ${overflow} px too wide`);
        // Around a tab of an entity stands what the catalog makes.
        if (!address.startsWith('/catalog')) await checkAccess(narrow, address);
      }
      await narrow.close();
    });

  it('had no error in its console', () => {
    assert.deepEqual(errors, []);
  });
});

/** Pages with a heading that is there when their content is. */
function narrowPages(): [string, string][] {
  const project = '/mlops/projects/penguins';
  return [
    ['/mlops', 'Projects and models'],
    [project, 'README'],
    [`${project}/runs`, 'Penguins'],
    [`${project}/pipelines/train`, 'Last runs'],
    [`${project}/pipelines/train/run`, 'Parameters'],
    [`${project}/data/penguins`, 'Histograms'],
    [`${project}/models/species`, 'Versions'],
    [`${project}/models/species/1`, 'Confusion matrix'],
    [trained, 'Metrics'],
    ['/catalog/default/mlproject/penguins/machine-learning', 'README'],
  ];
}
