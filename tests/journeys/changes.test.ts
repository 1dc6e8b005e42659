/*
 * The whole way of a change and of a promotion, by stock git and plain HTTP: pushed, opened, checked, reviewed by another person,
 * merged, seen, promoted, waived, rolled back. Then everything that somebody could send to break it.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Clone } from '../support/gitops.ts';
import type { Caller } from '../support/people.ts';
import {
  startTestPortal,
  waitFor,
  type TestPortal,
} from '../support/portal.ts';

const project = 'barn';
const folder = `ml-projects/${project}`;
const train = `${folder}/pipelines/train.yaml`;
const modelFile = `${folder}/models/kind.yaml`;
const registered = `${project}.kind`;

const files: Record<string, string> = {
  [`${folder}/mlproject.yaml`]: `apiVersion: backstage-mlops/v1alpha1
kind: MLProject
metadata: { name: ${project}, title: Barn }
spec:
  owner: group:default/farm-data
  lifecycle: experimental
  problem: { decides: x, forWhom: x, whyMachineLearning: x, costOfWrongAnswer: x }
  baseline: { rule: x, metric: accuracy }
  policy:
    fourEyes: true
    trialRun: train
    requiredChecks: [project tests]
`,
  [`${folder}/package.json`]:
    '{ "private": true, "type": "module", "scripts": { "test": "node check.mjs" } }\n',
  [`${folder}/check.mjs`]:
    "import fs from 'node:fs';\nconst rows = Number(fs.readFileSync('rows.txt', 'utf8'));\nconsole.log('rows are', rows);\nprocess.exit(rows > 0 ? 0 : 1);\n",
  [`${folder}/rows.txt`]: '12\n',
  [train]: `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: train }
spec:
  entrypoint: main
  arguments:
    parameters:
      - { name: epochs, value: '3' } # how long
  templates:
    - name: main
      container:
        image: 'mlops-steps:22'
        command: [sh, -c]
        args: ['echo {{workflow.parameters.epochs}}']
`,
  [modelFile]: `apiVersion: backstage-mlops/v1alpha1
kind: MLModel
metadata: { name: kind } # which animal
spec:
  task: tabular-classification
  primaryMetric: { name: accuracy, direction: higher }
  intendedUse: Cows and horses.
  licence: MIT
  gates:
    - { name: good enough, check: 'metrics.accuracy >= 0.9' }
    - { name: no worse, check: 'metrics.accuracy >= champion.accuracy - 0.01' }
`,
  CODEOWNERS: `/${folder}/ @farm/reviewers\n`,
};

let portal: TestPortal;
let clone: Clone;
let jen: Caller;
let dana: Caller;
let rex: Caller;
let stranger: Caller;

before(async () => {
  portal = await startTestPortal();
  clone = new Clone(portal.data);
  for (const [name, text] of Object.entries(files)) clone.write(name, text);
  clone.push('The barn');
  [jen, dana, rex, stranger] = await Promise.all(
    (['jen', 'dana', 'rex', 'stranger'] as const).map(name => portal.as(name)),
  );
  await waitFor('the project', async () => {
    const { status } = await jen.call('GET', `projects/${project}`);
    return status === 200;
  });
});
after(async () => {
  clone?.remove();
  await portal?.stop();
});

const asJen = (...args: string[]) =>
  clone.git('-c', 'user.name=Jen', '-c', 'user.email=jen@example.com', ...args);
const bare = (...args: string[]) =>
  execFileSync('git', args, {
    cwd: path.join(portal.data, 'gitops.git'),
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();

/** A branch of the newest main with files of Jen's, pushed; gives its commit. */
function pushed(branch: string, changed: Record<string, string>): string {
  if (!bare('branch', '--list', branch)) {
    clone.git('fetch', '-q', 'origin');
    clone.git('checkout', '-q', '-B', branch, 'origin/main');
  } else clone.git('checkout', '-q', branch);
  for (const [name, text] of Object.entries(changed)) clone.write(name, text);
  clone.git('add', '-A');
  asJen('commit', '-qm', `Work on ${branch}`);
  clone.git('push', '-q', 'origin', branch);
  return clone.git('rev-parse', 'HEAD');
}

