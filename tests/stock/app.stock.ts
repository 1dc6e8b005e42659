/*
 * What `docs/install.md` promises, with the files that would be published: a fresh Backstage becomes a machine-learning portal by three
 * commands and a few lines of configuration.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { packAll } from '../../scripts/lib/pack.mjs';
import { startPortal } from '../../scripts/lib/portal.mjs';
import { openPage, startBrowser } from '../support/browser.ts';
import { callerWith, tokenOf, type Caller } from '../support/people.ts';
import { freePort, waitFor } from '../support/portal.ts';
import { pushFiles } from './pushFiles.ts';
import { faultsOf } from './packed.ts';
import { startRegistry, type Packed, type Registry } from './registry.ts';
import { createStockApp, inApp, instructions } from './stockApp.ts';

const node = process.env.MLOPS_TEST_NODE ?? process.execPath;
// Everything here waits for other programs; a limit only says that nothing will come any more.
const patience = { timeout: 30 * 60_000 };

const project = `apiVersion: backstage-mlops/v1alpha1
kind: MLProject
metadata: { name: leaves, title: Kinds of leaves }
spec:
  owner: group:default/guests
  lifecycle: experimental
  problem: { decides: x, forWhom: x, whyMachineLearning: x, costOfWrongAnswer: x }
  baseline: { rule: x, metric: accuracy }
`;
const pipeline = `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: hello }
spec:
  entrypoint: main
  templates:
    - name: main
      container: { image: 'node:22', command: [sh, -c], args: ['echo a leaf'] }
`;
// An ordinary Component, as a team wrote it, in the file that a new app reads.
const component = `---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: sorter
  annotations: { backstage-mlops/project: leaves }
spec: { type: service, lifecycle: experimental, owner: guests }
`;

describe('a fresh Backstage', () => {
  let folder: string;
  let packed: Packed[];
  let registry: Registry;
  let app: string;
  let appAsMade: string;

  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-stock-'));
    packed = await timed('pack', packAll(node, path.join(folder, 'tarballs')));
    registry = await startRegistry(packed);
    app = await createStockApp(folder, registry.url);
    appAsMade = sourceOfApp();
    for (const command of instructions.commands)
      await timed(command.slice(0, 40), inApp(app, command));
    fs.writeFileSync(
      path.join(app, 'app-config.local.yaml'),
      instructions.configuration,
    );
    fs.appendFileSync(path.join(app, 'examples/entities.yaml'), component);
  }, patience);

  after(async () => {
    await registry?.stop();
    // A hundred thousand files: a program of its own takes them away more quickly than Node.
    if (!process.env.MLOPS_TEST_KEEP) execFileSync('rm', ['-rf', folder]);
  });

  const sourceOfApp = () =>
    fs.readFileSync(path.join(app, 'packages/app/src/App.tsx'), 'utf8');

  it('is given packages that are whole', () => {
    assert.ok(packed.length >= 15);
    assert.deepEqual(
      packed.flatMap(one => faultsOf(one, packed)),
      [],
    );
  });

  it('needs three commands and no edit of App.tsx', () => {
    assert.equal(instructions.commands.length, 3);
    assert.equal(sourceOfApp(), appAsMade);
  });

  it(
    'has no type fault, and its configuration fits the schema',
    patience,
    async () => {
      await timed('tsc', inApp(app, 'yarn tsc'));
      await timed(
        'config',
        inApp(app, 'yarn backstage-cli config:check --strict'),
      );
    },
  );

  describe('that runs', () => {
    let portal: Awaited<ReturnType<typeof startPortal>>;
    let guest: Caller;
    let run: string;
    const catalog = async (entity: string) => {
      const answer = await fetch(
        `${portal.url}/api/catalog/entities/by-name/${entity}`,
        { headers: { authorization: `Bearer ${guest.token}` } },
      );
      return answer.ok && answer.json();
    };

    before(async () => {
      await timed('build', inApp(app, 'yarn workspace app build'));
      portal = await timed(
        'boot',
        startPortal({
          node,
          port: await freePort(),
          data: path.join(folder, 'data'),
          home: app,
          configs: [path.join(app, 'app-config.local.yaml')],
          environment: { GITHUB_TOKEN: 'none' },
        }),
      );
      guest = callerWith(portal.url, await tokenOf(portal.url, 'guest'));
      pushFiles(path.join(folder, 'data/gitops.git'), {
        'ml-projects/leaves/mlproject.yaml': project,
        'ml-projects/leaves/pipelines/hello.yaml': pipeline,
        'ml-projects/leaves/docs/index.md': '# How leaves are told apart\n',
      });
    }, patience);

    after(() => portal?.stop());

    it('still knows its users and groups, and lets them in', async () => {
      for (const entity of ['user/default/guest', 'group/default/guests'])
        await waitFor(entity, () => catalog(entity));
    });

    it('runs a pipeline of a pushed project', patience, async () => {
      await waitFor('the project', async () => {
        const { status } = await guest.call('GET', 'projects/leaves');
        return status === 200;
      });
      const { status, body } = await guest.call('POST', 'runs', {
        project: 'leaves',
        pipeline: 'hello',
      });
      assert.equal(status, 201, JSON.stringify(body));
      run = body.id;
      await waitFor('the end of the run', async () => {
        const { phase, message } = (await guest.call('GET', `runs/${run}`))
          .body;
        assert.notEqual(phase, 'Failed', message);
        return phase === 'Succeeded';
      });
    });

    it('has the project in its catalog', async () => {
      const entity = await waitFor('the entity', () =>
        catalog('mlproject/default/leaves'),
      );
      assert.equal(entity.metadata.title, 'Kinds of leaves');
    });

    it('offers the template of a new project', async () => {
      await waitFor('the template', () =>
        catalog('template/default/ml-project'),
      );
    });

    it('has the docs of the project', patience, async () => {
      const docs = `${portal.url}/api/techdocs`;
      const headers = { authorization: `Bearer ${guest.token}` };
      const built = await fetch(`${docs}/sync/default/mlproject/leaves`, {
        headers,
      });
      // The answer ends with what came of it.
      assert.match(await built.text(), /event: finish/);
      const page = await fetch(
        `${docs}/static/docs/default/mlproject/leaves/index.html`,
        { headers },
      );
      assert.match(await page.text(), /<h1 id="how-leaves-are-told-apart">/);
    });

    it(
      'shows pages, and the tab of an ordinary Component',
      patience,
      async () => {
        if (process.env.MLOPS_TEST_WITHOUT_BROWSER) return;
        const browser = await startBrowser();
        try {
          const page = await openPage(browser, []);
          page.setDefaultTimeout(120_000);
          await page.goto(`${portal.url}/mlops`);
          await page.getByRole('button', { name: 'Enter' }).click();
          await page
            .getByRole('link', { name: 'Kinds of leaves' })
            .first()
            .waitFor();
          await page.goto(`${portal.url}/mlops/runs/${run}`);
          await page.getByText('Succeeded').first().waitFor();
          const sorter = `${portal.url}/catalog/default/component/sorter`;
          await page.goto(sorter);
          await page
            .getByRole('heading', { name: 'Machine learning' })
            .first()
            .waitFor();
          await page.goto(`${sorter}/machine-learning`);
          await page
            .getByRole('heading', { name: 'What it is for' })
            .first()
            .waitFor();
          await page.goto(`${portal.url}/create`);
          await page.getByText('ML project').first().waitFor();
          await page.goto(`${portal.url}/create/templates/default/ml-project`);
          await page.getByLabel('Title').first().waitFor();
          await page.goto(`${portal.url}/docs/default/mlproject/leaves`);
          await page
            .getByRole('heading', { name: 'How leaves are told apart' })
            .first()
            .waitFor();
        } finally {
          await browser.close();
        }
      },
    );
  });
});

/** Says how long something took; figures, not assertions. */
async function timed<T>(what: string, work: Promise<T>): Promise<T> {
  const begun = Date.now();
  const result = await work;
  console.log(`# ${what}: ${((Date.now() - begun) / 1000).toFixed(0)} s`);
  return result;
}
