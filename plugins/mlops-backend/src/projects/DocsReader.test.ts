import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { GitRepository } from '../gitops/GitRepository';
import { DocsReader } from './DocsReader';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'docs-reader-'));
const git = (...args: string[]) =>
  execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' }).trim();
const repository = new GitRepository(path.join(folder, '.git'));

function commit(files: Record<string, string>, link?: string): string {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, 'ml-projects/p', name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  if (link)
    fs.symlinkSync('/etc/passwd', path.join(folder, 'ml-projects/p', link));
  git('add', '-A');
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'x');
  return git('rev-parse', 'HEAD');
}

beforeAll(() => {
  git('init', '-q');
});
afterAll(() => {
  repository.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

it('reads pages and pictures at the commit that is asked for, and says what it leaves out', async () => {
  const first = commit(
    {
      'README.md': 'readme',
      'mkdocs.yml': 'site_name: x',
      'secret.txt': 'not of the docs',
      'docs/index.md': 'first',
      'docs/deep/picture.png': 'bytes',
      'docs/drawing.svg': '<svg/>',
      'docs/large.md': 'x'.repeat(600 * 1024),
    },
    'docs/link.md',
  );
  const reader = new DocsReader(repository);
  const docs = await reader.read(first, 'ml-projects/p');
  expect(
    docs.files.map(({ path: name, base64 }) => [
      name,
      Buffer.from(base64, 'base64').toString(),
    ]),
  ).toEqual([
    ['docs/deep/picture.png', 'bytes'],
    ['docs/index.md', 'first'],
    ['mkdocs.yml', 'site_name: x'],
    ['README.md', 'readme'],
  ]);
  expect(docs.leftOut).toEqual([
    {
      path: 'docs/drawing.svg',
      reason: 'only Markdown and pictures are shown',
    },
    { path: 'docs/link.md', reason: 'it is a link' },
    { path: 'docs/large.md', reason: 'it has more than 524288 bytes' },
  ]);

  const second = commit({ 'secret.txt': 'changed' });
  expect((await reader.read(second, 'ml-projects/p')).version).toBe(
    docs.version,
  );
  const third = commit({ 'docs/index.md': 'second' });
  expect((await reader.read(third, 'ml-projects/p')).version).not.toBe(
    docs.version,
  );
  expect(await reader.read(first, 'ml-projects/p')).toEqual(docs);
  expect((await reader.read(first, 'ml-projects/none')).files).toEqual([]);
});
