/* `npm run dev`: pages with hot reload on port 3000, backend on 7007, both watching their sources. */
import { spawn } from 'node:child_process';
import { root, yarnRelease } from './lib/paths.mjs';
import { prepare } from './lib/prepare.mjs';
import { childEnvironment } from './lib/run.mjs';
import { endWith } from './lib/say.mjs';

async function main() {
  const node = await prepare({ app: false });
  const args = [
    yarnRelease,
    'backstage-cli',
    'repo',
    'start',
    '--config',
    'app-config.yaml',
    '--config',
    'app-config.dev.yaml',
  ];
  const child = spawn(node, args, {
    cwd: root,
    env: childEnvironment(node),
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => child.kill(signal));
  child.once('exit', code => process.exit(code ?? 1));
}

main().catch(endWith);
