/*
 * `npm run mlops -- lint ml-projects`: the command of packages/mlops-cli from a checkout, with the right Node and packages.
 */
import path from 'node:path';
import { root } from './lib/paths.mjs';
import { prepare } from './lib/prepare.mjs';
import { childEnvironment, run } from './lib/run.mjs';
import { endWith } from './lib/say.mjs';

async function main() {
  const node = await prepare({ app: false });
  const { code } = await run(
    node,
    [
      '--no-warnings',
      path.join(root, 'packages/mlops-cli/bin/mlops.cjs'),
      ...process.argv.slice(2),
    ],
    {
      env: childEnvironment(node),
      cwd: process.env.INIT_CWD ?? process.cwd(),
      show: true,
    },
  );
  process.exit(code);
}

main().catch(endWith);
