import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Commits files on the main branch of a repository, as a person with a clone does. */
export function pushFiles(
  repository: string,
  files: Record<string, string>,
): void {
  const clone = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-clone-'));
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...args],
      { cwd: clone, stdio: 'pipe' },
    );
  try {
    git('clone', '--quiet', repository, '.');
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(clone, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
    git('add', '-A');
    git('commit', '--quiet', '-m', 'A project');
    git('push', '--quiet', 'origin', 'HEAD:main');
  } finally {
    fs.rmSync(clone, { recursive: true, force: true });
  }
}
