/*
 * A run on a cluster on the built pages: where it runs is chosen in the form, its steps and logs are shown while it goes on and after
 * its pods are gone, and a workflow that somebody started beside the portal has the same page.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { contractPipelines } from '../cluster/pipelines.ts';
import { recordings } from '../cluster/recordings.ts';
import {
  serveRepository,
  type ServedRepository,
} from '../cluster/servedRepository.ts';
import { startCluster, type TestCluster } from '../cluster/startCluster.ts';
import { openPage, startBrowser } from '../support/browser.ts';
import {
  startTestPortal,
  waitFor,
  type TestPortal,
} from '../support/portal.ts';

if (process.env.MLOPS_TEST_WITHOUT_BROWSER) process.exit(0);

let repository: ServedRepository;
let cluster: TestCluster;
let portal: TestPortal;
let browser: Browser;
let page: Page;
let run: string;
const errors: string[] = [];
const patience = { timeout: 120_000 };

before(async () => {
  repository = await serveRepository(contractPipelines);
  cluster = await startCluster(repository.folder);
  // The project's own engine is this machine; a run may name the cluster.
  const { engine: _engine, ...mlops } = cluster.settings(repository.url);
  [portal, browser] = await Promise.all([
    startTestPortal({
      environment: Object.fromEntries(
        Object.entries(mlops).map(([key, value]) => [
          `APP_CONFIG_mlops_${key}`,
          JSON.stringify(value),
        ]),
      ),
    }),
    startBrowser(),
  ]);
  page = await openPage(browser, errors);
});
after(async () => {
  await browser?.close();
  await portal?.stop();
  await cluster?.stop();
  repository?.stop();
});

const phaseOf = async (id: string) =>
  (await portal.call('GET', `runs/${id}`)).body.phase;

describe('a run on a cluster', () => {
  it('is started from the form, which asks where', async () => {
    await page.goto(`${portal.url}/mlops/projects/small/pipelines/waits/run`);
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.getByRole('button', { name: /Where it runs/ }).click();
    await page.getByRole('option', { name: 'On the cluster argo' }).click();
    await page.waitForURL(/engine=argo/);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.waitForURL(/\/mlops\/runs\/waits-/);
    run = new URL(page.url()).pathname.split('/').pop()!;
    const workflows: any[] = await waitFor('the workflow', async () => {
      const found = await cluster.ask('list', {
        resource: 'workflows',
        namespace: 'ml',
      });
      return found.length > 0 && found;
    });
    assert.deepEqual(
      workflows.map(item => item.metadata.name),
      [run],
    );
  });

  it('waits for a person on the page, and goes on with what they say', async () => {
    await page.getByRole('button', { name: /word/ }).click(patience);
    await page.getByRole('option', { name: 'yes' }).click();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText(/Succeeded after/).waitFor(patience);
  });

  it('keeps its logs when its pods are gone', async () => {
    const pods: any[] = await cluster.ask('list', {
      resource: 'pods',
      namespace: 'ml',
    });
    for (const { metadata } of pods)
      await cluster.ask('delete', {
        resource: 'pods',
        namespace: 'ml',
        name: metadata.name,
      });
    await page.reload();
    await page.getByRole('button', { name: /^say/ }).first().click(patience);
    await page.getByRole('log').getByText('word yes').waitFor(patience);
  });

  it('shows a workflow that somebody started there like any other run', async () => {
    const { manifest, recorded } = recordings().find(
      ({ name }) => name === 'g61-ml',
    )!;
    await cluster.ask('create', {
      resource: 'workflows',
      namespace: 'ml',
      object: {
        metadata: {
          name: 'g61-ml',
          labels: {
            'test/recorded': 'true',
            'backstage.io/kubernetes-id': 'small',
            'workflows.argoproj.io/creator': 'dana',
          },
        },
        spec: manifest.spec,
      },
    });
    await cluster.ask('play', { namespace: 'ml', name: 'g61-ml', recorded });
    await waitFor(
      'the end of the workflow',
      async () => (await phaseOf('g61-ml')) === 'Succeeded',
    );
    await page.goto(`${portal.url}/mlops/runs/g61-ml`);
    await page.getByText(/Succeeded after/).waitFor(patience);
    await page
      .getByText('It was started on the cluster, beside the portal.')
      .waitFor();
    await page.getByRole('button', { name: /^done/ }).first().click();
    await page.getByRole('log').getByText('g61-ml-say-1451814907').waitFor();
    assert.deepEqual(errors, []);
  });
});
