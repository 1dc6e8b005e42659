/*
 * Every route and every call of the MLflow protocol, by every caller, against a real portal with the policy of the demo. The answers are
 * the tables of docs/permissions.md; MLOPS_WRITE_DOCS=1 writes them anew.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { callerWith, signIn, type Caller } from '../support/people.ts';
import { runEnd, startTestPortal, type TestPortal } from '../support/portal.ts';

const root = path.resolve(import.meta.dirname, '../..');
const docs = path.join(root, 'docs/permissions.md');
const project = 'penguins';

interface Listed {
  routes: { method: string; path: string; permission: string }[];
  tracking: string[];
}
type Outcome = 'yes' | '401' | '403' | '404';

let portal: TestPortal;
let callers: [title: string, caller: Caller][];
let listed: Listed;
let jen: Caller;
/** What stands in the places of a path. */
const things: Record<string, string> = { project };
let experiment: string;

before(async () => {
  listed = JSON.parse(
    execFileSync(
      process.env.MLOPS_TEST_NODE ?? process.execPath,
      [
        '--no-warnings',
        '--require',
        path.join(
          root,
          'node_modules/@backstage/cli-node/config/nodeTransform.cjs',
        ),
        path.join(root, 'tests/support/routeList.cjs'),
      ],
      { encoding: 'utf8', cwd: path.join(root, 'tests') },
    ),
  );
  portal = await startTestPortal({ configs: ['app-config.owner.yaml'] });
  const as = (name: Parameters<typeof signIn>[1]) => signIn(portal.url, name);
  jen = await as('jen');
  callers = [
    ['nobody', callerWith(portal.url, '')],
    ['guest', await as('guest')],
    ['stranger', await as('stranger')],
    ['owner and author', jen],
    ['other owner', await as('dana')],
    ['reviewer', await as('rex')],
    ["another project's owner", await as('olga')],
  ];
  await makeThings();
});
after(() => portal?.stop());

/** A run that is over, and a change of Jen's. */
async function makeThings(): Promise<void> {
  const run = (await jen.call('POST', 'runs', { project, pipeline: 'hello' }))
    .body;
  await runEnd(portal, run.id);
  const change = await jen.call('POST', 'changes', {
    project,
    title: 'A word more',
    edits: [
      { path: `ml-projects/${project}/WORD.md`, content: 'One more word.\n' },
    ],
  });
  assert.equal(change.status, 201, JSON.stringify(change.body));
  Object.assign(things, { run: run.id, change: change.body.id });
  things.trackingRun = run.trackingRunId;
  const found = await jen.call(
    'GET',
    `api/2.0/mlflow/experiments/get-by-name?experiment_name=${project}`,
  );
  experiment = found.body.experiment.experiment_id;
}

const placeOf = (route: string): string =>
  route
    .replace(/^\/(runs|changes)\/:id/, (_all, kind) =>
      kind === 'runs' ? `/runs/${things.run}` : `/changes/${things.change}`,
    )
    .replace(/:project/, project)
    .replace(/:pipeline/, 'hello')
    .replace(/:\w+/g, 'none')
    .replace('*', 'none')
    .slice(1);

// No route takes such a field, so whoever is let through is told that and nothing is done.
const stray = { project, 'no-such-field': true };

async function outcomeOf(
  caller: Caller,
  { method, path: route }: Listed['routes'][number],
): Promise<Outcome> {
  const { status, body } = await caller.call(
    method.toUpperCase(),
    placeOf(route),
    method === 'get' ? undefined : stray,
  );
  assert.ok(
    status < 500,
    `${method} ${route}: ${status} ${body?.error?.message}`,
  );
  if (status === 401) return '401';
  if (status === 403) return '403';
  return status === 404 && body.error.message === 'There is nothing here.'
    ? '404'
    : 'yes';
}

async function trackingOutcome(caller: Caller, call: string): Promise<Outcome> {
  const [method, name] = call.split(' ');
  const values = {
    experiment_id: experiment,
    experiment_ids: [experiment],
    experiment_name: project,
    run_id: things.trackingRun,
    name: name.startsWith('experiments') ? project : `${project}.none`,
    new_name: project,
    key: 'matrix',
    value: name === 'runs/log-metric' ? 1 : '1',
    timestamp: 1,
    version: '1',
    alias: 'matrix',
    filter: name === 'model-versions/search' ? `name='${project}.none'` : '',
    source: `runs:/${things.trackingRun}/none`,
  };
  const query = new URLSearchParams(
    Object.entries(values).map(([key, value]) => [key, String(value)]),
  );
  const { status, body } = await caller.call(
    method,
    `api/2.0/mlflow/${name}${method === 'GET' ? `?${query}` : ''}`,
    method === 'GET' ? undefined : values,
  );
  assert.ok(status < 500, `${call}: ${status} ${JSON.stringify(body)}`);
  // What somebody took away is there again for the next.
  if (name.endsWith('/delete') && status === 200)
    await jen.call(
      'POST',
      `api/2.0/mlflow/${name.replace('delete', 'restore')}`,
      values,
    );
  if (status === 401) return '401';
  return status === 403 ? '403' : 'yes';
}

