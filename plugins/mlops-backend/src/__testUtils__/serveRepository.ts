/* A repository with an address, as one on a host: git's plain HTTP, which is reading files. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** Serves a repository whose only commit has these files. */
export async function serveRepository(
  files: Record<string, string>,
): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-served-'));
  const work = path.join(folder, 'work');
  const bare = path.join(folder, 'repository.git');
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(work, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args],
      {
        cwd: work,
        stdio: 'pipe',
      },
    );
  git('init', '--quiet', '--initial-branch=main');
  git('add', '-A');
  git('commit', '--quiet', '-m', 'first');
  git('clone', '--quiet', '--bare', '.', bare);
  git('--git-dir', bare, 'update-server-info');
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://x');
    const file = path.join(folder, path.normalize(pathname));
    if (fs.statSync(file, { throwIfNoEntry: false })?.isFile())
      response.end(fs.readFileSync(file));
    else {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/repository.git`,
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
