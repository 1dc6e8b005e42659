/* What only the portal's own host has: many writers at once, a portal that ends in between, locks, odd names. */
import type { HostActor } from '@backstage-mlops/mlops-core';
import fs from 'node:fs';
import path from 'node:path';
import { startHost, type TestHost } from '../__testUtils__/startHost';
import { databases } from '../__testUtils__/startPortal';
import { GitRepository } from '../gitops/GitRepository';
import { GitComparison } from './GitComparison';
import { LocalPullRequestHost } from './LocalPullRequestHost';

jest.setTimeout(900_000);

const jen: HostActor = {
  ref: 'user:default/jen',
  name: 'Jen <jen>\n',
  email: 'jen@example.org',
};
const file = 'ml-projects/one/a.txt';

describe.each(databases)('the host of the portal, %s', client => {
  let host: TestHost;
  const open = async (more: object = {}) =>
    host.host.open({
      title: 'A change',
      by: jen,
      base: await host.commitOf('main'),
      files: [{ path: file, content: 'a\nb\n' }],
      ...more,
    });
  beforeEach(async () => {
    host = await startHost(client, { [file]: 'a\n' });
  });
  afterEach(() => host.stop());

  it('loses none of 8 writers with many edits each on one branch, by two portals', async () => {
    const { number, branch } = await open();
    const portals = [host.host, host.another()];
    // The database has no part in what is tried here; the second one is for its locks.
    const rounds = client === 'pg' ? 10 : 50;
    const refusals: string[] = [];
    const landed: string[] = [];
    const writer = async (name: number) => {
      for (let turn = 0; turn < rounds; turn++) {
        const place = `ml-projects/one/${name}-${turn}.txt`;
        try {
          await portals[name % 2].update(number, {
            by: jen,
            commitTitle: place,
            files: [{ path: place, content: `${turn}` }],
          });
          landed.push(place);
        } catch (error) {
          refusals.push((error as Error).name);
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, name) => writer(name)));
    expect(landed.length + refusals.length).toBe(8 * rounds);
    expect(refusals.filter(name => name !== 'ConflictError')).toEqual([]);
    expect(landed.length).toBeGreaterThan(6 * rounds);
    const there = new Set(
      host.git('ls-tree', '-r', '--name-only', branch).split('\n'),
    );
    expect(landed.filter(place => !there.has(place))).toEqual([]);
    expect(Number(host.git('rev-list', '--count', `main..${branch}`))).toBe(
      landed.length + 1,
    );
  });

  it('finishes or takes back what a portal left in the middle', async () => {
    const first = await open();
    const main = await host.commitOf('main');
    const tree = host.git('rev-parse', `${first.head}^{tree}`);
    const made = host.git(
      '-c',
      'user.name=t',
      '-c',
      'user.email=t@t',
      'commit-tree',
      tree,
      '-p',
      main,
      '-m',
      'merged',
    );
    const begun = (then: object, to: string, ref: string, from: string) =>
      JSON.stringify({ id: 'x', ref, from, to, then, begunAt: 1 });
    const asIf = (number: number, operation: string) =>
      host.knex('mlops_pull_requests').where({ number }).update({ operation });
    // It ended before the ref moved: the request is as it was.
    await asIf(
      first.number,
      begun(
        { state: 'merged', mergeCommit: made },
        made,
        'refs/heads/main',
        main,
      ),
    );
    await host.host.repair(true);
    expect(await host.host.get(first.number)).toMatchObject({ state: 'open' });
    expect(await host.commitOf('main')).toBe(main);
    // It ended after the ref moved: the request is merged.
    await asIf(
      first.number,
      begun(
        { state: 'merged', mergeCommit: made, mergedBy: jen.ref },
        made,
        'refs/heads/main',
        main,
      ),
    );
    host.git('update-ref', 'refs/heads/main', made, main);
    await host.another().repair(true);
    expect(await host.host.get(first.number)).toMatchObject({
      state: 'merged',
      mergeCommit: made,
      mergedBy: jen.ref,
    });
    // It ended while it opened one, before its branch was there: nothing is there, and the same call opens it.
    const key = 'k'.repeat(64);
    const second = await open({
      key,
      files: [{ path: file, content: 'c\n' }],
    });
    await host
      .knex('mlops_pull_requests')
      .where({ number: second.number })
      .update({
        state: 'opening',
        operation: begun(
          { state: 'open' },
          second.head,
          `refs/heads/${second.branch}`,
          '0'.repeat(40),
        ),
      });
    host.git('update-ref', '-d', `refs/heads/${second.branch}`);
    await host.host.repair(true);
    expect((await host.host.list({ limit: 10 })).items).toHaveLength(1);
    const third = await open({ key, files: [{ path: file, content: 'c\n' }] });
    expect(third).toMatchObject({ state: 'open' });
    expect((await host.host.list({ limit: 10 })).items).toHaveLength(2);
  });

  it('takes away a lock that a killed git left, and waits for a fresh one in vain', async () => {
    const { number, branch } = await open();
    const lock = path.join(host.repository, `refs/heads/${branch}.lock`);
    const update = (content: string) =>
      host.host.update(number, {
        by: jen,
        commitTitle: 'more',
        files: [{ path: file, content }],
      });
    fs.writeFileSync(lock, '');
    await expect(update('c')).rejects.toMatchObject({ name: 'ConflictError' });
    const old = new Date(Date.now() - 120_000);
    fs.utimesSync(lock, old, old);
    expect((await update('d')).commits).toHaveLength(2);
    expect(fs.existsSync(lock)).toBe(false);
  });

  it('keeps odd titles as they are, and never lets one reach git as an option', async () => {
    for (const title of [
      '--upload-pack=touch /tmp/x',
      '-m',
      '$(id) `id` ;rm',
      '新しい 🎃 Kürbis',
      'a'.repeat(250),
      '.git/hooks/post-update',
      '../../etc/passwd',
    ]) {
      const request = await open({
        title,
        message: `${title}\n\nSigned-off-by: nobody`,
        files: [{ path: `ml-projects/one/${Math.random()}`, content: title }],
      });
      expect(request.title).toBe(title);
      expect(request.branch).toMatch(/^mlops\/\d+-[a-z0-9-]+$/);
      expect(host.git('log', '-1', '--format=%s', request.head)).toBe(title);
      expect(host.git('log', '-1', '--format=%an|%cn', request.head)).toBe(
        'Jen jen|MLOps portal',
      );
      await host.host.close(request.number, jen);
    }
    for (const title of [
      '',
      ' ',
      '\u200b',
      'a\u202eb',
      'a\nb',
      'a\0',
      'a'.repeat(10_000),
      '\ud800',
    ])
      await expect(open({ title })).rejects.toMatchObject({
        name: 'InputError',
        message: expect.stringContaining('title must be'),
      });
    for (const place of [
      '../x',
      '/etc/passwd',
      '.git/hooks/x',
      'a/.GIT/config',
      'a/../b',
      '-x',
      'a//b',
      'a\nb',
      'a/',
      'x'.repeat(10_000),
    ])
      await expect(
        open({ files: [{ path: place, content: 'x' }] }),
      ).rejects.toMatchObject({
        name: 'InputError',
        message: expect.stringContaining('path'),
      });
    for (const branch of [
      '-x',
      '--all',
      'refs/heads/main',
      'HEAD',
      'a..b',
      'x.lock',
      '$(id)',
      'ünï',
      'main',
      'a b',
    ])
      await expect(
        host.host.open({ title: 'x', by: jen, branch }),
      ).rejects.toMatchObject({
        name: 'InputError',
        message: expect.stringContaining('branch'),
      });
    expect(host.git('for-each-ref', 'refs/heads').split('\n')).toHaveLength(8);
    for (const branch of ['ünï/#7,fix', '修正', 'jen@farm/a=b(c)']) {
      const head = await host.push(branch, { [file]: `${branch}\n` });
      const request = await host.host.open({ title: 'x', by: jen, branch });
      expect(request).toMatchObject({ branch, head, state: 'open' });
      expect(request.files).toHaveLength(1);
    }
  });

  it('merges into a repository that it mirrors, and loses no ref of its own to the next fetch', async () => {
    // The portal's own repository lets nobody remove a branch by push; other hosts do.
    host.git('config', 'receive.denyDeletes', 'false');
    const mirror = path.join(host.repository, '../mirror.git');
    host.git('clone', '-q', '--mirror', host.repository, mirror);
    const repository = new GitRepository(mirror);
    const remote = new LocalPullRequestHost({
      knex: host.knex,
      repository,
      comparison: new GitComparison(repository),
      branch: 'main',
      remote: host.repository,
      logger: { info() {}, warn() {} } as never,
    });
    const request = await remote.open({
      title: 'Over there',
      by: jen,
      base: await host.commitOf('main'),
      files: [{ path: file, content: 'z\n' }],
    });
    expect(await host.commitOf(request.branch)).toBe(request.head);
    const rebased = await remote.rebase(request.number, jen);
    const merged = await remote.merge(request.number, {
      by: jen,
      method: 'squash',
      head: rebased.head,
    });
    expect(await host.commitOf('main')).toBe(merged.mergeCommit);
    expect(host.git('for-each-ref', 'refs/heads/mlops')).toBe('');
    remote.stop();
    repository.close();
  });
});
