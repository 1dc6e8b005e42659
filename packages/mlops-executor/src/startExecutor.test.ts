import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { readLog, readStep, startStep, waitForEnd } from './index';

const executor = path.resolve(__dirname, '../bin/executor.cjs');
let folder: string;
let count = 0;

beforeAll(async () => {
  process.env.STANDBY_SECRET = 'of the caller';
  folder = await mkdtemp(path.join(os.tmpdir(), 'executor-standby-'));
  chmodSync(folder, 0o755);
});
afterAll(async () => {
  delete process.env.STANDBY_SECRET;
  await rm(folder, { recursive: true, force: true });
});

async function start(source: string): Promise<string> {
  const attemptId = `standby-${process.pid}-${count++}`;
  const directory = path.join(folder, attemptId);
  await startStep({
    attemptId,
    directory,
    command: ['sh', '-c', source],
    env: { PATH: '/usr/bin:/bin' },
    mounts: [],
    writable: [],
    isolation: 'namespaces',
  });
  return directory;
}

async function endOf(directory: string) {
  await waitForEnd(directory);
  const log = (await readLog(directory)).bytes.toString();
  const { exitCode } = await readStep(directory);
  return { log, exitCode };
}

const executorOf = (directory: string): number =>
  JSON.parse(readFileSync(path.join(directory, 'start.json'), 'utf8')).pid;

/** Executors of a caller that have no attempt. */
function standingBy(caller = process.pid): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(name => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state, parent] = stat
          .slice(stat.lastIndexOf(')') + 2)
          .split(' ');
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        return (
          state !== 'Z' &&
          Number(parent) === caller &&
          words.endsWith(`${executor}\0`) &&
          readlinkSync(`/proc/${name}/cwd`) === '/'
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function until(isTrue: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 60_000;
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`not within a minute: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

/** Starts steps until somebody stands by, which nobody does for long. */
async function standby(): Promise<number> {
  for (;;) {
    await endOf(await start(':'));
    const [pid] = standingBy();
    if (pid) return pid;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It was let go meanwhile.
  }
}

it('runs a step in the process that stood by', async () => {
  for (;;) {
    const pid = await standby();
    const directory = await start('echo ran; pwd; exit 3');
    expect(await endOf(directory)).toEqual({ log: 'ran\n/\n', exitCode: 3 });
    // On a machine on its knees it may have been let go meanwhile.
    if (executorOf(directory) === pid) break;
  }
});

it('lets whoever stands by know nothing of its caller', async () => {
  let seen = '';
  while (!seen)
    try {
      seen = readFileSync(`/proc/${await standby()}/environ`, 'utf8');
    } catch {
      // It was let go meanwhile.
    }
  expect(seen).toBe(
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\0',
  );
});

it('starts another process when the one that stood by is gone', async () => {
  const pid = await standby();
  signal(pid, 'SIGKILL');
  const directory = await start('echo ran');
  expect(await endOf(directory)).toEqual({ log: 'ran\n', exitCode: 0 });
  expect(executorOf(directory)).not.toBe(pid);
});

it('runs a step once when the process that stood by does not answer in time', async () => {
  const pid = await standby();
  signal(pid, 'SIGSTOP');
  const directory = await start('echo ran');
  signal(pid, 'SIGCONT');
  expect(await endOf(directory)).toEqual({ log: 'ran\n', exitCode: 0 });
  await until(() => !existsSync(`/proc/${pid}/cwd`), 'the late one goes');
  expect(await endOf(directory)).toEqual({ log: 'ran\n', exitCode: 0 });
}, 70_000);

it('lets go of whoever stands by when no step comes', async () => {
  await standby();
  await until(() => standingBy().length === 0, 'nobody stands by');
  expect(await endOf(await start('echo ran'))).toMatchObject({ exitCode: 0 });
}, 70_000);

it('leaves nobody standing by when the caller is killed', async () => {
  const caller = spawn(
    process.execPath,
    [
      '-e',
      `require('node:child_process').spawn(process.execPath, [${JSON.stringify(
        executor,
      )}], { detached: true, stdio: ['pipe', 'pipe', 'ignore'], cwd: '/' });
       setInterval(() => {}, 1000);`,
    ],
    { stdio: 'ignore' },
  );
  await until(() => standingBy(caller.pid).length === 1, 'one stands by');
  const [pid] = standingBy(caller.pid);
  caller.kill('SIGKILL');
  await once(caller, 'exit');
  await until(() => !existsSync(`/proc/${pid}/cwd`), 'it goes by itself');
  expect(standingBy(caller.pid)).toEqual([]);
}, 70_000);
