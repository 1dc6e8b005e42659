import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  followLog,
  probeIsolation,
  readLog,
  readResult,
  readStep,
  startStep,
  stopStep,
  waitForEnd,
  type StepSpec,
} from './index';
import { killLeftovers } from './processes';

const executor = path.resolve(__dirname, '../bin/executor.cjs');
const isRoot = process.getuid?.() === 0;
let folder: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'executor-step-'));
  chmodSync(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function specOf(command: string[], more: Partial<StepSpec> = {}): StepSpec {
  const attemptId = `attempt-${process.pid}-${count++}`;
  return {
    attemptId,
    directory: path.join(folder, attemptId),
    command,
    env: { PATH: '/usr/bin:/bin' },
    mounts: [],
    writable: [],
    isolation: 'namespaces',
    ...more,
  };
}
const sh = (source: string) => ['sh', '-c', source];

async function run(command: string[], more: Partial<StepSpec> = {}) {
  const spec = specOf(command, more);
  await startStep(spec);
  await waitForEnd(spec.directory);
  const { directory } = spec;
  const log = (await readLog(directory)).bytes.toString();
  return { reason: undefined, ...(await readStep(directory)), log, directory };
}

async function until(
  isTrue: () => Promise<boolean> | boolean,
  what: string,
): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`not within 10 s: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}
const prints = (directory: string, text: string) =>
  until(
    async () => (await readLog(directory)).bytes.includes(text),
    `'${text}' in the log`,
  );

/** Numbers of living processes with exactly this command line. */
function living(commandLine: string): string[] {
  const wanted = `${commandLine.replaceAll(' ', '\0')}\0`;
  return readdirSync('/proc').filter(name => {
    try {
      return (
        /^\d+$/.test(name) &&
        readFileSync(`/proc/${name}/cmdline`, 'utf8') === wanted
      );
    } catch {
      return false;
    }
  });
}
// A sleep that no other test has, to find it among all processes.
const oddSleep = () => `sleep 9${process.pid}.${count++}`;

it('has isolation on the machine that runs the tests', async () => {
  expect(await probeIsolation()).toEqual({ available: true });
});

describe.each(['namespaces', 'none'] as const)(
  'with isolation %s',
  isolation => {
    it.each([
      ['exit 0', 0],
      ['exit 7', 7],
      ['kill -9 $$', 137],
      ['kill -SEGV $$', 139],
    ])('`%s` ends with %i', async (source, exitCode) => {
      expect(await run(sh(source), { isolation })).toMatchObject({
        state: 'exited',
        exitCode,
        reason: undefined,
      });
    });

    it("says in Argo's words why a command was never started", async () => {
      const missing = await run(['nothing-here'], { isolation });
      expect(missing).toMatchObject({
        exitCode: 64,
        message:
          'failed to find name in PATH: exec: "nothing-here": executable file not found in $PATH',
      });
      const absent = await run(['/usr/bin/nothing-here'], { isolation });
      expect(absent).toMatchObject({
        exitCode: 64,
        message:
          'failed to find name in PATH: exec: "/usr/bin/nothing-here": stat /usr/bin/nothing-here: no such file or directory',
      });
      const denied = await run(
        [isolation === 'none' ? '/etc/passwd' : '/etc/hosts'],
        { isolation },
      );
      expect(denied).toMatchObject({
        exitCode: 64,
        message: expect.stringMatching(
          /exec: "\/etc\/\w+": permission denied$/,
        ),
      });
      const none = await run([], { isolation });
      expect(none).toMatchObject({
        exitCode: 64,
        reason: 'start-failed',
        message: 'the step names no command',
      });
    });

    it('keeps the end of a long result and cuts one newline', async () => {
      const { directory } = await run(
        sh(
          'printf "first\\n"; head -c 262142 /dev/zero | tr "\\0" x; printf "\\n\\n"',
        ),
        { isolation },
      );
      const result = await readResult(directory);
      expect(result).toHaveLength(262_144);
      expect(result).toMatch(/^\nx+\n$/);
    });

    it('ends in time, with all that ignores TERM, left the session or forks on', async () => {
      const mark = oddSleep();
      const spec = specOf(
        sh(
          `trap "" TERM; setsid sh -c 'trap "" TERM; ${mark}' & (${mark} &) ; echo ready; while :; do ${mark} & wait $!; done`,
        ),
        { isolation },
      );
      await startStep(spec);
      await prints(spec.directory, 'ready');
      await until(() => living(mark).length >= 3, 'three sleeps');
      await stopStep(spec.directory, { graceSeconds: 0.3, reason: 'shutdown' });
      await waitForEnd(spec.directory);
      expect(living(mark)).toEqual([]);
      expect(await readStep(spec.directory)).toMatchObject({
        state: 'exited',
        reason: 'shutdown',
      });
    });

    it('lets a step that hears TERM end by itself', async () => {
      const spec = specOf(
        sh(
          'trap "echo saved; exit 3" TERM; echo ready; while :; do sleep 0.05; done',
        ),
        { isolation },
      );
      await startStep(spec);
      await prints(spec.directory, 'ready');
      await stopStep(spec.directory);
      await waitForEnd(spec.directory);
      expect(await readStep(spec.directory)).toMatchObject({
        exitCode: 3,
        reason: 'stopped',
      });
      expect((await readLog(spec.directory)).bytes.toString()).toContain(
        'saved',
      );
    });

    it('ends what the command left in the background', async () => {
      const mark = oddSleep();
      expect(
        await run(sh(`setsid ${mark} & ${mark} & exit 0`), { isolation }),
      ).toMatchObject({ exitCode: 0 });
      expect(living(mark)).toEqual([]);
    });

    it('ends at a deadline, at once when it has passed already, and not early when it is a month away', async () => {
      const late = await run(sh('sleep 60'), {
        isolation,
        activeDeadlineSeconds: 0.2,
        graceSeconds: 1,
      });
      expect(late).toMatchObject({ state: 'exited', reason: 'deadline' });
      expect(
        await run(sh('sleep 60'), { isolation, activeDeadlineSeconds: 0 }),
      ).toMatchObject({ reason: 'deadline' });
      expect(
        await run(sh('sleep 0.1'), {
          isolation,
          activeDeadlineSeconds: 2_592_000,
        }),
      ).toMatchObject({ exitCode: 0, reason: undefined });
    });

    it('is told as lost when the executor is killed, and nothing of it lives on', async () => {
      const mark = oddSleep();
      const spec = specOf(sh(`setsid ${mark} & echo ready; ${mark}`), {
        isolation,
      });
      await startStep(spec);
      await prints(spec.directory, 'ready');
      await until(() => living(mark).length === 2, 'two sleeps');
      const { pid } = JSON.parse(
        readFileSync(path.join(spec.directory, 'start.json'), 'utf8'),
      );
      process.kill(pid, 'SIGKILL');
      await waitForEnd(spec.directory);
      expect(await readStep(spec.directory)).toMatchObject({ state: 'lost' });
      if (isolation === 'none') await killLeftovers(spec.attemptId);
      await until(() => living(mark).length === 0, 'no sleep');
    });
  },
);

it('keeps the exact order of both streams when no result is asked for', async () => {
  const lines = Array.from(
    { length: 200 },
    (_, index) => `echo ${index}${index % 3 ? '' : ' >&2'}`,
  ).join('; ');
  const { log } = await run(sh(lines), { captureResult: false });
  expect(log).toBe(
    Array.from({ length: 200 }, (_, index) => `${index}\n`).join(''),
  );
});

it('hears a stop that comes before the executor is there, and never starts the command', async () => {
  const spec = specOf(sh('echo began'));
  await mkdir(spec.directory);
  await stopStep(spec.directory, { reason: 'stopped' });
  await startStep(spec);
  await waitForEnd(spec.directory);
  expect(await readStep(spec.directory)).toMatchObject({
    exitCode: 143,
    reason: 'stopped',
  });
  expect((await readLog(spec.directory)).sizeBytes).toBe(0);
});

it('lets a second stop shorten the grace time of the first', async () => {
  const spec = specOf(
    sh('trap "" TERM; echo ready; while :; do sleep 0.05; done'),
  );
  await startStep(spec);
  await prints(spec.directory, 'ready');
  const began = Date.now();
  await stopStep(spec.directory, { graceSeconds: 60 });
  await stopStep(spec.directory, { graceSeconds: 0.1, reason: 'shutdown' });
  await waitForEnd(spec.directory);
  expect(Date.now() - began).toBeLessThan(5000);
});

it('goes on when its caller is killed, and another caller reads it to the end', async () => {
  const spec = specOf(sh('echo one; sleep 0.7; echo two; exit 5'));
  await mkdir(spec.directory);
  writeFileSync(path.join(spec.directory, 'spec.json'), JSON.stringify(spec));
  const caller = spawn(process.execPath, [
    '-e',
    'require("node:child_process").spawn(process.execPath, process.argv.slice(1), { detached: true, stdio: "ignore" }); setInterval(() => {}, 1000)',
    executor,
    spec.directory,
  ]);
  await prints(spec.directory, 'one');
  caller.kill('SIGKILL');
  expect(await readStep(spec.directory)).toMatchObject({ state: 'running' });
  let followed = '';
  for await (const part of followLog(spec.directory)) followed += part;
  expect(followed).toBe('one\ntwo\n');
  expect(await readStep(spec.directory)).toMatchObject({
    state: 'exited',
    exitCode: 5,
  });
});

it('takes no other process for the executor, and never signals one', async () => {
  const stranger = spawn('sleep', ['30']);
  const { directory } = specOf([]);
  await mkdir(directory);
  writeFileSync(
    path.join(directory, 'start.json'),
    JSON.stringify({
      pid: stranger.pid,
      began: '1',
      startedAt: new Date().toISOString(),
    }),
  );
  expect(await readStep(directory)).toMatchObject({ state: 'lost' });
  await stopStep(directory, { graceSeconds: 0 });
  await new Promise(resolve => setTimeout(resolve, 100));
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  stranger.kill();
});

it('wakes within a few milliseconds of the end', async () => {
  const spec = specOf(sh('sleep 0.3'));
  await startStep(spec);
  await waitForEnd(spec.directory);
  const { finishedAt } = await readStep(spec.directory);
  expect(Date.now() - Date.parse(finishedAt!)).toBeLessThan(100);
});

it('sees nothing of the host but programs', async () => {
  process.env.PORTAL_SECRET = 'do-not-tell';
  const secret = path.join(folder, 'secret.txt');
  writeFileSync(secret, 'secret of the portal');
  const { log } = await run(
    sh(
      `env; ls -a / /home /root /srv /.mlops 2>&1; cat ${secret} /etc/shadow 2>&1; ls -d /proc/[0-9]* | wc -l; cat /proc/self/status; echo 1 > /proc/sys/kernel/panic; mount -t tmpfs none /srv; touch /usr/x; cat /proc/self/mountinfo`,
    ),
  );
  delete process.env.PORTAL_SECRET;
  expect(log).not.toContain('do-not-tell');
  expect(log).not.toContain('secret of the portal');
  expect(log).not.toMatch(/^root:[^:]*:\d{4}/m);
  expect(Number(/^(\d+)$/m.exec(log)![1])).toBeLessThan(8);
  expect(log).toMatch(/CapEff:\s+0+$/m);
  expect(log).toMatch(/CapBnd:\s+0+$/m);
  expect(log).toMatch(/NoNewPrivs:\s+1$/m);
  expect(log).toMatch(/panic: (Permission denied|Read-only file system)/i);
  expect(log).toMatch(/touch: .*Read-only file system/);
  expect(log).toMatch(/mount: .*(permission denied|must be superuser)/i);
});

it('mounts files and folders read-only, below folders it may write to', async () => {
  const source = path.join(folder, 'packages');
  await mkdir(path.join(source, 'a'), { recursive: true });
  writeFileSync(path.join(source, 'a', 'index.js'), 'export default 41;');
  const { log, exitCode } = await run(
    sh(
      'echo \'import a from "a"; console.log(a + 1)\' > src/x.mjs && node src/x.mjs; touch /srv/node_modules/x; echo end',
    ),
    {
      mounts: [{ source, target: '/srv/node_modules', readOnly: true }],
      writable: ['/srv/project/src'],
      workingDir: '/srv/project',
      env: { PATH: '/opt/node/bin:/usr/bin:/bin' },
    },
  );
  expect({ log, exitCode }).toEqual({
    log: expect.stringMatching(/^42\n.*Read-only file system\nend\n$/),
    exitCode: 0,
  });
  const absent = await run(sh('true'), {
    mounts: [{ source: '/nowhere', target: '/srv/x', readOnly: true }],
  });
  expect(absent).toMatchObject({
    exitCode: 64,
    reason: 'start-failed',
    message: "the mount source '/nowhere' does not exist",
  });
});

it('makes a missing working directory, as a container does', async () => {
  expect(await run(sh('pwd'), { workingDir: '/data/deep' })).toMatchObject({
    log: '/data/deep\n',
    exitCode: 0,
  });
});

it('never writes to the host through a link that was staged', async () => {
  const victim = path.join(folder, 'victim');
  await mkdir(victim);
  writeFileSync(path.join(victim, 'passwd'), 'of the host');
  const spec = specOf(sh('true'));
  await mkdir(path.join(spec.directory, 'fs'), { recursive: true });
  spawnSync('ln', ['-s', victim, path.join(spec.directory, 'fs', 'etc')]);
  await startStep(spec);
  await waitForEnd(spec.directory);
  expect(await readStep(spec.directory)).toMatchObject({
    exitCode: 64,
    reason: 'start-failed',
    message: expect.stringContaining('a file or a link is in the way'),
  });
  expect(readFileSync(path.join(victim, 'passwd'), 'utf8')).toBe('of the host');
});

// Run by a normal user, all tests above show it.
if (isRoot) {
  it('works for a normal user', async () => {
    const spec = specOf(
      sh(
        'id -u; echo mine > /srv/x; cat /srv/x; touch /usr/x; grep -E "CapEff|NoNewPrivs" /proc/self/status; ls -d /proc/[0-9]* | wc -l; setsid sleep 0.1 & exit 4',
      ),
    );
    await mkdir(spec.directory);
    writeFileSync(path.join(spec.directory, 'spec.json'), JSON.stringify(spec));
    for (const place of [
      spec.directory,
      path.join(spec.directory, 'spec.json'),
    ])
      chownSync(place, 65534, 65534);
    spawnSync('setpriv', [
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      process.execPath,
      executor,
      spec.directory,
    ]);
    const log = (await readLog(spec.directory)).bytes.toString();
    expect(await readStep(spec.directory)).toMatchObject({
      state: 'exited',
      exitCode: 4,
    });
    expect(log).toMatch(/^\d+\nmine\n/);
    expect(log).toMatch(/CapEff:\s+0+$/m);
    expect(log).toMatch(/NoNewPrivs:\s+1$/m);
    expect(log).toMatch(/Read-only file system/);
    expect(existsSync(path.join(spec.directory, 'fs/srv/x'))).toBe(true);
  });
}
