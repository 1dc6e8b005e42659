/* Trees that no clone would survive, made with git's plumbing: the index reads what it needs of them and nothing else. */
import { mockServices } from '@backstage/backend-test-utils';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { GitopsIndex } from './GitopsIndex';
import { GitRepository } from './GitRepository';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gitops-index-'));
const git = (args: string[], input?: string) =>
  execFileSync('git', ['--git-dir', folder, ...args], {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      GIT_AUTHOR_NAME: 't',
      GIT_AUTHOR_EMAIL: 't@t',
      GIT_COMMITTER_NAME: 't',
      GIT_COMMITTER_EMAIL: 't@t',
    },
  }).trim();
git(['init', '--quiet', '--bare', folder]);
const blob = (text: string) => git(['hash-object', '-w', '--stdin'], text);
const tree = (entries: [name: string, oid: string, kind?: 'tree'][]) =>
  git(
    ['mktree'],
    entries
      .map(([name, oid, kind]) =>
        kind ? `040000 tree ${oid}\t${name}` : `100644 blob ${oid}\t${name}`,
      )
      .join('\n'),
  );

const project = (name: string) =>
  blob(`apiVersion: backstage-mlops/v1alpha1
kind: MLProject
metadata: { name: ${name} }
spec:
  owner: group:default/team
  lifecycle: experimental
  problem: { decides: x, forWhom: x, whyMachineLearning: x, costOfWrongAnswer: x }
  baseline: { rule: x, metric: accuracy }
`);
const pipeline = blob(`apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: hello }
spec:
  entrypoint: main
  templates:
    - name: main
      container: { image: tools, command: [echo] }
`);

/** Ten folders in each of ten folders, ten levels deep: ten thousand million files in a few hundred bytes. */
function bomb(levels = 10): string {
  if (levels === 0) return tree([['x.yaml', pipeline]]);
  const next = bomb(levels - 1);
  return tree(
    Array.from({ length: 10 }, (_, i): [string, string, 'tree'] => [
      `d${i}`,
      next,
      'tree',
    ]),
  );
}

