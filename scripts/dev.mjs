/*
 * `npm run dev`: pages with hot reload on port 3000, backend on 7007, both watching their sources. Backstage's own processes for it do
 * not end each other, so they are one group, and this script ends the whole of it.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { dataFolder, root, yarnRelease } from './lib/paths.mjs';
import {
  checkDataIsFree,
  checkPortIsFree,
  localConfigs,
  portNumber,
  rememberUser,
  settings,
} from './lib/portal.mjs';
import { endOnSignals, prepare } from './lib/prepare.mjs';
import { childEnvironment } from './lib/run.mjs';
import { endWith, say } from './lib/say.mjs';

let developing;

async function main() {
  endOnSignals(async () => {
    await developing?.stop();
    say('Stopped.');
  });
  const port = portNumber('PORT', 7007);
  const pagesPort = portNumber('PAGES_PORT', 3000);
  await checkPortIsFree(port, 'PORT=7008 npm run dev');
  await checkPortIsFree(pagesPort, 'PAGES_PORT=3001 npm run dev');
  await checkDataIsFree();
  const node = await prepare({ app: false });
  developing = startDeveloping(node, port, `http://localhost:${pagesPort}`);
  const forget = rememberUser(dataFolder, { pid: process.pid, port });
  process.once('exit', forget);
  const code = await developing.ended;
  await developing.stop();
  process.exit(code ?? 1);
}

function startDeveloping(node, port, pages) {
  const configs = [path.join(root, 'app-config.yaml'), ...localConfigs()];
  const child = spawn(
    node,
    [
      yarnRelease,
      'backstage-cli',
      'repo',
      'start',
      ...configs.flatMap(file => ['--config', file]),
    ],
    {
      cwd: root,
      env: childEnvironment(node, {
        ...settings({ port, data: dataFolder, pages }),
        // Also when this script is killed: each of them looks whether it lives.
        NODE_OPTIONS: `--require ${JSON.stringify(
          path.join(root, 'scripts/lib/endWithParent.cjs'),
        )}`,
      }),
      detached: true,
      // A line on the terminal restarts the backend. A group of its own may not read there itself.
      stdio: ['pipe', 'inherit', 'inherit'],
    },
  );
  process.stdin.pipe(child.stdin).on('error', () => undefined);
  const ended = new Promise(resolve => child.once('exit', resolve));
  return { ended, stop: () => endGroup(child.pid) };
}

/** Asks all processes of a group to end, and ends those that do not. */
async function endGroup(group, graceMs = 25_000) {
  const deadline = Date.now() + graceMs;
  for (let name = 'SIGTERM'; signal(group, name); name = 0) {
    await new Promise(resolve => setTimeout(resolve, 100));
    if (Date.now() >= deadline) return signal(group, 'SIGKILL');
  }
  return undefined;
}

function signal(group, name) {
  try {
    return process.kill(-group, name);
  } catch {
    return false;
  }
}

main().catch(endWith);
