/*
 * A step that tries to reach what is not its own: files of the portal and of another run, by every name they have; the portal's
 * environment and memory; another step that runs at the same time. All of them hold canaries that the probe looks for.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { portalProgram, probeProgram } from './probeStep.programs';
import { readLog, readStep, stopStep, waitForEnd } from './index';

const executor = path.resolve(__dirname, '../bin/executor.cjs');
const isRoot = process.getuid?.() === 0;
const normalUser = 54321;
const canary = () => `canary-${randomBytes(8).toString('hex')}`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'executor-probe-'));
  chmodSync(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Isolation = 'namespaces' | 'none';
interface World {
  directory: string;
  other: string;
  portal: ChildProcess;
}

/** Lays out a portal's folder, and starts a portal with another step and the probe. */
function startWorld(user: number, isolation: Isolation): World {
  const base = path.join(folder, `${isolation}-${user}`);
  const directory = path.join(base, 'runs/mine/probe');
  const other = path.join(base, 'runs/yours/other');
  const files = {
    database: path.join(base, 'db/mlops.sqlite'),
    configuration: path.join(base, 'app-config.yaml'),
    state: path.join(base, 'secrets.json'),
    'another run': path.join(other, 'fs/tmp/data'),
    'token of another run': path.join(other, 'spec.json'),
  };
  for (const file of Object.values(files)) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, canary());
  }
  mkdirSync(directory, { recursive: true });
  const attemptOf = (place: string, command: string[], env: object) =>
    writeFileSync(
      path.join(place, 'spec.json'),
      JSON.stringify({
        attemptId: place,
        directory: place,
        command,
        env: { PATH: '/opt/node/bin:/usr/bin:/bin:/usr/sbin', ...env },
        mounts: [],
        writable: [],
        isolation,
      }),
    );
  const node = isolation === 'none' ? process.execPath : 'node';
  attemptOf(other, ['sleep', '60'], { TOKEN: canary() });
  attemptOf(directory, [node, '-e', probeProgram], {
    FILES: JSON.stringify(files),
    ISOLATED: isolation === 'namespaces' ? 'yes' : 'no',
  });
  for (const place of readdirSync(base, { recursive: true }))
    chownSync(path.join(base, String(place)), user, user);
  const portal = spawn(
    process.execPath,
    ['-e', portalProgram, '--', executor, files.state, other, directory],
    { env: { SECRET: canary() }, uid: user, gid: user, stdio: 'inherit' },
  );
  return { directory, other, portal };
}

/** What the probe got hold of. */
async function probe(user: number, isolation: Isolation): Promise<string[]> {
  const { directory, other, portal } = startWorld(user, isolation);
  try {
    await waitForEnd(directory);
    const log = (await readLog(directory)).bytes.toString();
    expect(await readStep(directory)).toMatchObject({ exitCode: 0 });
    expect(await readStep(other)).toMatchObject({ state: 'running' });
    return JSON.parse(log);
  } finally {
    await stopStep(other, { graceSeconds: 0 });
    await waitForEnd(other);
    portal.kill();
  }
}

// Run by a normal user there is no other to try.
const users: [string, number][] = isRoot
  ? [
      ['root', 0],
      ['a normal user', normalUser],
    ]
  : [['a normal user', process.getuid!()]];

it.each(users)(
  'gives an isolated step nothing that is not its own, when the portal runs as %s',
  async (_name, user) => {
    expect(await probe(user, 'namespaces')).toEqual([]);
  },
  30_000,
);

// What a plain step can do is the reason to isolate it, and shows that the probe finds what is to be found.
it('keeps nothing of the portal from a step without isolation', async () => {
  const found = await probe(users.at(-1)![1], 'none');
  expect(found).toEqual(
    expect.arrayContaining([
      'another run read',
      'configuration opened for writing',
      'configuration read',
      'database listed',
      'database opened for writing',
      'database read',
      'environment of a process',
      'memory of a process',
      'signal to the portal',
      'state read',
      'token of another run read',
    ]),
  );
  // Not even such a step inherits what the portal's own parent had open.
  expect(found).not.toContain('inherited file');
}, 30_000);
