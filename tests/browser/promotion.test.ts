/* A better version is promoted by a request that another person merges, is Synced, and is rolled back. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openPage, startBrowser } from '../support/browser.ts';
import { openAs, type Caller } from '../support/people.ts';
import {
  startTestPortal,
  waitFor,
  type TestPortal,
} from '../support/portal.ts';

if (process.env.MLOPS_TEST_WITHOUT_BROWSER) process.exit(0);

const model = 'mlops/projects/penguins/models/species';

let portal: TestPortal;
let browser: Browser;
let page: Page;
let rex: Caller;
const errors: string[] = [];

async function train(epochs: string): Promise<void> {
  const { body } = await portal.call('POST', 'runs', {
    project: 'penguins',
    pipeline: 'train',
    parameters: { epochs },
  });
  await waitFor(
    `the run with ${epochs} epochs`,
    async () => {
      const { body: run } = await portal.call('GET', `runs/${body.id}`);
      assert.ok(!['Failed', 'Error'].includes(run.phase), run.message);
      return run.phase === 'Succeeded' || undefined;
    },
    180_000,
  );
}

/** Proposes on the page, as the guest; another person merges. */
async function propose(button: string, reason: string): Promise<void> {
  await page.getByLabel('Reason').fill(reason);
  await page.getByRole('button', { name: button }).click();
  await page.waitForURL(/\/mlops\/changes\/\d+/);
  const id = /changes\/(\d+)/.exec(page.url())![1];
  await waitFor(
    'a request that can be merged',
    async () => {
      const { body } = await rex.call('GET', `changes/${id}`);
      return !['pending', 'none'].includes(body.checksState) || undefined;
    },
    400_000,
  );
  await rex.call('POST', `changes/${id}/review`, { verdict: 'approved' });
  const merged = await rex.call('POST', `changes/${id}/merge`, {});
  assert.deepEqual([merged.status, merged.body.error], [200, undefined]);
}

const championIs = (version: string) =>
  waitFor(`version ${version} as champion`, async () => {
    const { body } = await portal.call('GET', 'models/penguins/species');
    return (
      body.aliases.some(
        (item: any) => item.alias === 'champion' && item.version === version,
      ) || undefined
    );
  });

before(async () => {
  [portal, browser] = await Promise.all([startTestPortal(), startBrowser()]);
  rex = await portal.as('rex');
  page = await openPage(browser, errors);
  await openAs(page, `${portal.url}/${model}`, 'guest');
  await train('2');
  await train('120');
});
after(async () => {
  await browser?.close();
  await portal?.stop();
});

it('promotes the first version, then a better one, and shows that it is Synced', async () => {
  await page.goto(`${portal.url}/${model}/1/promote`);
  await page.getByText('champion would be version 1').waitFor();
  await page.getByText('there is no champion yet').first().waitFor();
  await propose('Open promotion request', 'The first one.');
  await championIs('1');

  await page.goto(`${portal.url}/${model}`);
  await page.getByRole('link', { name: 'Promote species, version 2' }).click();
  await page.getByText('All gates pass.').waitFor();
  await page.getByText('Champion, version 1').first().waitFor();
  await page.getByText('Where the two disagree').waitFor();
  await page.getByText(/version: 2/).waitFor();
  await propose('Open promotion request', 'It was trained longer.');
  await championIs('2');

  await page.goto(`${portal.url}/${model}`);
  await page.getByText('It was trained longer.').first().waitFor();
  await page.getByText('Synced').first().waitFor();
});

it('rolls back to the version that was champion before', async () => {
  await page.getByRole('link', { name: 'Roll back to this' }).first().click();
  await page
    .getByRole('heading', { name: 'Roll back species to version 1' })
    .waitFor();
  await propose('Open rollback request', 'The field says otherwise.');
  await championIs('1');
  await page.goto(`${portal.url}/mlops/projects/penguins/activity`);
  await page
    .getByText('champion of species goes back to version 1', { exact: true })
    .waitFor();
  const today = new Date().toISOString().slice(0, 10);
  await page.goto(`${portal.url}/${model}?at=${today}`);
  await page.getByText(`On ${today}: champion was version 1.`).waitFor();
  assert.deepEqual(errors, []);
});

it('has room on a phone, in the dark', async () => {
  const narrow = await openPage(browser, errors, { width: 400, dark: true });
  await openAs(narrow, `${portal.url}/${model}/2/promote`, 'guest');
  await narrow.getByText('What will be committed').waitFor();
  assert.ok(
    (await narrow.evaluate(() => document.documentElement.scrollWidth)) <= 400,
  );
  await narrow.close();
});
