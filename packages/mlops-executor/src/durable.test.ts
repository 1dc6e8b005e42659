import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  abandonStep,
  readLog,
  readStep,
  startStep,
  stopStep,
  waitForEnd,
  type StepSpec,
} from './index';

let folder: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'executor-durable-'));
  chmodSync(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function specOf(source: string, more: Partial<StepSpec> = {}): StepSpec {
  const attemptId = `durable-${process.pid}-${count++}`;
  return {
    attemptId,
    directory: path.join(folder, attemptId),
    command: ['sh', '-c', source],
    env: { PATH: '/usr/bin:/bin' },
    mounts: [],
    writable: [],
    isolation: 'namespaces',
    ...more,
  };
}

// Every process of a step carries its name, also one that left its session.
function isMarked(pid: string, attemptId: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(
      `MLOPS_ATTEMPT=${attemptId}\0`,
    );
  } catch {
    return false;
  }
}

it('runs an attempt once, however many callers start it', async () => {
  const witness = path.join(folder, 'witness');
  const spec = specOf(`echo ran >> ${witness}; echo ran; sleep 0.3`, {
    isolation: 'none',
  });
  await Promise.all(Array.from({ length: 5 }, () => startStep(spec)));
  await waitForEnd(spec.directory);
  expect((await readLog(spec.directory)).bytes.toString()).toBe('ran\n');
  expect(spawnSync('cat', [witness], { encoding: 'utf8' }).stdout).toBe(
    'ran\n',
  );
});

it('gives up an attempt that has not begun, and none that has', async () => {
  const never = specOf('echo ran');
  expect(await abandonStep(never.directory)).toBe(true);
  expect(await abandonStep(never.directory)).toBe(true);
  await startStep(never);
  await new Promise(resolve => setTimeout(resolve, 300));
  expect(existsSync(path.join(never.directory, 'log'))).toBe(false);
  expect(await readStep(never.directory)).toMatchObject({
    state: 'exited',
    reason: 'abandoned',
  });

  const begun = specOf('sleep 0.5; echo done');
  await startStep(begun);
  while ((await readStep(begun.directory)).state === 'starting')
    await new Promise(resolve => setTimeout(resolve, 5));
  expect(await abandonStep(begun.directory)).toBe(false);
  await waitForEnd(begun.directory);
  expect((await readStep(begun.directory)).exitCode).toBe(0);
});

it('ends a step that no portal looks after', async () => {
  const file = path.join(folder, 'portal.alive');
  writeFileSync(file, '');
  const spec = specOf('sleep 60', { orphan: { file, seconds: 1 } });
  await startStep(spec);
  for (let i = 0; i < 4; i++) {
    await new Promise(resolve => setTimeout(resolve, 400));
    utimesSync(file, new Date(), new Date());
  }
  expect((await readStep(spec.directory)).state).toBe('running');
  await waitForEnd(spec.directory);
  expect(await readStep(spec.directory)).toMatchObject({ reason: 'orphaned' });
}, 20_000);

it('ends a step whose folder is gone, since nobody could learn how it ended', async () => {
  const spec = specOf('echo began; sleep 300');
  await startStep(spec);
  const start = path.join(spec.directory, 'start.json');
  while ((await readLog(spec.directory)).bytes.length === 0)
    await new Promise(resolve => setTimeout(resolve, 5));
  const { pid } = JSON.parse(readFileSync(start, 'utf8'));
  await rm(spec.directory, { recursive: true, maxRetries: 50 });
  while (existsSync(`/proc/${pid}`))
    await new Promise(resolve => setTimeout(resolve, 100));
  expect(
    readdirSync('/proc').filter(name => isMarked(name, spec.attemptId)),
  ).toEqual([]);
}, 60_000);

it('measures what a step costs', async () => {
  const spec = specOf(
    // 40 MB held for a moment, 8 MB written, some work done.
    `node -e "const held = Buffer.alloc(40e6, 1); require('fs').writeFileSync('/tmp/f', Buffer.alloc(8e6, 1)); require('fs').fsyncSync(require('fs').openSync('/tmp/f')); while (process.cpuUsage().user < 400e3); process.exit(held[0] - 1)"`,
    { env: { PATH: `/opt/node/bin:/usr/bin:/bin` } },
  );
  await startStep(spec);
  await waitForEnd(spec.directory);
  const { usage, exitCode } = await readStep(spec.directory);
  expect(exitCode).toBe(0);
  expect(usage!.wallSeconds).toBeGreaterThan(0.3);
  expect(usage!.cpuSeconds).toBeGreaterThan(0.3);
  expect(usage!.cpuSeconds).toBeLessThan(10);
  expect(usage!.peakMemoryBytes).toBeGreaterThan(40e6);
  expect(usage!.peakMemoryBytes).toBeLessThan(1e9);
  expect(usage!.writtenBytes).toBeGreaterThanOrEqual(8e6);
  // A step stands behind all else that the machine does.
}, 60_000);

it('measures what a step cost until it was ended from outside', async () => {
  const spec = specOf(
    `node -e "require('fs').writeFileSync('/tmp/f', Buffer.alloc(8e6, 1)); require('fs').fsyncSync(require('fs').openSync('/tmp/f')); while (process.cpuUsage().user < 400e3); require('fs').writeFileSync('/tmp/ready', ''); for (;;);"`,
    { env: { PATH: `/opt/node/bin:/usr/bin:/bin` } },
  );
  await startStep(spec);
  for (const end = Date.now() + 50_000; Date.now() < end; ) {
    if (existsSync(path.join(spec.directory, 'fs/tmp/ready'))) break;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  await stopStep(spec.directory, { graceSeconds: 0 });
  await waitForEnd(spec.directory);
  const { usage, reason } = await readStep(spec.directory);
  expect(reason).toBe('stopped');
  expect(usage!.cpuSeconds).toBeGreaterThan(0.3);
  expect(usage!.writtenBytes).toBeGreaterThanOrEqual(8e6);
}, 60_000);
