/* 1,000 projects of five files each: read at a commit by the index, and listed by a real portal over HTTP. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startTestPortal, waitFor } from '../support/portal.ts';
import { goal, inTurns, median, tell, timeOf } from './measure.ts';
import { GitopsIndex, GitRepository } from './rooms.ts';

const count = 1_000;
const samples = path.resolve(import.meta.dirname, '../../ml-projects');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-bench-'));
const bare = path.join(folder, 'gitops.git');

/** The first sample's project file, one pipeline, one dataset, one model and its README, under many names. */
function makeRepository(): void {
  const sample = fs
    .readdirSync(samples)
    .find(name => fs.existsSync(path.join(samples, name, 'mlproject.yaml')))!;
  const first = (kind: string) =>
    `${kind}/${fs.readdirSync(path.join(samples, sample, kind))[0]}`;
  const files = [
    'mlproject.yaml',
    'README.md',
    first('pipelines'),
    first('datasets'),
    first('models'),
  ];
  const work = path.join(folder, 'work');
  for (let i = 0; i < count; i++)
    for (const file of files) {
      const text = fs.readFileSync(path.join(samples, sample, file), 'utf8');
      const target = path.join(work, `ml-projects/p${i}`, file);
      fs.mkdirSync(path.dirname(target), { recursive: true });
      // Every project has bytes of its own, as in life.
      fs.writeFileSync(
        target,
        `${
          file === 'mlproject.yaml'
            ? text.replace(`name: ${sample}\n`, `name: p${i}\n`)
            : text
        }\n# ${i}\n`,
      );
    }
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: work, stdio: 'ignore' });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git(
    ...['-c', 'user.name=b', '-c', 'user.email=b@localhost'],
    ...['-c', 'commit.gpgsign=false', 'commit', '--quiet', '-m', 'bench'],
  );
  git('clone', '--quiet', '--bare', work, bare);
}

async function read(): Promise<void> {
  const index = new GitopsIndex({
    repository: new GitRepository(bare),
    branch: 'main',
    path: '',
    logger: console,
    pollMs: 3_600_000,
  });
  await index.start();
  const all = index.list();
  index.stop();
  // A faulty project is looked for in older commits too, which is not what is measured.
  const good = all.filter(({ read: { problems } }) => problems.length === 0);
  if (good.length !== count)
    throw new Error(
      `${good.length} of ${all.length} projects are good: ${JSON.stringify(
        all[0]?.read.problems,
      )}`,
    );
}

makeRepository();
const list = execFileSync(
  'git',
  ['--git-dir', bare, 'ls-tree', '-r', '--format=%(objectname)', 'main'],
  { encoding: 'utf8' },
);
const cat = () =>
  execFileSync('git', ['--git-dir', bare, 'cat-file', '--batch'], {
    input: list,
    maxBuffer: 1 << 30,
  });
const ms = await inTurns(3, {
  git: () => timeOf(async () => cat()),
  index: () => timeOf(read),
});
tell(`git gives the bytes of ${count * 5} files`, `${ms.git.toFixed(0)} ms`);
tell(
  `the index reads ${count} projects at a commit`,
  `${ms.index.toFixed(0)} ms`,
  `${(ms.index / ms.git).toFixed(1)} x git alone; ${goal(
    ms.index,
    1000,
    'ms',
  )}`,
);

const portal = await startTestPortal({
  environment: { APP_CONFIG_mlops_gitops_url: JSON.stringify(bare) },
});
try {
  await waitFor('all projects', async () => {
    const { body } = await portal.call('GET', 'projects?limit=1');
    return body.items.length === 1;
  });
  const answer = async (route: string) => {
    const times: number[] = [];
    for (let i = 0; i < 20; i++)
      times.push(
        await timeOf(async () => (await portal.fetch(route)).arrayBuffer()),
      );
    return { middle: median(times), slowest: Math.max(...times) };
  };
  const health = await answer('health');
  tell('GET health', `${health.middle.toFixed(1)} ms`);
  for (const route of ['projects', 'projects?limit=200', 'projects?text=p99']) {
    const { middle, slowest } = await answer(route);
    tell(
      `GET ${route}`,
      `${middle.toFixed(1)} ms`,
      `${(middle / health.middle).toFixed(
        1,
      )} x health, slowest of 20 ${slowest.toFixed(0)} ms; ${goal(
        middle,
        200,
        'ms',
      )}`,
    );
  }
} finally {
  await portal.stop();
  fs.rmSync(folder, { recursive: true, force: true });
}
