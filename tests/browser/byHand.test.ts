/*
 * Stages by hand on the built pages: a run fails, is retried with another value, one step runs alone, the run is changed and run
 * again; then what the pages say of its time, its place on disk and the project's schedules.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openPage, startBrowser } from '../support/browser.ts';
import { Clone } from '../support/gitops.ts';
import {
  startTestPortal,
  waitFor,
  type TestPortal,
} from '../support/portal.ts';

if (process.env.MLOPS_TEST_WITHOUT_BROWSER) process.exit(0);

const pipeline = `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: mend }
spec:
  entrypoint: main
  onExit: tidy
  arguments: { parameters: [{ name: good, value: 'no' }] }
  templates:
    - name: main
      dag:
        tasks:
          - { name: read, template: read }
          - name: judge
            template: judge
            depends: read
            arguments: { artifacts: [{ name: rows, from: '{{tasks.read.outputs.artifacts.rows}}' }] }
          - { name: tell, template: tell, depends: judge }
          - name: many
            template: count
            depends: judge
            withSequence: { count: '12' }
            arguments: { parameters: [{ name: n, value: '{{item}}' }] }
    - name: read
      container: { image: 'mlops-steps:22', command: [sh, -c], args: ['echo three rows > /tmp/rows; echo reading'] }
      outputs: { artifacts: [{ name: rows, path: /tmp/rows }] }
    - name: judge
      inputs: { artifacts: [{ name: rows, path: /tmp/in }] }
      container:
        image: 'mlops-steps:22'
        command: [sh, -c]
        args: ['cat /tmp/in; if [ {{workflow.parameters.good}} = yes ]; then echo fine; else echo not good enough >&2; exit 3; fi']
    - name: count
      inputs: { parameters: [{ name: n }] }
      container: { image: 'mlops-steps:22', command: [sh, -c], args: ['echo {{inputs.parameters.n}}'] }
    - name: tell
      container: { image: 'mlops-steps:22', command: [sh, -c], args: ['echo told'] }
    - name: tidy
      container: { image: 'mlops-steps:22', command: [sh, -c], args: ['echo tidy'] }
`;
const project = 'ml-projects/penguins';

let portal: TestPortal;
let browser: Browser;
let page: Page;
let run: string;
const errors: string[] = [];

before(async () => {
  [portal, browser] = await Promise.all([startTestPortal(), startBrowser()]);
  const clone = new Clone(portal.data);
  clone.write(`${project}/pipelines/mend.yaml`, pipeline);
  clone.push('A pipeline that can fail');
  clone.remove();
  await waitFor('the pushed pipeline', async () => {
    const { status } = await portal.call('GET', 'pipelines/penguins/mend');
    return status === 200;
  });
  page = await openPage(browser, errors);
  await page.goto(`${portal.url}/mlops`);
  await page.getByRole('button', { name: 'Enter' }).click();
  await page.getByRole('heading', { name: 'Machine learning' }).waitFor();
});
after(async () => {
  await browser?.close();
  await portal?.stop();
});

const button = (name: string | RegExp) =>
  page.getByRole('button', { name, exact: true });
const address = () => new URL(page.url()).pathname;
const log = (text: string) => page.getByRole('log').getByText(text);

describe('a stage by hand', () => {
  it('fails with the reason in one sentence', async () => {
    await page.goto(`${portal.url}/mlops/projects/penguins/pipelines/mend/run`);
    await button('Run').click();
    await page.waitForURL(/\/mlops\/runs\/mend-/);
    run = address();
    await page.getByText(/^Failed after/).waitFor();
    await page
      .getByText(/not good enough/)
      .first()
      .waitFor();
  });

  it('retries from the failed step with another value: what succeeded stays', async () => {
    await button('Retry').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^Runs again.*judge/).waitFor();
    await dialog.getByText(/^Stays as it is.*read/).waitFor();
    await dialog.getByText('Parameters of what runs again').click();
    await dialog.getByLabel('good').fill('yes');
    await dialog.getByRole('button', { name: 'Retry' }).click();
    await page.getByText(/^Succeeded after/).waitFor();
    assert.equal(address(), run);
    await page.getByRole('radio', { name: 'List' }).click();
    await page
      .getByRole('button', { name: /^judge/ })
      .first()
      .click();
    await log('fine').waitFor();
  });

  it('runs only one step, with the files that it had', async () => {
    await button('Run only this step').click();
    await page.waitForURL(url => url.pathname !== run);
    await page.getByText(/^Succeeded after/).waitFor();
    await page.getByRole('link', { name: run.split('/').pop()! }).waitFor();
    await log('three rows').waitFor();
    const alone = await portal.call(
      'GET',
      `runs/${address().split('/').pop()}`,
    );
    const pods = Object.values<any>(alone.body.nodes).filter(
      node => node.type === 'Pod' && !node.displayName.endsWith('.onExit'),
    );
    assert.equal(pods.length, 1, JSON.stringify(pods.map(pod => pod.name)));
  });

  it('changes a value and runs again, at the same commit', async () => {
    await page.goto(`${portal.url}${run}`);
    await page.getByRole('link', { name: 'Change and run' }).click();
    const good = page.getByLabel('good', { exact: true });
    assert.equal(await good.inputValue(), 'yes');
    await good.fill('no');
    await button('Run').click();
    await page.waitForURL(url => /\/runs\/mend-/.test(url.pathname));
    await page.getByText(/^Failed after/).waitFor();
    assert.notEqual(address(), run);
    await page.getByRole('link', { name: run.split('/').pop()! }).waitFor();
  });

  it('runs again exactly', async () => {
    await page.goto(`${portal.url}${run}`);
    await button('Run again').click();
    await page.waitForURL(url => url.pathname !== run);
    await page.getByText(/^Succeeded after/).waitFor();
  });

  it('shows when each step ran, its loop folded', async () => {
    await page.goto(`${portal.url}${run}?view=timeline`);
    await page
      .getByRole('button', { name: /^judge, Succeeded, from/ })
      .waitFor();
    await page.getByText('12 ok').first().waitFor();
  });

  it('tells what the next run will take, what the project keeps, and when its schedule starts', async () => {
    const penguins = `${portal.url}/mlops/projects/penguins`;
    await page.goto(`${penguins}/pipelines/mend/run`);
    await page.getByText(/the last 2 runs that succeeded/).waitFor();
    await page.goto(`${penguins}/storage`);
    await page.getByRole('heading', { name: 'Storage' }).waitFor();
    await page.getByText('Everything stays.', { exact: false }).waitFor();
    await page.goto(`${penguins}/pipelines`);
    await page.getByRole('heading', { name: 'Schedules' }).waitFor();
    await page.getByText('Europe/Berlin').waitFor();
  });

  for (const dark of [false, true])
    it(`fits 400 px, ${dark ? 'dark' : 'light'}`, async () => {
      const narrow = await openPage(browser, errors, { width: 400, dark });
      await narrow.goto(`${portal.url}/mlops`);
      await narrow.getByRole('button', { name: 'Enter' }).click();
      await narrow.getByRole('link', { name: 'Penguins' }).waitFor();
      for (const [where, sign] of [
        [`${run}?view=timeline`, 'Steps'],
        [`${run}?view=list`, 'Steps'],
        ['/mlops/projects/penguins/storage', 'Storage'],
        ['/mlops/projects/penguins/pipelines', 'Schedules'],
        ['/mlops/projects/penguins/pipelines/mend/run', 'Estimate'],
      ]) {
        await narrow.goto(`${portal.url}${where}`);
        await narrow.getByRole('heading', { name: sign }).first().waitFor();
        const overflow = await narrow.evaluate(
          () =>
            document.documentElement.scrollWidth -
            document.documentElement.clientWidth,
        );
        assert.ok(overflow <= 0, `${where} is ${overflow} px too wide`);
      }
      await narrow.close();
    });

  it('had no error in its console', () => {
    assert.deepEqual(errors, []);
  });
});
