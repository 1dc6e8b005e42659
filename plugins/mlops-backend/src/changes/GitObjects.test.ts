import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TreeEntry } from '../gitops/parseTree';
import { GitObjects } from './GitObjects';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-objects-test-'));
const git = (args: string[], input: Buffer | string = '') =>
  execFileSync('git', ['--git-dir', folder, ...args], { input })
    .toString()
    .trim();
git(['init', '-q', '--bare']);
const objects = new GitObjects(folder);
afterAll(() => {
  objects.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

it('writes folders as git itself does, whatever the order and the names', async () => {
  const [blob] = await objects.writeBlobs(['text\n']);
  const empty = await objects.writeTree([]);
  expect(empty).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904');
  const file = (name: string, mode = '100644'): TreeEntry => ({
    mode,
    oid: blob,
    name,
  });
  const inside = await objects.writeTree([file('deep.txt')]);
  const below = (name: string): TreeEntry => ({
    mode: '040000',
    oid: inside,
    name,
  });
  // A folder `a` stands behind `a.b` and before `a0`, as if it were `a/`; names are bytes, of which some are no UTF-8.
  const entries = [
    file('a0'),
    below('a'),
    file('a.b', '100755'),
    file('a-c', '120000'),
    below('z'),
    file(Buffer.from('é').toString('latin1')),
    file('\xff'),
    file('two words'),
    file('B'),
    { mode: '160000', oid: 'c'.repeat(40), name: 'module' },
  ];
  const lines = entries.map(({ mode, oid, name }) => {
    const type = { '040000': 'tree', '160000': 'commit' }[mode] ?? 'blob';
    return `${mode} ${type} ${oid}\t${name}\0`;
  });
  const tree = await objects.writeTree(entries);
  expect(tree).toBe(
    git(['mktree', '-z', '--missing'], Buffer.from(lines.join(''), 'latin1')),
  );
  const commit = await objects.writeCommit(
    `tree ${tree}\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n\nwords\n`,
  );
  git(['update-ref', 'refs/heads/main', commit]);
  expect(git(['fsck', '--strict', '--no-dangling'])).toBe('');
});
