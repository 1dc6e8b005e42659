/* Signing in as each person of development, staying signed in, signing out; and what a refusal looks like. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openPage, startBrowser } from '../support/browser.ts';
import { openAs, people } from '../support/people.ts';
import { startTestPortal, type TestPortal } from '../support/portal.ts';

if (process.env.MLOPS_TEST_WITHOUT_BROWSER) process.exit(0);

let portal: TestPortal;
let browser: Browser;
const errors: string[] = [];

before(async () => {
  [portal, browser] = await Promise.all([startTestPortal(), startBrowser()]);
  // The catalog knows its people a second after the portal answers.
  await portal.as('stranger');
});
after(async () => {
  await browser?.close();
  await portal?.stop();
});

const title = (name: string) => name[0].toUpperCase() + name.slice(1);

async function signOut(page: Page): Promise<void> {
  await page.goto(`${portal.url}/settings`);
  await page.getByTestId('user-settings-menu').click();
  await page.getByText('Sign Out').click();
  await page.getByRole('button', { name: 'Enter' }).waitFor();
}

it('leads each person to the page that they opened, keeps them, and lets them go', async () => {
  const page = await openPage(browser, errors);
  for (const name of people) {
    await openAs(page, `${portal.url}/mlops/projects/penguins`, name);
    await page.getByRole('heading', { name: 'Penguins' }).first().waitFor();
    await page.goto(`${portal.url}/settings`);
    await page.getByText(title(name)).first().waitFor();
    await signOut(page);
  }
  await page.reload();
  await page.getByRole('button', { name: 'Enter' }).waitFor();
  assert.deepEqual(errors, []);
  await page.close();
});

it('says why somebody could not be signed in, and goes back to the list', async () => {
  const page = await openPage(browser, []);
  await page.route('**/dev-users/refresh', route =>
    route.fulfill({
      status: 403,
      json: { error: { name: 'NotAllowedError', message: 'Not here.' } },
    }),
  );
  await openAs(page, portal.url, 'rex');
  await page.getByText('Rex could not be signed in').waitFor();
  await page.getByText('Not here.').waitFor();
  await page.getByRole('button', { name: 'Choose somebody else' }).click();
  await page.getByRole('button', { name: 'Enter' }).waitFor();
  await page.close();
});
