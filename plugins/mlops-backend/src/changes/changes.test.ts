import Ajv from 'ajv';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {
  databases,
  projectFile,
  startPortal,
  templateFile,
  type TestPortal,
} from '../__testUtils__/startPortal';
import { openApiDocument } from '../http/openApi/document';

jest.setTimeout(90_000);

const train = 'ml-projects/fruit/pipelines/train.yaml';
const pipeline = templateFile(
  'train',
  `entrypoint: main
arguments:
  parameters:
    - { name: epochs, value: '3' } # how long
templates:
  - name: main
    script: { image: tools, command: [sh], source: 'echo {{workflow.parameters.epochs}}' }`,
);
const files = {
  'ml-projects/fruit/mlproject.yaml': projectFile('fruit'),
  [train]: pipeline,
  'ml-projects/other/mlproject.yaml': projectFile('other'),
  'ml-projects/careful/mlproject.yaml': projectFile(
    'careful',
    '  policy: { fourEyes: true }\n',
  ),
};
const epochs = (value: string) => ({
  project: 'fruit',
  title: `Epochs are ${value}`,
  edits: [
    {
      path: train,
      set: [{ at: ['spec', 'arguments', 'parameters', 0, 'value'], value }],
    },
  ],
});

const tested = {
  'ml-projects/tested/mlproject.yaml': projectFile('tested'),
  'ml-projects/tested/package.json': '{"scripts":{"test":"node test.mjs"}}',
  'ml-projects/tested/test.mjs':
    "import fs from 'node:fs'; console.log('one is', fs.readFileSync('one.txt', 'utf8')); if (!fs.readFileSync('one.txt', 'utf8').startsWith('1')) process.exit(1);",
  'ml-projects/tested/one.txt': '1\n',
  'ml-projects/slow/mlproject.yaml': projectFile('slow'),
  'ml-projects/slow/package.json': '{"scripts":{"test":"node test.mjs"}}',
  'ml-projects/slow/test.mjs': 'setTimeout(() => {}, 600_000);\n',
};

const ajv = new Ajv({ strict: false, validateFormats: false });
ajv.addSchema(openApiDocument, 'api');
const holds = (name: string, body: unknown) => {
  const ok = ajv.validate({ $ref: `api#/components/schemas/${name}` }, body);
  expect({ name, errors: ok ? [] : ajv.errors }).toEqual({ name, errors: [] });
};

