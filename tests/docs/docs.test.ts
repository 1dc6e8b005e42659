/* What the documentation says is done: its examples are run on a portal, its links lead somewhere, its keys are those of the schema. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { root } from '../../scripts/lib/paths.mjs';
import { Clone } from '../support/gitops.ts';
import { tokenOf } from '../support/people.ts';
import {
  startTestPortal,
  waitFor,
  type TestPortal,
} from '../support/portal.ts';
import { blocksOf } from './blocks.ts';

const run = promisify(execFile);
const docs = path.join(root, 'docs');
const pages = fs.readdirSync(docs).filter(name => name.endsWith('.md'));
const read = (page: string) => fs.readFileSync(path.join(docs, page), 'utf8');

describe('pages of the documentation', () => {
  it('link to files that are there, and are linked from the first one', () => {
    const broken: string[] = [];
    for (const page of pages)
      for (const [, target] of read(page).matchAll(/\]\(([^)#\s]+)/g))
        if (
          !/^(https?:|\/)/.test(target) &&
          !fs.existsSync(path.join(docs, target))
        )
          broken.push(`${page}: ${target}`);
    assert.deepEqual(broken, []);
    const linked = read('index.md');
    assert.deepEqual(
      pages.filter(
        page => page !== 'index.md' && !linked.includes(`(${page})`),
      ),
      [],
    );
  });

  it('show the files that they name as they are', () => {
    const faults: string[] = [];
    let shown = 0;
    for (const page of pages)
      for (const [, file, text] of read(page).matchAll(
        /^```\w+ file=(\S+)\n([^]*?)^```$/gm,
      )) {
        shown++;
        if (fs.readFileSync(path.join(root, file), 'utf8') !== text)
          faults.push(`${page}: ${file}`);
      }
    assert.ok(shown >= 2);
    assert.deepEqual(faults, []);
  });

  it('explain every key of the configuration', () => {
    const schema = fs.readFileSync(
      path.join(root, 'plugins/mlops-backend/config.d.ts'),
      'utf8',
    );
    const text = read('configure.md') + read('architecture.md');
    const keys = [...schema.matchAll(/^\s+(\w+)\??:/gm)].map(([, key]) => key);
    assert.ok(keys.length > 20);
    assert.deepEqual(
      keys.filter(key => !new RegExp(`\\b${key}\\b`).test(text)),
      [],
    );
  });
});

describe('examples of the documentation', () => {
  let portal: TestPortal;
  let folder: string;
  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-docs-'));
    portal = await startTestPortal();
  });
  after(async () => {
    await portal?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const environment = () => ({
    ...process.env,
    PORTAL: portal.url,
    DATA: portal.data,
    GIT_AUTHOR_NAME: 'Ann',
    GIT_AUTHOR_EMAIL: 'ann@example.org',
    GIT_COMMITTER_NAME: 'Ann',
    GIT_COMMITTER_EMAIL: 'ann@example.org',
  });

  async function runScript(name: string, blocks: string[]): Promise<string> {
    const file = path.join(folder, `${name}.mjs`);
    fs.writeFileSync(file, blocks.join('\n'));
    const { stdout } = await run(process.execPath, [file], {
      cwd: folder,
      env: environment(),
    });
    return stdout;
  }

  it('the first hour: a project is pushed, run and changed', async () => {
    await run(
      'bash',
      ['-euc', blocksOf('first-hour.md', 'sh tutorial').join('\n')],
      {
        cwd: folder,
        env: environment(),
      },
    );
    await waitFor('the project of the tutorial', async () => {
      const { status } = await portal.call('GET', 'projects/leaves');
      return status === 200;
    });
    const said = await runScript(
      'hour',
      blocksOf('first-hour.md', 'js tutorial'),
    );
    assert.equal(said.trim(), 'Succeeded\nopen');
  });

  it('the HTTP API: the description is read', async () => {
    const said = await runScript('api', blocksOf('http-api.md', 'js api'));
    assert.match(said, /GET POST \/runs|GET \/runs|POST \/runs/);
  });

  it('the HTTP API: every route that is described is in the table, and no other', async () => {
    const { body } = await portal.call('GET', 'openapi.json');
    const table = routeTable(body.paths);
    const block =
      /(<!-- routes: begin -->\n\n)([^]*?)(\n\n<!-- routes: end -->)/;
    const page = read('http-api.md');
    if (process.env.MLOPS_WRITE_DOCS)
      fs.writeFileSync(
        path.join(docs, 'http-api.md'),
        page.replace(block, (_, begin, _old, end) => begin + table + end),
      );
    else assert.equal(block.exec(page)?.[2], table);
  });

  it('notices: a run that fails is told to who started it', async () => {
    const clone = new Clone(portal.data);
    try {
      clone.write(
        'ml-projects/leaves/pipelines/breaks.yaml',
        `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: breaks }
spec:
  entrypoint: main
  templates:
    - name: main
      script: { image: 'mlops-steps:22', command: [sh], source: exit 3 }
`,
      );
      clone.push('A pipeline that breaks');
    } finally {
      clone.remove();
    }
    await waitFor('the pipeline', async () => {
      const { status } = await portal.call('GET', 'pipelines/leaves/breaks');
      return status === 200;
    });
    const { status, body } = await portal.call('POST', 'runs', {
      project: 'leaves',
      pipeline: 'breaks',
    });
    assert.equal(status, 201);
    const notice = await waitFor('the notice', async () => {
      const { notifications } = await other('notifications/notifications');
      return notifications.find((one: any) =>
        one.payload.link.endsWith(`/mlops/runs/${body.id}`),
      );
    });
    assert.equal(notice.payload.title, 'Run of breaks in leaves failed');
  });

  it('search: projects, models and runs are found', async () => {
    const types = await waitFor('the index', async () => {
      const { results } = await other(
        'search/query?term=penguins&types%5B0%5D=mlops',
      );
      return results.length > 0 && results;
    });
    assert.ok(
      types.some(
        ({ document }: any) => document.location === '/mlops/projects/penguins',
      ),
    );
  });

  /** Asks another plugin than ours, as the guest. */
  async function other(route: string): Promise<any> {
    const answer = await fetch(`${portal.url}/api/${route}`, {
      headers: {
        authorization: `Bearer ${await tokenOf(portal.url, 'guest')}`,
      },
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer.json();
  }
});

/** What a description says of its routes, as a table of Markdown. */
function routeTable(paths: Record<string, Record<string, any>>): string {
  const lines = Object.entries(paths).flatMap(([route, methods]) =>
    Object.entries(methods).map(([method, { summary, parameters = [] }]) => [
      `\`${method.toUpperCase()} ${route}\``,
      summary,
      parameters
        .filter((one: any) => one.in === 'query')
        .map(({ name }: any) => `\`${name}\``)
        .join(', ') || '-',
    ]),
  );
  const head = ['route', 'what', 'parameters of the query'];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map(line => line[column].length)),
  );
  const rowOf = (cells: string[]) =>
    `| ${cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join(' | ')} |`;
  return [
    rowOf(head),
    rowOf(widths.map(width => '-'.repeat(width))),
    ...lines.map(rowOf),
  ].join('\n');
}
