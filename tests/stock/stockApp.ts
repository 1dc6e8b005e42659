/*
 * A fresh Backstage, as `@backstage/create-app` makes it, and what `docs/install.md` says to do with it. In place of the yarn.lock that create-app
 * would fetch, ours is the seed, with the resolutions that it was made with. The packages of a Backstage release belong together, so each
 * is taken as create-app names it, or as ours is, whatever came out since.
 */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '../../scripts/lib/run.mjs';
import { root } from '../../scripts/lib/paths.mjs';
import { blocksOf } from '../docs/blocks.ts';

const run = promisify(execFile);
const node = process.env.MLOPS_TEST_NODE ?? process.execPath;

/** The commands and the configuration that the documentation gives. */
export const instructions = {
  commands: blocksOf('install.md', 'sh stock').join('\n').trim().split('\n'),
  configuration: blocksOf('install.md', 'yaml stock').join('\n'),
};

/** Runs a command line in the app as a person would; a failure carries all that it said. */
export async function inApp(app: string, command: string): Promise<string> {
  const env = childEnvironment(node, {
    CI: 'true',
    GITHUB_TOKEN: 'none',
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
  });
  try {
    const { stdout } = await run('bash', ['-euc', command], {
      cwd: app,
      env,
      maxBuffer: 256 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as Record<string, string>;
    throw new Error(`'${command}' failed:\n${(stdout + stderr).slice(-6_000)}`);
  }
}

/** Makes the app, which takes our packages from the registry and all others from where this checkout takes them. */
export async function createStockApp(
  folder: string,
  registry: string,
): Promise<string> {
  const app = path.join(folder, 'app');
  await run(
    node,
    [
      path.join(
        root,
        'node_modules/@backstage/create-app/bin/backstage-create-app',
      ),
      '--skip-install',
      '--path',
      app,
    ],
    {
      cwd: folder,
      env: childEnvironment(node, { BACKSTAGE_APP_NAME: 'stock' }),
    },
  );
  fs.copyFileSync(path.join(root, 'yarn.lock'), path.join(app, 'yarn.lock'));
  const manifestFile = path.join(app, 'package.json');
  const manifest = readJson(manifestFile);
  const { resolutions } = readJson(path.join(root, 'package.json'));
  fs.writeFileSync(
    manifestFile,
    `${JSON.stringify(
      {
        ...manifest,
        resolutions: {
          ...lockedRelease(),
          ...namedRelease(app),
          ...resolutions,
          ...manifest.resolutions,
        },
      },
      null,
      2,
    )}\n`,
  );
  fs.appendFileSync(
    path.join(app, '.yarnrc.yml'),
    `enableScripts: false
enableTelemetry: false
npmScopes:
  backstage-mlops:
    npmRegistryServer: '${registry}'
unsafeHttpWhitelist: ['127.0.0.1']
`,
  );
  return app;
}

/** The packages of Backstage that the app asks for, with the oldest version that would do: the one of its release. */
function namedRelease(app: string): Record<string, string> {
  return Object.fromEntries(
    ['app', 'backend']
      .map(name => readJson(path.join(app, 'packages', name, 'package.json')))
      .flatMap(({ dependencies }) => Object.entries<string>(dependencies))
      .filter(([name, range]) => /^@backstage\/.*\^/.test(`${name}${range}`))
      .map(([name, range]) => [name, range.slice(1)]),
  );
}

/** The packages of Backstage that this checkout is locked to, with their versions. */
function lockedRelease(): Record<string, string> {
  const lock = fs.readFileSync(path.join(root, 'yarn.lock'), 'utf8');
  return Object.fromEntries(
    [
      ...lock.matchAll(
        /^ {2}resolution: "(@backstage\/[^@"]+)@npm:([^"]+)"$/gm,
      ),
    ].map(([, name, version]) => [name, version]),
  );
}

const readJson = (file: string) => JSON.parse(fs.readFileSync(file, 'utf8'));