describe.each(databases)('proposed changes, %s', client => {
  let portal: TestPortal;
  const rex = () => portal.as('user:default/rex');
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: path.join(portal.folder, 'data/gitops.git'),
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  const cloneOf = (name: string) => {
    const clone = path.join(portal.folder, name);
    git('clone', '-q', '.', clone);
    const inClone = (...args: string[]) =>
      execFileSync(
        'git',
        ['-c', 'user.name=Jen', '-c', 'user.email=Jen@example.org', ...args],
        { cwd: clone, encoding: 'utf8', stdio: 'pipe' },
      ).trim();
    const write = (file: string, text: string) =>
      fs.writeFileSync(path.join(clone, file), text);
    return { clone, inClone, write };
  };
  const open = async (body: object) => {
    const answer = await portal.post('changes', body);
    expect([answer.status, answer.body.error]).toEqual([201, undefined]);
    return answer.body;
  };
  const checked = (id: string) =>
    portal.until(async () => {
      const { body } = await portal.get(`changes/${id}`);
      return !['pending', 'none'].includes(body.checksState) && body;
    });

  beforeAll(async () => {
    portal = await startPortal(
      client,
      { ...files, ...tested },
      { changes: { testImage: 'tools' } },
    );
  });
  afterAll(() => portal.stop());

  it('proposes, reviews and merges a change of one value, and reads it at once', async () => {
    const change = await open(epochs('5'));
    expect(change).toMatchObject({
      project: 'fruit',
      kind: 'change',
      state: 'open',
      author: 'user:default/mock',
      base: git('rev-parse', 'main'),
      checks: [{ name: 'files valid', commit: change.head }],
      allowed: { review: false, merge: true },
    });
    expect(change.branch).toBe(`mlops/${change.id}-epochs-are-5`);
    expect(change.files).toHaveLength(1);
    expect(change.files[0].diff).toContain(
      "-      - { name: epochs, value: '3' } # how long",
    );
    expect(change.files[0].diff).toContain(
      "+      - { name: epochs, value: '5' } # how long",
    );
    expect(git('log', '-1', '--format=%an %ae|%cn', change.head)).toBe(
      'mock mock@localhost|MLOps portal',
    );
    expect(await checked(change.id)).toMatchObject({
      checksState: 'passed',
      mergeable: true,
      blockedBy: [],
    });

    const own = await portal.post(`changes/${change.id}/review`, {
      verdict: 'approved',
    });
    expect(own.status).toBe(403);
    const review = await rex().post(`changes/${change.id}/review`, {
      verdict: 'approved',
      comment: 'Good.',
    });
    expect(review.body.reviews).toMatchObject([
      { by: 'user:default/rex', verdict: 'approved', commit: change.head },
    ]);
    const merged = await rex().post(`changes/${change.id}/merge`, {});
    expect(merged.body).toMatchObject({
      state: 'merged',
      mergedBy: 'user:default/rex',
      live: true,
    });
    const read = await portal.get('pipelines/fruit/train');
    expect(read.body.parameters).toMatchObject([
      { name: 'epochs', value: '5' },
    ]);
  });

  it('takes a branch that stock git pushed, and looks at each new head', async () => {
    const { inClone, clone } = cloneOf('byhand');
    inClone('checkout', '-qb', 'jen/work');
    fs.writeFileSync(path.join(clone, train), `${pipeline}\n  wrong: [`);
    inClone('commit', '-qam', 'half done');
    inClone('push', '-q', 'origin', 'jen/work');
    const { body: loose } = await portal.get('branches');
    expect(loose.items).toEqual([
      { branch: 'jen/work', head: inClone('rev-parse', 'HEAD') },
    ]);
    const change = await open({
      project: 'fruit',
      title: 'By hand',
      branch: 'jen/work',
    });
    const faulty = await checked(change.id);
    expect(faulty).toMatchObject({ checksState: 'failed', mergeable: false });
    expect(faulty.checks[0].message).toMatch(`${train}:`);
    const refused = await rex().post(`changes/${change.id}/merge`, {});
    expect(refused.status).toBe(409);
    expect(refused.body.error.message).toContain('files valid');

    fs.writeFileSync(path.join(clone, train), pipeline.replace("'3'", "'7'"));
    inClone('commit', '-qam', 'done');
    inClone('push', '-q', 'origin', 'jen/work');
    const good = await portal.until(async () => {
      const { body } = await portal.get(`changes/${change.id}`);
      return body.checksState === 'passed' && body;
    });
    expect(good.head).toBe(inClone('rev-parse', 'HEAD'));
    expect(good.commits).toHaveLength(2);
  });

  it('is of one project: nothing of another comes along, whoever pushed it', async () => {
    const { inClone, write } = cloneOf('stray');
    inClone('checkout', '-qb', 'stray');
    write('ml-projects/other/mlproject.yaml', projectFile('other', '# mine'));
    inClone('commit', '-qam', 'not ours');
    inClone('push', '-q', 'origin', 'stray');
    const refused = await portal.post('changes', {
      project: 'fruit',
      title: 'Stray',
      branch: 'stray',
    });
    expect([refused.status, refused.body.error.message]).toEqual([
      400,
      expect.stringContaining("'ml-projects/other/mlproject.yaml'"),
    ]);
    // On an open request of its own it comes to light at the merge.
    const change = await open({
      project: 'fruit',
      title: 'Ours',
      edits: [{ path: 'ml-projects/fruit/NOTE.md', content: 'ours\n' }],
    });
    inClone('fetch', '-q', 'origin');
    inClone('checkout', '-q', change.branch);
    write('README.md', 'of nobody\n');
    inClone('add', '-A');
    inClone('commit', '-qm', 'more than ours');
    inClone('push', '-q', 'origin', `HEAD:${change.branch}`);
    const head = inClone('rev-parse', 'HEAD');
    const seen = await portal.until(async () => {
      const { body } = await portal.get(`changes/${change.id}`);
      return body.head === head && body.checksState === 'passed' && body;
    });
    expect(seen).toMatchObject({
      mergeable: false,
      blockedBy: [expect.stringContaining("It touches 'README.md'")],
    });
    const merged = await rex().post(`changes/${change.id}/merge`, { head });
    expect(merged.status).toBe(409);
  });

  it('takes no approval of whoever pushed a commit of it', async () => {
    const change = await open({
      project: 'careful',
      title: 'Two of us',
      edits: [{ path: 'ml-projects/careful/A.md', content: 'a\n' }],
    });
    const { inClone, write } = cloneOf('pair');
    inClone('checkout', '-q', change.branch);
    write('ml-projects/careful/B.md', 'b\n');
    inClone('add', '-A');
    // Jen commits what she says is somebody else's.
    inClone('commit', '-qm', 'b', '--author', 'Nobody <nobody@example.org>');
    inClone('push', '-q', 'origin', `HEAD:${change.branch}`);
    const head = inClone('rev-parse', 'HEAD');
    await portal.until(async () => {
      const { body } = await portal.get(`changes/${change.id}`);
      return body.head === head && body.checksState === 'passed';
    });
    const approve = (who: string) =>
      portal
        .as(`user:default/${who}`)
        .post(`changes/${change.id}/review`, { verdict: 'approved' });
    const hers = await approve('jen');
    expect([hers.status, hers.body.error.code]).toEqual([403, 'not-allowed']);
    const { body: seen } = await portal
      .as('user:default/jen')
      .get(`changes/${change.id}`);
    expect(seen.allowed.review).toBe(false);
    expect(seen.blockedBy).toEqual([expect.stringContaining('four eyes')]);
    expect((await approve('rex')).body.blockedBy).toEqual([]);
    const merged = await rex().post(`changes/${change.id}/merge`, { head });
    expect([merged.status, merged.body.state]).toEqual([200, 'merged']);
  });

  it('holds a branch to the rules that the main branch has now, however old it is', async () => {
    const project = 'ml-projects/late/mlproject.yaml';
    portal.push({ [project]: projectFile('late') });
    await portal.until(
      async () => (await portal.get('projects/late')).status === 200,
    );
    const change = await open({
      project: 'late',
      title: 'Before the rules',
      edits: [{ path: 'ml-projects/late/A.md', content: 'a\n' }],
    });
    const blocked = async (reasons: RegExp[]) => {
      const { body } = await portal.get(`changes/${change.id}`);
      return (
        body.blockedBy.length === reasons.length &&
        reasons.every(reason =>
          body.blockedBy.some((text: string) => reason.test(text)),
        )
      );
    };
    await portal.until(() => blocked([]));
    portal.push({
      [project]: projectFile('late', '  policy: { fourEyes: true }\n'),
      CODEOWNERS: '/ml-projects/late/ user:default/jen\n',
    });
    // Asked at once: the merge itself looks at the newest commit.
    const refused = await rex().post(`changes/${change.id}/merge`, {});
    expect([refused.status, refused.body.error.message]).toEqual([
      409,
      expect.stringMatching(/four eyes.*user:default\/jen \(CODEOWNERS\)/),
    ]);
    await portal.until(() => blocked([/four eyes/, /CODEOWNERS/]));
    const asOwner = (who: string) =>
      portal
        .as(`user:default/${who}`)
        .get(`changes/${change.id}`)
        .then(({ body }) => body.allowed.approveAsOwner);
    expect([await asOwner('jen'), await asOwner('rex')]).toEqual([
      true,
      undefined,
    ]);
    portal.push({ [project]: projectFile('late'), CODEOWNERS: '# nobody\n' });
    await portal.until(() => blocked([]));
  });

  it('takes no approval while the catalog does not say who wrote the commits', async () => {
    const change = await open({
      project: 'fruit',
      title: 'By whom',
      edits: [{ path: 'ml-projects/fruit/WHO.md', content: 'a\n' }],
    });
    portal.catalog.answers = false;
    try {
      const { inClone, write } = cloneOf('unknown');
      inClone('checkout', '-q', change.branch);
      write('ml-projects/fruit/WHO.md', 'b\n');
      inClone('add', '-A');
      // An address that nobody asked for before, so nothing is remembered of it.
      inClone('commit', '-qm', 'b', '--author', 'Kim <kim@example.org>');
      inClone('push', '-q', 'origin', `HEAD:${change.branch}`);
      const head = inClone('rev-parse', 'HEAD');
      // Looking goes on without it.
      await portal.until(
        async () =>
          (await portal.get(`changes/${change.id}`)).body.head === head,
      );
      const refused = await rex().post(`changes/${change.id}/review`, {
        verdict: 'approved',
      });
      expect([refused.status, refused.body.error.message]).toEqual([
        503,
        'The catalog does not say now who wrote the commits of the change; try again.',
      ]);
      expect((await portal.get(`changes/${change.id}`)).body.reviews).toEqual(
        [],
      );
    } finally {
      portal.catalog.answers = true;
    }
    const approved = await rex().post(`changes/${change.id}/review`, {
      verdict: 'approved',
    });
    expect(approved.body.reviews).toMatchObject([
      { by: 'user:default/rex', verdict: 'approved' },
    ]);
  });

  it("runs the project's own tests at the head as a step with a log, and again when asked", async () => {
    const change = await open({
      project: 'tested',
      title: 'One is two',
      edits: [{ path: 'ml-projects/tested/one.txt', content: '2\n' }],
    });
    holds('Change', change);
    const failed = await checked(change.id);
    const check = failed.checks.find(
      (item: any) => item.name === 'project tests',
    );
    expect(check).toMatchObject({ state: 'failed', commit: change.head });
    expect(check.message).toContain('exit code 1');
    const route = check.logUrl.replace('/api/mlops/', '');
    const log = await portal.get(route);
    expect(log.text).toContain('one is 2');
    const run = (await portal.get(route.split('/').slice(0, 2).join('/'))).body;
    expect(run).toMatchObject({
      trigger: { kind: 'change', by: 'user:default/mock', change: change.id },
      commit: change.head,
    });

    const again = await portal.post(`changes/${change.id}/checks`, {
      name: 'project tests',
    });
    expect(again.body.checksState).toBe('pending');
    const second = await checked(change.id);
    const rerun = second.checks.find(
      (item: any) => item.name === 'project tests',
    );
    expect(rerun.logUrl).not.toBe(check.logUrl);
    const unknown = await portal.post(`changes/${change.id}/checks`, {
      name: 'weather',
    });
    expect([unknown.status, unknown.body.error.message]).toEqual([
      400,
      expect.stringContaining("not 'weather'"),
    ]);

    const mended = await portal.patch(`changes/${change.id}`, {
      edits: [{ path: 'ml-projects/tested/one.txt', content: '1 again\n' }],
      head: change.head,
    });
    expect(mended.body.head).not.toBe(change.head);
    expect(await checked(change.id)).toMatchObject({ checksState: 'passed' });
    // The runs' commits stay when the branch goes, even when git cleans up.
    await portal.post(`changes/${change.id}/close`);
    git('update-ref', '-d', `refs/heads/${change.branch}`);
    git('update-ref', '-d', `refs/mlops/changes/${change.id}`);
    git('reflog', 'expire', '--expire=now', '--all');
    git('gc', '-q', '--prune=now');
    expect(git('cat-file', '-t', change.head)).toBe('commit');
  });

  it('ends the tests of a head that nobody asks about any more', async () => {
    const change = await open({
      project: 'slow',
      title: 'Slow',
      edits: [{ path: 'ml-projects/slow/A.md', content: 'a\n' }],
    });
    const runOf = (head: string) =>
      portal.until(async () => {
        const { body } = await portal.get('runs?project=slow');
        return body.items.find((run: any) => run.commit === head);
      });
    const first = await runOf(change.head);
    const { body: newer } = await portal.patch(`changes/${change.id}`, {
      edits: [{ path: 'ml-projects/slow/A.md', content: 'b\n' }],
    });
    expect((await portal.end(first.id)).message).toContain('Stop');
    const second = await runOf(newer.head);
    await portal.post(`changes/${change.id}/close`);
    expect((await portal.end(second.id)).message).toContain('Stop');
  });

  it('waits for whoever was asked, until they say something of the newest commit', async () => {
    const { id } = await open({
      ...epochs('11'),
      reviewers: ['user:default/rex'],
    });
    const waiting = async (by = rex()) =>
      (await by.get('changes?waitingFor=me')).body.items.map(
        (item: any) => item.id,
      );
    expect(await waiting()).toEqual([id]);
    expect(await waiting(portal.as('user:default/jen'))).toEqual([]);
    await rex().post(`changes/${id}/review`, { verdict: 'commented' });
    expect(await waiting()).toEqual([id]);
    await rex().post(`changes/${id}/review`, { verdict: 'approved' });
    expect(await waiting()).toEqual([]);
    await portal.patch(`changes/${id}`, {
      edits: [{ path: 'ml-projects/fruit/A.md', content: 'a\n' }],
    });
    expect(await waiting()).toEqual([id]);
    await portal.patch(`changes/${id}`, { draft: true });
    expect(await waiting()).toEqual([]);
    await portal.post(`changes/${id}/close`);
    const wrong = await portal.get('changes?waitingFor=you');
    expect(wrong.status).toBe(400);
  });

  it('runs a pipeline on the branch and compares it with the last good run of main', async () => {
    const { body: submitted } = await portal.post('runs', {
      project: 'fruit',
      pipeline: 'train',
    });
    const main = await portal.end(submitted.id);
    const change = await open({
      ...epochs('9'),
      trialRun: { pipeline: 'train' },
    });
    const done = await checked(change.id);
    expect(done.trialRun).toMatchObject({
      phase: 'Succeeded',
      pipeline: 'train',
    });
    const { body } = await portal.get(`changes/${change.id}/comparison`);
    holds('ChangeComparison', body);
    expect(body).toMatchObject({
      trial: { id: done.trialRun.id, commit: change.head },
      main: { id: main.id },
      parameters: [
        { name: 'epochs', trial: '9', main: main.parameters[0].value },
      ],
    });
    expect(body.trial.seconds).toBeGreaterThan(0);
    const wrong = await portal.post('changes', {
      ...epochs('10'),
      trialRun: { pipeline: 'no-such' },
    });
    expect([wrong.status, wrong.body.error.message]).toEqual([
      400,
      expect.stringContaining("not 'no-such'"),
    ]);
    holds('ChangePage', (await portal.get('changes?project=fruit')).body);
  });

  it('tells a project whose commits were taken away from main, and keeps them', async () => {
    const before = git('rev-parse', 'main');
    const lost = portal.push({ 'ml-projects/fruit/LOST.md': 'lost\n' });
    await portal.until(async () => {
      const { body } = await portal.get('projects/fruit');
      return body.commit === lost;
    });
    git('update-ref', 'refs/heads/main', before);
    const { body } = await portal.until(async () => {
      const answer = await portal.get('projects/fruit');
      return answer.body.rewritten && answer;
    });
    holds('ProjectDetail', body);
    expect(body.rewritten).toMatchObject({
      branch: 'main',
      lostCommit: lost,
      commit: before,
    });
    expect((await portal.get('projects/other')).body.rewritten).toBeUndefined();
    const activity = await portal.get('activity?project=fruit&limit=1');
    holds('ActivityPage', activity.body);
    expect(activity.body.items).toMatchObject([
      { kind: 'rewrite', commit: lost, by: 'git' },
    ]);
    const next = await portal.get(
      `activity?project=fruit&limit=1&cursor=${activity.body.nextCursor}`,
    );
    expect(next.body.items[0].kind).not.toBe('rewrite');
    expect(git('rev-parse', `refs/mlops/lost/${lost}`)).toBe(lost);
  });
});
