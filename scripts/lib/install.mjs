import fs from 'node:fs';
import path from 'node:path';
import { digestOf } from './digest.mjs';
import { portalFolder, root, yarnRelease } from './paths.mjs';
import { childEnvironment, run } from './run.mjs';
import { step } from './say.mjs';

const mark = path.join(portalFolder, 'installed');

/** Installs the packages of yarn.lock, unless that was done already for the same lock and manifests. */
export async function ensureInstalled(node) {
  const wanted = digestOf(manifests());
  const present =
    fs.existsSync(mark) &&
    fs.existsSync(path.join(root, 'node_modules/.yarn-state.yml'));
  if (present && fs.readFileSync(mark, 'utf8') === wanted) return;
  await step('Installing packages (about a minute)', () =>
    run(node, [yarnRelease, 'install', '--immutable'], {
      env: childEnvironment(node, { CI: 'true' }),
      otherwise:
        'The packages cannot be installed. Run again with MLOPS_VERBOSE=1 to see why.',
    }),
  );
  fs.mkdirSync(portalFolder, { recursive: true });
  fs.writeFileSync(mark, digestOf(manifests()));
}

function manifests() {
  const files = ['package.json', 'yarn.lock', '.yarnrc.yml'];
  for (const folder of ['packages', 'plugins', 'ml-projects'])
    for (const name of fs.readdirSync(path.join(root, folder)))
      files.push(path.join(folder, name, 'package.json'));
  files.push('tests/package.json');
  return files.filter(file => fs.existsSync(path.join(root, file)));
}
