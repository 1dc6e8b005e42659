/* A GitOps repository that pods of a cluster could clone: a bare one, served by git's own daemon. */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { keep } from '../../scripts/lib/keeper.mjs';
import { freePort, waitFor } from '../support/portal.ts';
import { writeSeed } from '../support/smallProject.ts';

export interface ServedRepository {
  /** The bare repository. */
  folder: string;
  url: string;
  commit: string;
  /** Commits files and pushes them; `null` takes one away. Gives the commit. */
  push(files: Record<string, string | null>): string;
  stop(): void;
}

/** Makes the repository with the small project and more files of it. The host is this machine as pods reach it. */
export async function serveRepository(
  files: Record<string, string>,
  host = '127.0.0.1',
): Promise<ServedRepository> {
  const base = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-served-'));
  const bare = path.join(base, 'gitops.git');
  const work = path.join(base, 'work');
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args],
      { cwd: fs.existsSync(work) ? work : base, encoding: 'utf8' },
    ).trim();
  git('init', '--quiet', '--bare', '--initial-branch=main', bare);
  git('init', '--quiet', '--initial-branch=main', work);
  const push = (more: Record<string, string | null>) => {
    const written = Object.entries(more).filter(
      (entry): entry is [string, string] => entry[1] !== null,
    );
    if (written.length > 0 || !fs.existsSync(path.join(work, 'ml-projects')))
      writeSeed(work, Object.fromEntries(written));
    for (const [name, text] of Object.entries(more))
      if (text === null) fs.rmSync(path.join(work, 'ml-projects/small', name));
    git('add', '-A');
    git('commit', '--quiet', '-m', 'change');
    git('push', '--quiet', bare, 'main');
    return git('rev-parse', 'HEAD');
  };
  const commit = push(files);
  const port = await freePort();
  const daemon = spawn(
    'git',
    [
      'daemon',
      '--reuseaddr',
      '--export-all',
      ...(host === '127.0.0.1' ? ['--listen=127.0.0.1'] : []),
      `--port=${port}`,
      `--base-path=${base}`,
      base,
    ],
    { stdio: 'ignore', detached: true },
  );
  const release = keep({ pid: -daemon.pid! });
  const url = `git://${host}:${port}/gitops.git`;
  await waitFor(
    'the git daemon',
    async () => git('ls-remote', url).length > 0,
    10_000,
  );
  return {
    folder: bare,
    url,
    commit,
    push,
    stop() {
      process.kill(-daemon.pid!, 'SIGTERM');
      release();
      fs.rmSync(base, { recursive: true, force: true });
    },
  };
}
