/* `npm run build`: everything that would be deployed: the pages and the backend bundle (`packages/backend/dist`). */
import { root, yarnRelease } from './lib/paths.mjs';
import { endOnSignals, prepare } from './lib/prepare.mjs';
import { childEnvironment, run } from './lib/run.mjs';
import { endWith, say, step } from './lib/say.mjs';

async function main() {
  endOnSignals();
  const node = await prepare();
  const env = childEnvironment(node);
  const cli = (...args) =>
    run(node, [yarnRelease, ...args], {
      cwd: root,
      env,
      otherwise: `'${args.join(
        ' ',
      )}' failed. Run again with MLOPS_VERBOSE=1 to see why.`,
    });
  await step('Checking types', () => cli('tsc'));
  await step('Building all packages', () =>
    cli('backstage-cli', 'repo', 'build', '--all'),
  );
  say('packages/backend/dist holds bundle.tar.gz and skeleton.tar.gz.');
}

main().catch(endWith);
