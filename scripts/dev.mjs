/* `npm run dev`: pages with hot reload on port 3000, backend on 7007, both watching their sources. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { root, yarnRelease } from './lib/paths.mjs';
import { prepare } from './lib/prepare.mjs';
import { childEnvironment } from './lib/run.mjs';
import { endWith } from './lib/say.mjs';

async function main() {
  const node = await prepare({ app: false });
  // Whole paths: the pages and the backend are started in folders of their own.
  const configs = ['app-config.yaml', 'app-config.dev.yaml'].flatMap(file => [
    '--config',
    path.join(root, file),
  ]);
  const args = [yarnRelease, 'backstage-cli', 'repo', 'start', ...configs];
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
