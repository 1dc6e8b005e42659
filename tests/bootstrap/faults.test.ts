/*
 * What can be wrong with a machine: each gives one line that says what to do, exit code 1, and nothing stays behind.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { freePort } from '../support/portal.ts';
import {
  freshCopy,
  node,
  pathWith,
  processesThatName,
  root,
  runScript,
  start,
  temporaryFolder,
  type End,
} from './starter.ts';

const folders: string[] = [];
const folder = () => {
  const made = temporaryFolder();
  folders.push(made);
  return made;
};
after(() =>
  folders.forEach(made => fs.rmSync(made, { recursive: true, force: true })),
);

// A small disk needs a mount of its own; the native binding is offered on Linux alone.
const onLinux = { skip: process.platform !== 'linux' };

// The compiler of the portal's TypeScript refuses a machine whose root folder is nobody's, which it is where a user maps itself to root.
const asRoot = {
  skip: process.getuid?.() !== 0 && 'only root can mount a small disk for it',
};

/** Port 9 of this machine: nobody answers there. */
const noRegistry = 'http://127.0.0.1:9/';

function assertOneLine({ code, complaint, output }: End, words: RegExp): void {
  assert.equal(code, 1, `${output}\n${complaint}`);
  assert.match(complaint, words);
  assert.equal(complaint.split('\n').length, 1, complaint);
}

describe('a machine that lacks something', () => {
  it('git', async () => {
    for (const script of ['start.mjs', 'test.mjs'])
      assertOneLine(
        await runScript(script, {
          env: { PATH: pathWith(folder(), 'sh'), PORT: await portText() },
        }),
        /^git is missing\. Install it/,
      );
  });

  it('a compiler', onLinux, async () => {
    const end = await runScript('setup-tfjs-native.mjs', {
      env: { PATH: pathWith(folder(), 'sh'), CXX: undefined },
    });
    assertOneLine(end, /C\+\+ compiler is missing.*apt-get install g\+\+/);
  });

  it('the network, for the packages', async () => {
    const copy = freshCopy(folder());
    const end = await runScript('start.mjs', {
      from: copy,
      env: {
        npm_config_registry: noRegistry,
        // npm test hands its own registry down to what it starts.
        YARN_NPM_REGISTRY_SERVER: undefined,
        YARN_GLOBAL_FOLDER: path.join(copy, 'cache'),
        PORT: await portText(),
      },
    });
    assertOneLine(end, /registry cannot be reached\. Check the network/);
    assert.deepEqual(processesThatName(copy), []);
  });

  it('the network, for Node itself', async () => {
    const copy = freshCopy(folder());
    // As on a machine whose Node is too old.
    const file = path.join(copy, 'scripts/lib/node.mjs');
    const text = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, text.replace('process.versions.node', "'20.20.2'"));
    const end = await runScript('start.mjs', {
      from: copy,
      env: {
        npm_config_registry: noRegistry,
        npm_config_cache: path.join(copy, 'cache'),
        PORT: await portText(),
      },
    });
    assertOneLine(end, /registry cannot be reached\. Check the network/);
  });

  it('the right to write', async () => {
    const copy = freshCopy(folder());
    const isRoot = process.getuid!() === 0;
    if (isRoot) fs.chmodSync(copy, 0o755);
    else fs.chmodSync(copy, 0o555);
    const end = await runScript('start.mjs', {
      from: copy,
      env: { PORT: await portText(), HOME: '/nonexistent' },
      ...(isRoot && nobodyMayRun() ? { uid: 65534 } : {}),
    });
    fs.chmodSync(copy, 0o755);
    assertOneLine(end, /cannot be written\. Make the folder writable/);
  });

  it('room on the disk, while packages are installed', onLinux, async () => {
    const end = await onSmallDisk(6, place => {
      freshCopy(place);
      return [path.join(place, 'scripts/start.mjs'), place];
    });
    assertOneLine(end, /^The disk is full\. Free about 3 GB/);
  });

  it('room on the disk, while the portal starts', asRoot, async () => {
    const end = await onSmallDisk(5, () => [
      path.join(root, 'scripts/start.mjs'),
      root,
    ]);
    assertOneLine(end, /^The disk is full\. Free about 3 GB/);
  });
});

describe('a boot that fails', () => {
  it('tells the fault and leaves nothing', async () => {
    const data = folder();
    const end = await runScript('start.mjs', {
      env: {
        MLOPS_DATA_DIRECTORY: data,
        PORT: await portText(),
        APP_CONFIG_mlops_local_maxParallelSteps: '"many"',
      },
    });
    assertOneLine(
      end,
      /^The portal ended while it started\. It said: .*mlops\.local\.maxParallelSteps.* The whole log is in /,
    );
    assert.deepEqual(processesThatName(data), []);
  });
});

const portText = async () => String(await freePort());

// A Node below a folder that is closed to others cannot be started as another user.
const nobodyMayRun = () =>
  spawnSync(node, ['--version'], { uid: 65534, gid: 65534 }).status === 0;

/** Runs a script whose checkout or data lie on a disk of some MiB, mounted for this process alone. */
async function onSmallDisk(
  sizeMiB: number,
  prepare: (place: string) => [script: string, cwd: string],
): Promise<End> {
  const place = folder();
  const stage = folder();
  const [script, cwd] = prepare(stage);
  const inPlace = (file: string) => file.replace(stage, place);
  const user = process.getuid!() === 0 ? [] : ['--user', '--map-root-user'];
  const lines = [
    `mount -t tmpfs -o size=${sizeMiB}m none "$1"`,
    'cp -a "$2/." "$1"',
    'cd "$3"; exec "$4" "$5"',
  ];
  return start(
    'unshare',
    [
      ...[...user, '--mount', '--', 'sh', '-ec', lines.join('\n'), 'sh'],
      ...[place, stage, inPlace(cwd), node, inPlace(script)],
    ],
    {
      env: {
        MLOPS_DATA_DIRECTORY: path.join(place, 'data'),
        PORT: await portText(),
      },
    },
  ).end;
}
