import { mockServices } from '@backstage/backend-test-utils';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createGitops, webAddress } from './createGitops';

it.each([
  ['https://host.example/org/repo.git', 'https://host.example/org/repo'],
  [
    'https://me:secret@host.example:8443/org/repo',
    'https://host.example:8443/org/repo',
  ],
  ['git@host.example:org/repo.git', 'https://host.example/org/repo'],
  ['ssh://git@host.example:22/org/repo.git', 'https://host.example/org/repo'],
  ['file:///srv/repo.git', undefined],
  ['/srv/repo.git', undefined],
])('shows %s at %s', (url, web) => expect(webAddress(url)).toBe(web));

it('sets in an older repository of its own what was not set then, and nothing that somebody set', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-gitops-'));
  const directory = path.join(folder, 'gitops.git');
  const git = (...args: string[]) =>
    execFileSync('git', ['--git-dir', directory, ...args], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
    }).trim();
  try {
    execFileSync('git', ['init', '-q', '--bare', '-b', 'main', directory]);
    git('config', 'receive.denyDeletes', 'false');
    const { index } = await createGitops({
      branch: 'main',
      path: '',
      dataDirectory: folder,
      logger: mockServices.logger.mock(),
    });
    index.stop();
    expect(git('config', 'receive.maxInputSize')).toBe('104857600');
    expect(git('config', 'receive.hideRefs')).toBe('refs/mlops');
    expect(git('config', 'receive.denyDeletes')).toBe('false');
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
