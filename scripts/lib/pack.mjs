/*
 * Packs every package that is published. It works on a copy of the sources beside linked dependencies, since packing rewrites manifests for a
 * while: what is stopped in the middle must leave the checkout as it was.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { portalFolder, root, yarnRelease } from './paths.mjs';
import { childEnvironment, run } from './run.mjs';

const scope = '@backstage-mlops';
const workspaceFolders = ['packages', 'plugins'];

/** Builds and packs; gives name, version, folder and tarball of each package, by name. */
export async function packAll(node, into) {
  const tree = path.join(portalFolder, `pack-${process.pid}`);
  try {
    copySources(tree);
    linkDependencies(tree);
    const cli = cliOf(node, tree);
    await cli('Types cannot be written', tree, 'tsc', '-p', 'tsconfig.json');
    await cli('A build failed', tree, 'backstage-cli', 'repo', 'build');
    for (const { folder } of publishedPackages(tree))
      forgetTree(path.join(folder, 'dist'), path.relative(root, tree));
    fs.rmSync(into, { recursive: true, force: true });
    fs.mkdirSync(into, { recursive: true });
    const packed = publishedPackages(tree);
    await twoAtATime(packed, ({ name, folder, file }) =>
      cli(
        `${name} cannot be packed`,
        folder,
        'pack',
        '-o',
        path.join(into, file),
      ),
    );
    return packed.map(({ name, version, place, file }) => ({
      name,
      version,
      place,
      file: path.join(into, file),
    }));
  } finally {
    fs.rmSync(tree, { recursive: true, force: true });
  }
}

/** Packages that are published, with their place in the checkout. */
export function publishedPackages(tree = root) {
  return workspaceFolders
    .flatMap(parent =>
      fs.readdirSync(path.join(tree, parent)).map(name => `${parent}/${name}`),
    )
    .filter(place => fs.existsSync(path.join(tree, place, 'package.json')))
    .map(place => ({ place, manifest: readManifest(tree, place) }))
    .filter(({ manifest }) => !manifest.private)
    .map(({ place, manifest: { name, version } }) => ({
      name,
      version,
      place,
      folder: path.join(tree, place),
      file: `${name.replace('@', '').replace('/', '-')}-${version}.tgz`,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const readManifest = (tree, place) =>
  JSON.parse(fs.readFileSync(path.join(tree, place, 'package.json'), 'utf8'));

function cliOf(node, tree) {
  const env = childEnvironment(node, { CI: 'true' });
  return (fault, cwd, ...args) => {
    // Yarn runs the tools of the root in the root alone.
    const program =
      args[0] === 'pack'
        ? [yarnRelease, ...args]
        : [path.join(tree, 'node_modules/.bin', args[0]), ...args.slice(1)];
    return run(node, program, {
      cwd,
      env,
      otherwise: `${fault}. Run again with MLOPS_VERBOSE=1 to see why.`,
    });
  };
}

function copySources(tree) {
  const listed = execFileSync(
    'git',
    [
      'ls-files',
      '-z',
      '-co',
      '--exclude-standard',
      '--',
      'package.json',
      'yarn.lock',
      '.yarnrc.yml',
      '.yarn',
      'backstage.json',
      ...workspaceFolders,
      'ml-projects/*/package.json',
      'tests/package.json',
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  for (const file of listed.split('\0')) {
    const from = path.join(root, file);
    // What was deleted but not yet committed is still listed.
    if (file === '' || !fs.existsSync(from)) continue;
    fs.mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
    fs.copyFileSync(from, path.join(tree, file));
  }
  fs.copyFileSync(
    path.join(root, '.yarn/install-state.gz'),
    path.join(tree, '.yarn/install-state.gz'),
  );
  fs.writeFileSync(
    path.join(tree, 'tsconfig.json'),
    JSON.stringify(declarations),
  );
}

// Types are checked by `npm run check`; here they are only written down.
const declarations = {
  extends: '@backstage/cli/config/tsconfig.json',
  include: workspaceFolders.flatMap(name => [
    `${name}/*/src`,
    `${name}/*/config.d.ts`,
  ]),
  exclude: [
    'node_modules',
    '**/*.test.ts',
    '**/*.test.tsx',
    '**/__testUtils__',
    'packages/app',
    'packages/backend',
  ],
  compilerOptions: {
    outDir: 'dist-types',
    rootDir: '.',
    jsx: 'react-jsx',
    noCheck: true,
    incremental: false,
  },
};

// Our own packages are those of the copy; all others those of the checkout.
function linkDependencies(tree) {
  const link = (folder, name) =>
    fs.symlinkSync(
      path.join(root, folder, name),
      path.join(tree, folder, name),
    );
  fs.mkdirSync(path.join(tree, 'node_modules', scope), { recursive: true });
  for (const name of fs.readdirSync(path.join(root, 'node_modules')))
    if (name !== scope) link('node_modules', name);
  for (const { name, place } of [...publishedPackages(tree)])
    fs.symlinkSync(
      path.join(tree, place),
      path.join(tree, 'node_modules', name),
    );
  for (const { place } of publishedPackages(tree)) {
    const own = path.join(place, 'node_modules');
    if (!fs.existsSync(path.join(root, own))) continue;
    fs.mkdirSync(path.join(tree, own));
    for (const name of fs.readdirSync(path.join(root, own))) link(own, name);
  }
}

/**
 * A module outside of `src` is placed by its path below what all modules share. With linked dependencies that is the checkout, so the place
 * names this copy; what is published names nothing of the machine that built it.
 */
export function forgetTree(dist, place) {
  const misplaced = path.join(dist, place);
  if (!fs.existsSync(misplaced)) return;
  fs.cpSync(misplaced, dist, { recursive: true });
  fs.rmSync(path.join(dist, place.split(path.sep)[0]), { recursive: true });
  const name = `./${place.split(path.sep).join('/')}/`;
  for (const entry of fs.readdirSync(dist, { recursive: true })) {
    const file = path.join(dist, entry);
    if (!/\.js$/.test(entry) || !fs.statSync(file).isFile()) continue;
    const text = fs.readFileSync(file, 'utf8');
    if (text.includes(name))
      fs.writeFileSync(file, text.split(name).join('./'));
  }
}

async function twoAtATime(items, work) {
  const waiting = [...items];
  const take = async () => {
    for (let item = waiting.shift(); item; item = waiting.shift())
      await work(item);
  };
  await Promise.all([take(), take()]);
}
