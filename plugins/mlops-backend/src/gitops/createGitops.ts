import type { LoggerService } from '@backstage/backend-plugin-api';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { simpleGit } from 'simple-git';
import { GitopsIndex } from './GitopsIndex';
import { GitRepository } from './GitRepository';
import { completeSettings, seedRepository } from './seedRepository';

/** Where the desired state is. */
export interface GitopsOptions {
  /** Address of another repository; default: the portal's own under its data. */
  url?: string;
  branch: string;
  /** Folder in the repository that holds `ml-projects`. */
  path: string;
  /** Checkout that the portal's own repository is first filled from; without one it begins empty. */
  seedFrom?: string;
  dataDirectory: string;
  logger: LoggerService;
}

/** The repository and what is read of it. */
export interface Gitops {
  index: GitopsIndex;
  repository: GitRepository;
  /** What a step's git artifact names. */
  url: string;
  /** Where people look at the files; absent when the repository is only on this machine. */
  webUrl?: string;
}

/** Makes the repository and its index. */
export async function createGitops(options: GitopsOptions): Promise<Gitops> {
  await mkdir(options.dataDirectory, { recursive: true });
  const { logger, branch } = options;
  const remote =
    options.url !== undefined &&
    /^(https?|ssh|git|file):\/\/|^[\w.-]+@[\w.-]+:/.test(options.url);
  const directory = remote
    ? path.join(options.dataDirectory, 'mirror.git')
    : options.url ?? path.join(options.dataDirectory, 'gitops.git');
  if (!options.url)
    await seedRepository({ from: options.seedFrom, to: directory, branch });
  if (!options.url && existsSync(directory)) await completeSettings(directory);
  const repository = new GitRepository(directory);
  const fetch = remote ? mirror(options.url!, directory) : undefined;
  const index = new GitopsIndex({
    repository,
    branch,
    path: options.path,
    logger,
    fetch,
    pollMs: remote ? 3000 : 1000,
  });
  return {
    index,
    repository,
    url: options.url ?? directory,
    webUrl: options.url && webAddress(options.url),
  };
}

/** The address a browser opens for an address that git clones; without credentials. */
export function webAddress(url: string): string | undefined {
  const scp = /^[\w.-]+@([\w.-]+):(.+?)(\.git)?\/?$/.exec(url);
  if (scp) return `https://${scp[1]}/${scp[2]}`;
  if (!/^(https?|ssh):\/\//.test(url)) return undefined;
  const { protocol, host, hostname, pathname } = new URL(url);
  const base =
    protocol === 'ssh:' ? `https://${hostname}` : `${protocol}//${host}`;
  return base + pathname.replace(/(\.git)?\/?$/, '');
}

function mirror(url: string, directory: string): () => Promise<void> {
  return async () => {
    if (!existsSync(directory))
      await simpleGit({ timeout: { block: 60_000 } }).mirror(url, directory);
    else
      await simpleGit(directory, { timeout: { block: 60_000 } }).fetch([
        '--prune',
        'origin',
        // Not all refs: those of the portal itself would go with the first look.
        '+refs/heads/*:refs/heads/*',
        '+refs/tags/*:refs/tags/*',
        '+refs/pull/*/head:refs/pull/*/head',
      ]);
  };
}
