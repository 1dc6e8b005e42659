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

describe.each(databases)('proposed changes, %s', client => {
  let portal: TestPortal;
  const rex = () => portal.as('user:default/rex');
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: path.join(portal.folder, 'data/gitops.git'),
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
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
    portal = await startPortal(client, files);
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
      "-    - { name: epochs, value: '3' } # how long",
    );
    expect(change.files[0].diff).toContain(
      "+    - { name: epochs, value: '5' } # how long",
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
    const clone = path.join(portal.folder, 'byhand');
    const inClone = (...args: string[]) =>
      execFileSync(
        'git',
        ['-c', 'user.name=Jen', '-c', 'user.email=jen@x.org', ...args],
        { cwd: clone, encoding: 'utf8', stdio: 'pipe' },
      ).trim();
    execFileSync('git', [
      'clone',
      '-q',
      path.join(portal.folder, 'data/gitops.git'),
      clone,
    ]);
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
});