async function opened(
  body: object,
  headers: Record<string, string> = {},
): Promise<any> {
  const answer = await jen.call(
    'POST',
    'changes',
    { project, ...body },
    headers,
  );
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

/** The change once all checks of a head said something. */
const checked = (id: string, head?: string): Promise<any> =>
  waitFor(
    `the checks of change ${id}`,
    async () => {
      const { body } = await jen.call('GET', `changes/${id}`);
      const isAt = head === undefined || body.head === head;
      const own = body.checks.filter(
        (check: any) => check.commit === body.head,
      );
      const isOver =
        own.length > 0 && own.every((check: any) => check.state !== 'pending');
      return isAt && isOver && body;
    },
    300_000,
  );
const checkOf = (change: any, name: string) =>
  change.checks.find(
    (check: any) => check.name === name && check.commit === change.head,
  );

async function approvedAndMerged(id: string): Promise<any> {
  const change = await checked(id);
  const review = await rex.call('POST', `changes/${id}/review`, {
    verdict: 'approved',
  });
  assert.deepEqual(review.body.blockedBy, []);
  const merged = await rex.call('POST', `changes/${id}/merge`, {
    head: change.head,
  });
  assert.equal(merged.status, 200, JSON.stringify(merged.body));
  assert.equal(merged.body.state, 'merged');
  assert.equal(merged.body.live, true);
  return merged.body;
}

describe('a change that stock git pushed', () => {
  const branch = 'jen/more-epochs';
  let id: string;

  it('is opened as a request, once, however often it is asked for', async () => {
    const head = pushed(branch, {
      [train]: files[train].replace("'3'", "'5'"),
      [`${folder}/rows.txt`]: '0\n',
    });
    const loose = await jen.call('GET', 'branches');
    assert.deepEqual(loose.body.items, [{ branch, head }]);
    const wish = { title: 'More epochs', branch };
    const key = { 'idempotency-key': 'more-epochs' };
    const change = await opened(wish, key);
    id = change.id;
    assert.equal(change.head, head);
    assert.equal((await opened(wish, key)).id, id);
    const other = await jen.call(
      'POST',
      'changes',
      { project, ...wish, title: 'Another' },
      key,
    );
    assert.equal(other.status, 409);
    assert.deepEqual((await jen.call('GET', 'branches')).body.items, []);
  });

  it("is checked by its files, the project's own tests with their log, and a trial run", async () => {
    const change = await checked(id);
    assert.equal(checkOf(change, 'files valid').state, 'passed');
    assert.equal(checkOf(change, 'trial run').state, 'passed');
    const tests = checkOf(change, 'project tests');
    assert.equal(tests.state, 'failed');
    const log = await jen.fetch(tests.logUrl.replace('/api/mlops/', ''));
    assert.match(await log.text(), /rows are 0/);
    assert.equal(change.trialRun.pipeline, 'train');
    assert.equal(change.mergeable, false);
    assert.match(
      change.blockedBy.join(' '),
      /'project tests' failed.*four eyes.*group:default\/reviewers \(CODEOWNERS\)/,
    );
  });

  it('takes what is pushed onto it, and looks at the new head', async () => {
    const head = pushed(branch, { [`${folder}/rows.txt`]: '24\n' });
    const change = await checked(id, head);
    assert.equal(change.checksState, 'passed');
    assert.equal(change.commits.length, 2);
    const { body } = await jen.call('GET', `changes/${id}/comparison`);
    assert.deepEqual(
      body.parameters.map(({ name, trial }: any) => [name, trial]),
      [['epochs', '5']],
    );
  });

  it('is merged after another person approved, and is seen', async () => {
    const approve = (who: Caller) =>
      who.call('POST', `changes/${id}/review`, { verdict: 'approved' });
    assert.equal((await approve(jen)).status, 403);
    assert.equal((await approve(stranger)).status, 403);
    assert.match(
      (await approve(dana)).body.blockedBy.join(' '),
      /^It needs the approval of group:default\/reviewers \(CODEOWNERS\)/,
    );
    const merge = (who: Caller) => who.call('POST', `changes/${id}/merge`, {});
    assert.equal((await merge(jen)).status, 403);
    assert.equal((await merge(dana)).status, 409);
    assert.deepEqual((await approve(rex)).body.blockedBy, []);
    const { status, body } = await merge(dana);
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.live, true);
    assert.equal(bare('rev-parse', 'main'), body.mergeCommit);
    assert.match(
      bare('log', '-1', '--format=%an|%ae|%cn|%B', 'main'),
      /^Jen\|jen@example.com\|MLOps portal\|More epochs \(#\d+\)[^]*Merged-by: Dana/,
    );
    const pipeline = await stranger.call('GET', `pipelines/${project}/train`);
    assert.equal(pipeline.body.parameters[0].value, '5');
    await waitFor('the pipeline in sync', async () => {
      const sync = await jen.call('GET', `sync?project=${project}`);
      const own = sync.body.items.find((item: any) => item.kind === 'pipeline');
      return (
        own?.state === 'Synced' &&
        own.desired === 'local' &&
        own.actual === 'local'
      );
    });
    const { items } = (await jen.call('GET', `activity?project=${project}`))
      .body;
    const kinds = items
      .filter((item: any) => item.change === id)
      .map((item: any) => item.kind);
    assert.deepEqual(kinds.sort(), ['change', 'commit']);
  });
});

describe('a promotion', () => {
  const moments: string[] = [];
  const mlflow = async (call: string, body: object) => {
    const answer = await jen.call('POST', `api/2.0/mlflow/${call}`, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  async function register(accuracy: number): Promise<void> {
    const { body } = await jen.call(
      'GET',
      `api/2.0/mlflow/experiments/get-by-name?experiment_name=${project}`,
    );
    const experiment = body.experiment.experiment_id;
    const { run } = await mlflow('runs/create', { experiment_id: experiment });
    const place = `${experiment}/${run.info.run_id}/artifacts/models/kind`;
    const evaluation = {
      examples: 10,
      metrics: [
        {
          name: 'accuracy',
          value: accuracy,
          interval: { lower: accuracy - 0.05, upper: accuracy + 0.02 },
        },
      ],
    };
    for (const [name, content] of Object.entries({
      'model.json': { accuracy },
      'evaluation.json': evaluation,
    })) {
      const put = await jen.fetch(
        `api/2.0/mlflow-artifacts/artifacts/${place}/${name}`,
        {
          method: 'PUT',
          headers: { 'content-type': 'application/octet-stream' },
          body: JSON.stringify(content),
        },
      );
      assert.equal(put.status, 200);
    }
    await mlflow('model-versions/create', {
      name: registered,
      source: `mlflow-artifacts:/${place}`,
      run_id: run.info.run_id,
    });
  }
  const proposed = async (version: number): Promise<any> => {
    const answer = await jen.call('POST', `models/${project}/kind/promotions`, {
      alias: 'champion',
      version,
      reason: `Version ${version} is better`,
    });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const championIs = async (version: string) => {
    await waitFor(`version ${version} as champion`, async () => {
      const { body } = await jen.call(
        'GET',
        `api/2.0/mlflow/registered-models/alias?name=${registered}&alias=champion`,
      );
      return body.model_version?.version === version;
    });
    await waitFor('the alias in sync', async () => {
      const { body } = await jen.call('GET', `sync?project=${project}`);
      const alias = body.items.find((item: any) => item.kind === 'alias');
      return alias?.state === 'Synced' && alias.actual === version;
    });
    moments.push(new Date().toISOString());
    // Git knows seconds only.
    await new Promise(resolve => setTimeout(resolve, 1100));
  };

  before(async () => {
    await mlflow('registered-models/create', { name: registered });
    for (const accuracy of [0.92, 0.95, 0.85]) await register(accuracy);
  });

  it('passes its gates, is merged by another person, and is what the registry says', async () => {
    for (const version of [1, 2]) {
      const change = await proposed(version);
      assert.equal(change.kind, 'promotion');
      const seen = await checked(change.id);
      assert.equal(checkOf(seen, 'gates').state, 'passed');
      assert.equal(checkOf(seen, 'trial run'), undefined);
      await approvedAndMerged(change.id);
      await championIs(String(version));
    }
  });

  it('fails at a gate, unless a waiver stands in git', async () => {
    const change = await proposed(3);
    const seen = await checked(change.id);
    assert.match(checkOf(seen, 'gates').message, /0\.85 .*is below 0\.9/);
    await rex.call('POST', `changes/${change.id}/review`, {
      verdict: 'approved',
    });
    const refused = await rex.call('POST', `changes/${change.id}/merge`, {});
    assert.equal(refused.status, 409);
    assert.match(refused.body.error.message, /is below 0\.9/);
    const waivers = ['good enough', 'no worse'].map(gate => ({
      gate,
      version: 3,
      by: 'user:default/rex',
      reason: 'The harvest cannot wait.',
      until: '2999-12-31',
    }));
    const waived = await jen.call('PATCH', `changes/${change.id}`, {
      edits: [
        { path: modelFile, set: [{ at: ['spec', 'waivers'], value: waivers }] },
      ],
      head: change.head,
    });
    assert.equal(waived.status, 200, JSON.stringify(waived.body));
    const again = await checked(change.id, waived.body.head);
    assert.equal(checkOf(again, 'gates').state, 'passed');
    await approvedAndMerged(change.id);
    await championIs('3');
  });

  it('is taken back by a revert, and git knows who was champion when', async () => {
    const change = await proposed(2);
    assert.equal(change.kind, 'revert');
    assert.match(change.message, /This reverts commit [0-9a-f]{40}\./);
    await approvedAndMerged(change.id);
    await championIs('2');
    const versions = await Promise.all(
      ['2001-05-03', ...moments].map(async at => {
        const { body } = await jen.call(
          'GET',
          `models/${project}/kind/aliases?at=${at}`,
        );
        return body.items.find((item: any) => item.alias === 'champion')
          ?.version;
      }),
    );
    assert.deepEqual(versions, [undefined, '1', '2', '3', '2']);
  });
});

describe('hostile requests', () => {
  const edit = (name: string, content = 'x\n') => ({ path: name, content });
  const long = 'x'.repeat(10_000);
  const bad: [string, object, RegExp?][] = [
    ['a title of 10,000 characters', { title: long }],
    ['a title of two lines', { title: 'a\nb' }],
    ['a title with a zero byte', { title: 'a\0b' }],
    ['a title that turns its direction', { title: 'a\u202eb' }],
    ['an empty title', { title: '  ' }],
    ['half a character', { title: '\ud800' }],
    ['a message that is no text', { message: 5 }],
    ['a path out of the repository', { edits: [edit(`${folder}/../../x`)] }],
    ['a path from the root', { edits: [edit('/etc/passwd')] }],
    ["git's own folder", { edits: [edit(`${folder}/.git/hooks/post-update`)] }],
    ['the same, hidden', { edits: [edit(`${folder}/.GIT\u200b/config`)] }],
    ['the same by its short name', { edits: [edit(`${folder}/git~1/config`)] }],
    ['an option as a path', { edits: [edit('--upload-pack=x')] }],
    ['a path of 10,000 characters', { edits: [edit(`${folder}/${long}`)] }],
    ['a file of another project', { edits: [edit('ml-projects/penguins/x')] }],
    ['a file of nobody', { edits: [edit('README.md')] }],
    ['an option as a branch', { branch: '--exec=touch /tmp/x', edits: [] }],
    ['a ref as a branch', { branch: 'refs/heads/main', edits: [] }],
    ['a range as a branch', { branch: 'main..x', edits: [] }],
    ['main as a branch', { branch: 'main', edits: [] }],
    ['a branch of 10,000 characters', { branch: long, edits: [] }],
    ['an option as a base', { base: '--output=/tmp/x' }],
    ['a reviewer who is none', { reviewers: ['--rex'] }],
    ['a pipeline that is an option', { trialRun: { pipeline: '--x' } }],
    ['a key of an object that is none', { ['__proto__x']: 1 }],
  ];
  for (const [name, body, words] of bad)
    it(`are refused: ${name}`, async () => {
      const main = bare('rev-parse', 'main');
      const answer = await jen.call('POST', 'changes', {
        project,
        title: 'Fine',
        edits: [edit(`${folder}/fine.txt`)],
        ...body,
      });
      assert.equal(answer.status, 400, JSON.stringify(answer.body));
      assert.ok(answer.body.error.message.length < 2000);
      if (words) assert.match(answer.body.error.message, words);
      assert.equal(bare('rev-parse', 'main'), main);
    });

  it('are shown as they are where they are only odd', async () => {
    const title =
      '--delete $(id) `x` <img src=x onerror=alert(1)> 🎃 \u05d0txt';
    const message = `${'# é '.repeat(2500)}\n$(touch x)\n--\n-m`;
    const name = `${folder}/ein Ordner/ä–🎃 $(id).txt`;
    const change = await opened({ title, message, edits: [edit(name)] });
    assert.equal(change.title, title);
    assert.equal(change.message, message);
    assert.equal(change.files[0].path, name);
    assert.match(change.branch, /^mlops\/\d+-[a-z0-9-]+$/);
    assert.equal(
      bare('log', '-1', '--format=%B', change.head),
      `${title}\n\n${message}`,
    );
    await jen.call('POST', `changes/${change.id}/close`);
  });

  it('are refused by their size before anything is done', async () => {
    const huge = [edit(`${folder}/a.txt`, 'x'.repeat(1 << 20))];
    for (const [method, route, body] of [
      ['POST', 'changes', { project, title: 'Huge', edits: huge }],
      ['POST', 'effect', { project, title: 'Huge', edits: huge }],
      ['PATCH', 'changes/1', { edits: huge }],
      ['POST', 'changes/1/comment', { comment: 'x'.repeat(300_000) }],
    ] as const) {
      const answer = await jen.call(method, route, body);
      assert.deepEqual(
        [route, answer.status, answer.body.error.code],
        [route, 413, 'too-large'],
      );
    }
  });

  it('do not carry the marks of a merge onto main', async () => {
    const change = await opened({
      title: 'Half merged',
      edits: [
        edit(
          `${folder}/rows.txt`,
          '<<<<<<< ours\n1\n=======\n2\n>>>>>>> theirs\n',
        ),
      ],
    });
    const seen = await checked(change.id);
    assert.match(
      checkOf(seen, 'files valid').message,
      /rows\.txt:1: .*marks of a merge/,
    );
    await jen.call('POST', `changes/${change.id}/close`);
  });

  it('of a branch bring no file of another project along', async () => {
    pushed('jen/stray', { 'ml-projects/penguins/README.md': 'mine\n' });
    const answer = await jen.call('POST', 'changes', {
      project,
      title: 'Stray',
      branch: 'jen/stray',
    });
    assert.equal(answer.status, 400);
    assert.match(answer.body.error.message, /'ml-projects\/penguins\/README/);
  });

  it('of 200 MB are stopped on their way, and nobody else notices', async () => {
    clone.git('checkout', '-q', '-B', 'jen/huge', 'origin/main');
    const part = randomBytes(1 << 20);
    const file = fs.openSync(clone.path(`${folder}/huge.bin`), 'w');
    for (let i = 0; i < 200; i++) {
      part.writeUInt32LE(i, 0);
      fs.writeSync(file, part);
    }
    fs.closeSync(file);
    const fast = ['-c', 'core.compression=0', '-c', 'core.bigFileThreshold=1m'];
    clone.git(...fast, 'add', '-A');
    clone.git(...fast, 'commit', '-qm', 'Huge');
    assert.throws(
      () => clone.git(...fast, 'push', '-q', 'origin', 'jen/huge'),
      /maximum allowed size|unpack|hung up|remote/,
    );
    assert.equal(bare('branch', '--list', 'jen/huge'), '');
    clone.git('checkout', '-q', '--detach', 'origin/main');
    clone.git('branch', '-q', '-D', 'jen/huge');
    assert.equal((await jen.call('GET', `projects/${project}`)).status, 200);
  });

  it('take a whole project away when people agree, past a lock that a killed git left', async () => {
    const change = await opened({
      title: 'No barn any more',
      edits: [{ path: folder, delete: true }],
    });
    const lock = path.join(portal.data, 'gitops.git/refs/heads/main.lock');
    fs.writeFileSync(lock, '');
    fs.utimesSync(lock, new Date(0), new Date(0));
    await approvedAndMerged(change.id);
    assert.equal(fs.existsSync(lock), false);
    await waitFor('the end of the project', async () => {
      const { status } = await jen.call('GET', `projects/${project}`);
      return status === 404;
    });
  });
});
