/* Changes to the GitOps repository as a person makes them: with stock git, by clone, commit and push. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const identity = [
  '-c',
  'user.name=Dana',
  '-c',
  'user.email=dana@example.com',
  '-c',
  'commit.gpgsign=false',
];

/** A work tree of a person beside the portal's bare repository. */
export class Clone {
  readonly folder: string;

  constructor(data: string) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-clone-'));
    execFileSync(
      'git',
      ['clone', '--quiet', path.join(data, 'gitops.git'), this.folder],
      { stdio: 'pipe' },
    );
  }

  git(...args: string[]): string {
    return execFileSync('git', [...identity, ...args], {
      cwd: this.folder,
      encoding: 'utf8',
      stdio: 'pipe',
      maxBuffer: 64 << 20,
    }).trim();
  }

  path(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  read(file: string): string {
    return fs.readFileSync(this.path(file), 'utf8');
  }

  write(file: string, text: string | Uint8Array): void {
    fs.mkdirSync(path.dirname(this.path(file)), { recursive: true });
    fs.writeFileSync(this.path(file), text);
  }

  /** Commits everything and pushes; gives the commit. */
  push(message: string): string {
    this.git('add', '--all', '--force', '.');
    this.git('commit', '--quiet', '-m', message);
    this.git('push', '--quiet', 'origin', 'HEAD');
    return this.git('rev-parse', 'HEAD');
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
