/* The portal's own host of pull requests over a repository of its own, with stock git beside it. */
import { mockServices } from '@backstage/backend-test-utils';
import type { PullRequestHostFixture } from '@backstage-mlops/mlops-core/testUtils';
import knexFactory, { type Knex } from 'knex';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { GitComparison } from '../changes/GitComparison';
import { LocalPullRequestHost } from '../changes/LocalPullRequestHost';
import { GitRepository } from '../gitops/GitRepository';
import { seedRepository } from '../gitops/seedRepository';

/** The host, and what a test looks at beside it. */
export interface TestHost extends PullRequestHostFixture {
  host: LocalPullRequestHost;
  /** Another host over the same repository and database, as another portal has it. */
  another(): LocalPullRequestHost;
  knex: Knex;
  repository: string;
  git(...args: string[]): string;
  stop(): Promise<void>;
}

/** Makes one whose first commit has these files. */
export async function startHost(
  client: string,
  files: Record<string, string>,
): Promise<TestHost> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-host-'));
  const write = (base: string, all: Record<string, string | null>) => {
    for (const [name, text] of Object.entries(all)) {
      const file = path.join(folder, base, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      if (text === null) fs.rmSync(file);
      else fs.writeFileSync(file, text);
    }
  };
  write('checkout', files);
  const repository = path.join(folder, 'gitops.git');
  await seedRepository({
    from: path.join(folder, 'checkout'),
    to: repository,
    branch: 'main',
  });
  const run = (cwd: string, args: string[]) =>
    execFileSync(
      'git',
      ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args],
      { cwd, encoding: 'utf8', stdio: 'pipe' },
    ).trim();
  const clone = path.join(folder, 'clone');
  run(folder, ['clone', '-q', repository, clone]);
  const { knex, drop } = await database(client, folder);
  const ends: (() => void)[] = [];
  const host = () => {
    const own = new GitRepository(repository);
    const made = new LocalPullRequestHost({
      knex,
      repository: own,
      comparison: new GitComparison(own),
      branch: 'main',
      logger: mockServices.logger.mock(),
    });
    ends.push(
      () => made.stop(),
      () => own.close(),
    );
    return made;
  };
  return {
    host: host(),
    another: host,
    knex,
    repository,
    git: (...args) => run(repository, args),
    commitOf: async branch =>
      run(repository, ['rev-parse', `refs/heads/${branch}`]),
    async push(branch, changes) {
      run(clone, ['fetch', '-q', 'origin']);
      const known = run(clone, ['branch', '-r', '--list', `origin/${branch}`]);
      run(clone, ['checkout', '-q', '--detach', known || 'origin/main']);
      write('clone', changes);
      run(clone, ['add', '-A']);
      run(clone, ['commit', '-qm', `on ${branch}`]);
      run(clone, ['push', '-q', 'origin', `HEAD:refs/heads/${branch}`]);
      return run(clone, ['rev-parse', 'HEAD']);
    },
    read: async (ref, file) => {
      try {
        return execFileSync('git', ['show', `${ref}:${file}`], {
          cwd: repository,
          encoding: 'utf8',
          stdio: 'pipe',
        });
      } catch {
        return undefined;
      }
    },
    async stop() {
      ends.forEach(end => end());
      await knex.destroy();
      await drop();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function database(
  client: string,
  folder: string,
): Promise<{ knex: Knex; drop(): Promise<void> }> {
  const migrations = path.join(__dirname, '../../migrations');
  if (client !== 'pg') {
    const knex = knexFactory({
      client,
      connection: { filename: path.join(folder, 'test.sqlite') },
      useNullAsDefault: true,
    });
    await knex.migrate.latest({ directory: migrations });
    return { knex, drop: async () => {} };
  }
  const address =
    process.env.BACKSTAGE_TEST_DATABASE_POSTGRES17_CONNECTION_STRING!;
  const name = `host_${randomUUID().slice(0, 8)}`;
  const admin = knexFactory({ client, connection: address });
  await admin.raw(`create database ${name}`);
  const url = new URL(address);
  url.pathname = `/${name}`;
  const knex = knexFactory({ client, connection: url.toString() });
  await knex.migrate.latest({ directory: migrations });
  return {
    knex,
    drop: async () => {
      await admin.raw(`drop database ${name} with (force)`);
      await admin.destroy();
    },
  };
}
