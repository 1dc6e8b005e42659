import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gitEnvironment } from './GitRepository';

const run = promisify(execFile);
const folders = ['catalog', 'ml-projects', 'argo'];
const left = new Set([
  'node_modules',
  '.git',
  '.portal',
  '.data',
  '.tfjs-native',
  'dist',
  'coverage',
  '.mlops',
]);

/**
 * Makes the GitOps repository when there is none: a bare one whose first commit is `catalog/`, `ml-projects/` and `argo/` of a
 * checkout, or nothing without one. Made beside its place and moved, so that half a repository is never found.
 */
export async function seedRepository(options: {
  from?: string;
  to: string;
  branch: string;
}): Promise<void> {
  if (existsSync(options.to)) return;
  const part = await mkdtemp(`${options.to}.part-`);
  const { from = part } = options;
  const git = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const { stdout } = await run('git', args, {
      cwd: from,
      env: { ...gitEnvironment, ...identity, ...env },
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout.trim();
  };
  try {
    await git([
      'init',
      '--quiet',
      '--bare',
      `--initial-branch=${options.branch}`,
      part,
    ]);
    for (const [key, value] of settings)
      await git(['--git-dir', part, 'config', key, value]);
    const files = (
      await Promise.all(folders.map(folder => filesBelow(from, folder)))
    ).flat();
    const list = path.join(part, 'seed-files');
    await writeFile(list, files.map(file => `${file}\0`).join(''));
    const index = {
      GIT_INDEX_FILE: path.join(part, 'seed-index'),
      GIT_DIR: part,
      GIT_WORK_TREE: from,
    };
    if (files.length > 0)
      await git(
        [
          'add',
          '--force',
          `--pathspec-from-file=${list}`,
          '--pathspec-file-nul',
        ],
        { ...index, GIT_LITERAL_PATHSPECS: '1' },
      );
    const tree = await git(['write-tree'], index);
    const commit = await git([
      '--git-dir',
      part,
      'commit-tree',
      tree,
      '-m',
      'The first state of the portal',
    ]);
    await git([
      '--git-dir',
      part,
      'update-ref',
      `refs/heads/${options.branch}`,
      commit,
    ]);
    await rm(list);
    await rm(path.join(part, 'seed-index'), { force: true });
    await rename(part, options.to);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw error;
  }
}

const identity = {
  GIT_AUTHOR_NAME: 'MLOps portal',
  GIT_AUTHOR_EMAIL: 'portal@localhost',
  GIT_COMMITTER_NAME: 'MLOps portal',
  GIT_COMMITTER_EMAIL: 'portal@localhost',
};
const settings = [
  ['receive.denyNonFastForwards', 'true'],
  ['receive.denyDeletes', 'true'],
  ['receive.fsckObjects', 'true'],
  ['core.logAllRefUpdates', 'true'],
  // What the portal holds is its own: runs and requests keep their commits.
  ['receive.hideRefs', 'refs/mlops'],
  ['receive.maxInputSize', String(100 * 1024 * 1024)],
  ['receive.advertisePushOptions', 'false'],
  ['core.fsync', 'committed'],
];

/** Sets in a repository that was made by an older portal what was not set then; what somebody has set themselves stays. */
export async function completeSettings(directory: string): Promise<void> {
  const git = async (...args: string[]) => {
    const { stdout } = await run('git', ['--git-dir', directory, ...args], {
      env: gitEnvironment,
    });
    return stdout;
  };
  const present = new Set(
    (await git('config', '--local', '--list', '--name-only', '-z'))
      .split('\0')
      .map(name => name.toLowerCase()),
  );
  for (const [key, value] of settings)
    if (!present.has(key.toLowerCase())) await git('config', key, value);
}

async function filesBelow(from: string, place: string): Promise<string[]> {
  const full = path.join(from, place);
  if (!existsSync(full)) return [];
  const entries = await readdir(full, { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(entry => !left.has(entry.name))
      .map(entry =>
        entry.isDirectory()
          ? filesBelow(from, `${place}/${entry.name}`)
          : entry.isFile()
          ? [`${place}/${entry.name}`]
          : [],
      ),
  );
  return found.flat();
}
