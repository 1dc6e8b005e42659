import fs from 'node:fs';
import path from 'node:path';
import { digestOf } from './digest.mjs';
import { portalFolder, root, yarnRelease } from './paths.mjs';
import { childEnvironment, run } from './run.mjs';
import { step } from './say.mjs';

const mark = path.join(portalFolder, 'app-built');
const sources = [
  'yarn.lock',
  'app-config.yaml',
  'packages/app',
  'packages/mlops-core',
  'packages/argo-engine',
  'plugins/mlops',
];

/** Builds the pages, unless that was done already for the same sources. */
export async function ensureAppBuilt(node) {
  const wanted = digestOf(sources);
  const index = path.join(root, 'packages/app/dist/index.html');
  if (
    fs.existsSync(index) &&
    fs.existsSync(mark) &&
    fs.readFileSync(mark, 'utf8') === wanted
  )
    return;
  await step('Building the pages', () =>
    run(node, [yarnRelease, 'backstage-cli', 'package', 'build'], {
      cwd: path.join(root, 'packages/app'),
      env: childEnvironment(node),
      otherwise:
        'The pages cannot be built. Run again with MLOPS_VERBOSE=1 to see why.',
    }),
  );
  fs.writeFileSync(mark, wanted);
}