const words: Record<Outcome, string> = {
  yes: 'yes',
  '401': '401',
  '403': '403',
  '404': '404',
};

function tableOf(rows: [string, string, Outcome[]][]): string {
  const head = ['call', 'right', ...callers.map(([title]) => title)];
  const lines = rows.map(([call, right, outcomes]) => [
    `\`${call}\``,
    right,
    ...outcomes.map(outcome => words[outcome]),
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map(line => line[column].length)),
  );
  const line = (cells: string[]) =>
    `| ${cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join(' | ')} |`;
  return [
    line(head),
    line(widths.map(width => '-'.repeat(width))),
    ...lines.map(line),
  ].join('\n');
}

function compare(name: string, table: string): void {
  const text = fs.readFileSync(docs, 'utf8');
  const block = new RegExp(
    `(<!-- ${name}: begin -->\n\n)([\\s\\S]*?)(\n\n<!-- ${name}: end -->)`,
  );
  const found = block.exec(text);
  assert.ok(found, `docs/permissions.md has a place for the table ${name}`);
  if (process.env.MLOPS_WRITE_DOCS)
    fs.writeFileSync(docs, text.replace(block, `$1${table}$3`));
  else assert.equal(found[2], table);
}

it('answers every caller of every route as docs/permissions.md says', async () => {
  const rows: [string, string, Outcome[]][] = [];
  for (const route of listed.routes) {
    const outcomes: Outcome[] = [];
    for (const [, caller] of callers)
      outcomes.push(await outcomeOf(caller, route));
    rows.push([
      `${route.method.toUpperCase()} ${route.path}`,
      route.permission,
      outcomes,
    ]);
  }
  compare('routes', tableOf(rows));
});

it('answers every caller of the MLflow protocol as docs/permissions.md says', async () => {
  const rows: [string, string, Outcome[]][] = [];
  for (const call of listed.tracking) {
    const outcomes: Outcome[] = [];
    for (const [, caller] of callers)
      outcomes.push(await trackingOutcome(caller, call));
    const reads = call.startsWith('GET') || call.endsWith('search');
    rows.push([call, reads ? 'trackingRead' : 'trackingWrite', outcomes]);
  }
  for (const method of ['PUT', 'GET']) {
    const outcomes: Outcome[] = [];
    for (const [, caller] of callers) {
      const { status } = await caller.fetch(
        `api/2.0/mlflow-artifacts/artifacts/${experiment}/${things.trackingRun}/artifacts/matrix.txt`,
        { method, ...(method === 'PUT' ? { body: 'text' } : {}) },
      );
      assert.ok(status < 500, `${method} artifacts: ${status}`);
      outcomes.push(status === 401 ? '401' : status === 403 ? '403' : 'yes');
    }
    rows.push([
      `${method} ../mlflow-artifacts/artifacts/*`,
      method === 'GET' ? 'trackingRead' : 'trackingWrite',
      outcomes,
    ]);
  }
  compare('tracking', tableOf(rows));
});

it('changed nothing by all that', async () => {
  const { body } = await jen.call('GET', `changes/${things.change}`);
  assert.equal(body.state, 'open');
  assert.deepEqual(body.reviews, []);
  assert.deepEqual(body.comments, []);
});

it('puts actor, decision, before and after into the audit log', async () => {
  const rex = callers.find(([title]) => title === 'reviewer')![1];
  assert.equal(
    (await jen.call('POST', `changes/${things.change}/merge`)).status,
    403,
  );
  const { status, body } = await rex.call(
    'POST',
    `changes/${things.change}/review`,
    { verdict: 'approved', comment: 'Good.' },
  );
  assert.equal(status, 200, JSON.stringify(body));
  const log = fs.readFileSync(portal.logFile, 'utf8');
  const lines = log.split('\n');
  const refused = lines.findLast(
    line => /change-merge/.test(line) && /failed/.test(line),
  );
  assert.match(refused ?? '', /user:default\/jen/);
  assert.match(refused ?? '', /mlops\.change\.merge/);
  const reviewed = lines.findLast(
    line => /change-review/.test(line) && /succeeded/.test(line),
  );
  assert.match(reviewed ?? '', /user:default\/rex/);
  assert.match(reviewed ?? '', /approved/);
});