let index: GitopsIndex;
beforeAll(async () => {
  const wide = tree(
    Array.from({ length: 40_000 }, (_, i): [string, string] => [
      `${i}.yaml`,
      pipeline,
    ]),
  );
  const exploding = bomb();
  const hello = tree([['hello.yaml', pipeline]]);
  const projects = tree([
    [
      'bomb',
      tree([
        ['mlproject.yaml', project('bomb')],
        ['pipelines', hello, 'tree'],
        ['datasets', exploding, 'tree'],
        ['src', exploding, 'tree'],
      ]),
      'tree',
    ],
    [
      'good',
      tree([
        ['mlproject.yaml', project('good')],
        ['pipelines', hello, 'tree'],
      ]),
      'tree',
    ],
    [
      'large',
      tree([['mlproject.yaml', blob(`# ${'x'.repeat(10 << 20)}\n`)]]),
      'tree',
    ],
    [
      'wide',
      tree([
        ['mlproject.yaml', project('wide')],
        ['data', wide, 'tree'],
        ['pipelines', wide, 'tree'],
      ]),
      'tree',
    ],
  ]);
  const top = tree([
    ['argo', exploding, 'tree'],
    ['ml-projects', projects, 'tree'],
  ]);
  git([
    'update-ref',
    'refs/heads/main',
    git(['commit-tree', top, '-m', 'first']),
  ]);
  index = new GitopsIndex({
    repository: new GitRepository(folder),
    branch: 'main',
    path: '',
    logger: mockServices.logger.mock(),
    pollMs: 3_600_000,
  });
  await index.start();
}, 60_000);
afterAll(() => {
  index.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

const faults = (name: string) =>
  index
    .find(name)!
    .read.problems.filter(({ severity }) => severity === 'error')
    .map(({ file, code }) => `${file} ${code}`);

it('reads a project whose folders hold thousands of millions of files', () => {
  expect(faults('bomb')).toEqual([]);
  expect(index.find('bomb')!.read.pipelines.map(({ name }) => name)).toEqual([
    'hello',
  ]);
});

it('refuses a folder of projects files that is too wide, with its name; a wide folder of data is nobody’s business', () => {
  expect(faults('wide')).toEqual(['ml-projects/wide/pipelines too-many-files']);
});

it('tells the size of a file that it does not read', () => {
  expect(index.find('large')!.read.problems).toEqual([
    expect.objectContaining({
      code: 'too-large',
      message: 'The file has 10485763 bytes; at most 262144 are read.',
    }),
  ]);
});

it('harms no other project, and reads a file by its commit', async () => {
  expect(faults('good')).toEqual([]);
  const file = 'ml-projects/good/pipelines/hello.yaml';
  expect(await index.readText(file, index.commit!)).toContain('name: hello');
  await expect(
    index.readText('ml-projects/good/pipelines', index.commit!),
  ).rejects.toThrow(/no readable file/);
  await expect(index.readAt('nobody', index.commit!)).rejects.toThrow(
    /no project 'nobody'/,
  );
});

describe('the files of a commit for a step', () => {
  const repository = new GitRepository(folder);
  const target = path.join(folder, 'checkout');
  const commitOf = (root: string) =>
    git(['commit-tree', root, '-m', 'files for a step']);

  it('are written when they are within the limits', async () => {
    const commit = commitOf(
      tree([
        ['a.yaml', pipeline],
        ['b', tree([['c.yaml', pipeline]]), 'tree'],
      ]),
    );
    const written = `${target}-written`;
    await repository.checkout(commit, written, { bytes: 20_480, entries: 3 });
    expect(fs.readdirSync(path.join(written, 'b'))).toEqual(['c.yaml']);
    await expect(
      repository.checkout(commit, target, { bytes: 20_480, entries: 2 }),
    ).rejects.toThrow('the commit holds more than 2 files and folders');
    expect(fs.existsSync(target)).toBe(false);
  });

  it('are written as they were committed, whatever the commit says of them', async () => {
    const commit = commitOf(
      tree([
        [
          '.gitattributes',
          blob('b export-ignore\nexpanded export-subst\nlines text eol=crlf\n'),
        ],
        ['b', tree([['c.yaml', pipeline]]), 'tree'],
        ['expanded', blob('$Format:%H$\n')],
        ['lines', blob('one\ntwo\n')],
      ]),
    );
    const written = `${target}-attributes`;
    await repository.checkout(commit, written);
    const read = (file: string) =>
      fs.readFileSync(path.join(written, file), 'utf8');
    expect(read('b/c.yaml')).not.toBe('');
    expect(read('expanded')).toBe('$Format:%H$\n');
    expect(read('lines')).toBe('one\ntwo\n');
  });

  it('are refused when a small commit stands for more than a disk holds', async () => {
    await expect(
      repository.checkout(commitOf(bomb(10)), target),
    ).rejects.toThrow('the commit holds more than 100000 files and folders');
    const large = blob('x'.repeat(1 << 20));
    await expect(
      repository.checkout(commitOf(tree([['large', large]])), target, {
        bytes: (1 << 20) - 1,
        entries: 1,
      }),
    ).rejects.toThrow('the commit holds more than 1048575 bytes of files');
    expect(fs.existsSync(target)).toBe(false);
  }, 180_000);
});

it('says while the branch or the whole repository is away that projects are old, and reads on when it is back', async () => {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'gitops-away-'));
  const at = path.join(place, 'here.git');
  const away = path.join(place, 'away.git');
  const main = git(['rev-parse', 'refs/heads/main']);
  execFileSync('git', ['clone', '--quiet', '--bare', folder, at]);
  const repository = new GitRepository(at);
  const own = new GitopsIndex({
    repository,
    branch: 'main',
    path: '',
    logger: mockServices.logger.mock(),
    pollMs: 20,
  });
  const until = async (reason?: string) => {
    const deadline = Date.now() + 60_000;
    while (own.outdated?.reason !== reason && Date.now() < deadline)
      await new Promise(resolve => setTimeout(resolve, 20));
    expect(own.outdated?.reason).toBe(reason);
  };
  try {
    await own.start();
    expect(own.outdated).toBeUndefined();

    const ofClone = (...args: string[]) =>
      execFileSync('git', ['--git-dir', at, ...args]);
    ofClone('update-ref', '-d', 'refs/heads/main');
    await until('no-branch');
    expect(own.outdated).toEqual({
      branch: 'main',
      reason: 'no-branch',
      since: own.lookedAt,
    });
    await expect(repository.resolve('main')).rejects.toMatchObject({
      name: 'NotFoundError',
    });

    fs.renameSync(at, away);
    await until('unreadable');
    expect(own.find('good')!.commit).toBe(main);
    await expect(repository.resolve('main')).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
      message: 'The GitOps repository cannot be read now. Try again later.',
    });

    fs.renameSync(away, at);
    ofClone('update-ref', 'refs/heads/main', main);
    await until(undefined);
  } finally {
    own.stop();
    fs.rmSync(place, { recursive: true, force: true });
  }
}, 120_000);
