/*
 * Steps that mean harm, as real processes: each ends in time, says why, and leaves nothing that runs. The limits are small, so
 * that the machine that runs the tests takes no harm.
 */
import fs, {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Artifact } from '@backstage-mlops/argo-engine';
import { findControlGroups } from './controlGroups';
import { programFile } from './programFile';
import {
  LocalStepRunner,
  probeControlGroups,
  readLog,
  waitForEnd,
  type ArtifactBytes,
  type LocalStepRunnerOptions,
} from './index';

const mebibyte = 1024 ** 2;
const promised = 12_000;
let folder: string;
let count = 0;
let stored: string[] = [];

const artifacts: ArtifactBytes = {
  async put(key, body) {
    for await (const _part of body);
    stored.push(key);
    return { digest: '', sizeBytes: 0 };
  },
  async get() {
    throw Object.assign(new Error('nothing'), { name: 'NotFoundError' });
  },
  async list() {
    return [];
  },
};

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'executor-hostile-'));
  chmodSync(folder, 0o755);
});
beforeEach(() => (stored = []));
afterAll(() => rm(folder, { recursive: true, force: true }));

type Isolation = 'namespaces' | 'none';
interface Hostile {
  isolation?: Isolation;
  limits?: LocalStepRunnerOptions['limits'];
  outputs?: Artifact[];
  resources?: { limits: Record<string, string> };
  command?: string[];
}

function runnerWith(limits?: LocalStepRunnerOptions['limits']) {
  return new LocalStepRunner({
    artifacts,
    fetchGit: async () => {},
    environments: [{ images: ['*'], mounts: [] }],
    limits,
  });
}

async function begin(source: string, hostile: Hostile = {}) {
  const { isolation = 'namespaces', limits, outputs, resources } = hostile;
  const id = `hostile-${process.pid}-${count++}`;
  const directory = path.join(folder, id);
  const template = {
    name: 't',
    script: {
      image: 'tools:1',
      command: hostile.command ?? ['sh'],
      source,
      resources,
    },
    outputs: { artifacts: outputs },
  };
  await runnerWith(limits).start({
    attemptId: id,
    directory,
    request: {
      nodeId: id,
      nodeName: id,
      podName: id,
      templateName: 't',
      template,
      captureResult: false,
    },
    env: {},
    isolation,
    artifactKeyPrefix: id,
  });
  return { id, directory };
}

async function run(source: string, hostile: Hostile = {}) {
  const began = Date.now();
  const { id, directory } = await begin(source, hostile);
  await waitForEnd(directory);
  const ms = Date.now() - began;
  const left = survivors(id, directory);
  const observation = await runnerWith(hostile.limits).observe(directory);
  return { observation, directory, ms, left };
}

/** Living processes that carry the attempt's mark or work in its folder; the executor, which goes last, does neither. */
function survivors(id: string, directory: string): string[] {
  return readdirSync('/proc').filter(name => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')) return false;
      return (
        readFileSync(`/proc/${name}/environ`, 'utf8').includes(
          `MLOPS_ATTEMPT=${id}\0`,
        ) || readlinkSync(`/proc/${name}/cwd`).startsWith(`${directory}/fs`)
      );
    } catch {
      return false;
    }
  });
}

async function logHas(directory: string, text: string): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await readLog(directory)).bytes.includes(text)) {
    if (Date.now() > end) throw new Error(`not within 10 s: '${text}'`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

const numbersOf = (message: string | undefined) =>
  [...String(message).matchAll(/\d+/g)].map(Number);

describe.each<Isolation>(['namespaces', 'none'])(
  'with isolation %s',
  isolation => {
    it('ends a step that ignores TERM and a child that left its session, in time after it was asked', async () => {
      const { id, directory } = await begin(
        'trap "" TERM; setsid sh -c \'trap "" TERM; while :; do sleep 0.1; done\' & echo ready; while :; do sleep 0.1; done',
        { isolation },
      );
      await logHas(directory, 'ready');
      expect(survivors(id, directory).length).toBeGreaterThan(1);
      const asked = Date.now();
      // Ten seconds is what a step gets that nobody says anything else of.
      const graceSeconds = isolation === 'none' ? 1 : undefined;
      await runnerWith().stop(directory, 'stopped', graceSeconds);
      await waitForEnd(directory);
      expect(Date.now() - asked).toBeLessThan(promised);
      expect(survivors(id, directory)).toEqual([]);
      expect(await runnerWith().observe(directory)).toMatchObject({
        phase: 'Failed',
        podMessage: 'the step was stopped',
      });
    }, 20_000);

    it('ends a step that forks without end, and says how many it ran', async () => {
      const { observation, ms, left } = await run(
        'storm() { while :; do setsid sh -c "sleep 30" & sleep 0.01; done; }; storm & storm & storm',
        { isolation, limits: { processes: 60 } },
      );
      expect(observation).toMatchObject({
        phase: 'Failed',
        podMessage: expect.stringMatching(
          /^ran \d+ processes and threads; its limit is 60$/,
        ),
      });
      expect(numbersOf(observation.podMessage)[0]).toBeLessThan(600);
      expect(ms).toBeLessThan(promised);
      expect(left).toEqual([]);
    }, 20_000);

    it('ends a step that takes all memory, and says how much it took', async () => {
      const { observation, ms, left } = await run(
        'const held = []; setInterval(() => held.push(Buffer.alloc(8e6, 1)), 20)',
        {
          isolation,
          command: ['node'],
          limits: { memoryBytes: 150 * mebibyte },
        },
      );
      expect(observation.podMessage).toMatch(
        /^used \d+ MiB of memory; its limit is 150 MiB$/,
      );
      const [used] = numbersOf(observation.podMessage);
      expect(used).toBeGreaterThanOrEqual(150);
      expect(used).toBeLessThan(600);
      expect(observation).toMatchObject({ phase: 'Failed', exitCode: 137 });
      expect(ms).toBeLessThan(promised);
      expect(left).toEqual([]);
    }, 20_000);

    it('ends a step that fills the disk, also by a file that has no name any more', async () => {
      const limits = { diskBytes: 20 * mebibyte };
      const fill = 'while :; do head -c 1000000 /dev/zero; sleep 0.02; done';
      const named = await run(`${fill} > $HOME/full`, { isolation, limits });
      const nameless = await run(
        `exec 5> $HOME/gone; rm $HOME/gone; ${fill} >&5`,
        { isolation, limits },
      );
      for (const { observation, ms, left } of [named, nameless]) {
        expect(observation.podMessage).toMatch(
          /^wrote \d+ MiB to its folder; its limit is 20 MiB$/,
        );
        expect(numbersOf(observation.podMessage)[0]).toBeGreaterThan(20);
        expect(observation.phase).toBe('Failed');
        expect(ms).toBeLessThan(promised);
        expect(left).toEqual([]);
      }
      expect(existsSync(path.join(named.directory, 'fs'))).toBe(false);
    }, 30_000);

    it('keeps 100 MB of print to the cap, marks it, and lets the step go on', async () => {
      const { observation, directory, ms } = await run(
        'head -c 100000000 /dev/zero | tr "\\0" x; echo printed > $HOME/after',
        { isolation, outputs: [{ name: 'after', path: '/tmp/after' }] },
      );
      expect(observation.phase).toBe('Succeeded');
      expect(stored).toHaveLength(1);
      expect(ms).toBeLessThan(promised);
      const cap = 16 * mebibyte;
      const mark = `\n[${
        100_000_000 - cap
      } more bytes were printed; the log keeps ${cap}]\n`;
      const file = path.join(directory, 'log');
      expect(statSync(file).size).toBe(cap + mark.length);
      expect(readFileSync(file).subarray(cap).toString()).toBe(mark);
    }, 30_000);
  },
);

it('lets the kernel hold a storm that grows faster than it is counted', async () => {
  const { directory } = await run('grep "^Max processes" /proc/self/limits', {
    limits: { processes: 50 },
  });
  const [, most] =
    /^Max processes +(\d+) +\1 /.exec(
      (await readLog(directory)).bytes.toString(),
    ) ?? [];
  // A room with a user namespace is counted for itself where the kernel does so, all others together.
  const together = 50 * (2 + os.availableParallelism());
  expect(process.getuid?.() === 0 ? [together] : [together, 50 + 64]).toContain(
    Number(most),
  );
});

it('leaves nothing of a storm that drops its environment and its session, whatever the moment of its end', async () => {
  const mark = `97${process.pid}`;
  const { observation } = await run(
    `storm() { while :; do env -i setsid sleep ${mark} & done; }; storm & storm & storm & storm`,
    { limits: { processes: 50 } },
  );
  const alive = readdirSync('/proc').filter(name => {
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      const state = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1];
      return line.includes(mark) && state[0] !== 'Z';
    } catch {
      return false;
    }
  });
  expect(alive).toEqual([]);
  expect(observation.podMessage).toMatch(/its limit is 50$/);
}, 20_000);

it.each<Isolation>(['namespaces', 'none'])(
  'stands behind the portal, for the processor and when memory is short, with isolation %s',
  async isolation => {
    const { directory } = await run(
      // A plain step is put back just after it began.
      'sleep 0.5; cut -d" " -f19 /proc/self/stat; cat /proc/self/oom_score_adj',
      { isolation },
    );
    const behind = Math.min(19, os.getPriority() + 10);
    expect((await readLog(directory)).bytes.toString()).toBe(
      `${behind}\n800\n`,
    );
  },
);

it('tells a step that filled the disk, whatever its own limit, and nobody else', () => {
  const { leftFull } = require(programFile('limits.cjs'));
  const place = path.join(folder, 'filled');
  mkdirSync(place);
  writeFileSync(path.join(place, 'large'), Buffer.alloc(40 * mebibyte, 1));
  const { bsize } = statfsSync(place);
  const disk = (leftBytes: number) =>
    jest.spyOn(fs, 'statfsSync').mockReturnValueOnce({
      bsize,
      blocks: (100 * 1024 * mebibyte) / bsize,
      bavail: leftBytes / bsize,
    } as any);
  disk(8 * mebibyte);
  expect(leftFull(place)).toMatch(
    /^wrote 4\d MiB to its folder; the disk has 8 MiB left$/,
  );
  disk(64 * mebibyte);
  expect(leftFull(place)).toBeUndefined();
  truncateSync(path.join(place, 'large'), mebibyte);
  disk(8 * mebibyte);
  expect(leftFull(place)).toBeUndefined();
  expect(leftFull(path.join(folder, 'never'))).toBeUndefined();
});

it('keeps what a step prints byte by byte, also when it is no text', async () => {
  const { observation, directory } = await run(
    'process.stdout.write(Buffer.from(Array.from({ length: 1024 }, (_, i) => i % 256)))',
    { command: ['node'] },
  );
  expect(observation.phase).toBe('Succeeded');
  expect((await readLog(directory)).bytes).toEqual(
    Buffer.from(Array.from({ length: 1024 }, (_, index) => index % 256)),
  );
});

it('heeds the limits of the template, and never gives more than the machine does', async () => {
  const eat =
    'const held = []; setInterval(() => held.push(Buffer.alloc(8e6, 1)), 20)';
  const eating = (limits: Record<string, string>, memoryBytes: number) =>
    run(eat, {
      command: ['node'],
      resources: { limits },
      limits: { memoryBytes },
    });
  const asked = await eating({ memory: '128Mi', cpu: '1' }, 400 * mebibyte);
  expect(asked.observation.podMessage).toMatch(/its limit is 128 MiB$/);
  const greedy = await eating({ memory: '64Gi' }, 160 * mebibyte);
  expect(greedy.observation.podMessage).toMatch(/its limit is 160 MiB$/);
  const disk = await run('head -c 9000000 /dev/zero > /tmp/x; sleep 20', {
    resources: { limits: { 'ephemeral-storage': '4Mi' } },
  });
  expect(disk.observation.podMessage).toBe(
    'wrote 9 MiB to its folder; its limit is 4 MiB',
  );
  const unread = await run('true', {
    resources: { limits: { memory: 'a lot' } },
  });
  expect(unread.observation.executorFault!.message).toBe(
    "resources.limits.memory is 'a lot', which is no quantity, as 512Mi is",
  );
}, 30_000);

it('counts memory that processes share once', async () => {
  const { observation } = await run(
    // 60 MB held by a process and seen by its three children: 240 MB if each page were counted for each of them.
    `perl -e 'my $held = "x" x 60e6; for (1..3) { fork or do { sleep 1; exit } } wait for 1..3'`,
    { limits: { memoryBytes: 150 * mebibyte } },
  );
  expect(observation).toMatchObject({ phase: 'Succeeded' });
}, 20_000);

describe('outputs', () => {
  const made: [string, string][] = [
    ['link-out', 'ln -s /etc/passwd $P'],
    ['link-up', 'mkdir $P; ln -s ../../../../../etc/passwd $P/x'],
    ['dangling', 'ln -s $P $P'],
    ['fifo', 'mkfifo $P'],
    ['device', 'ln -s /dev/zero $P'],
    [
      'socket',
      "mkdir $P; node -e \"require('net').createServer().listen(process.env.P + '/s', () => process.kill(process.pid, 9))\"",
    ],
    ['cycle', 'mkdir -p $P/a/b; ln -s .. $P/a/b/up'],
    ['ring', 'mkdir $P; ln -s two $P/one; ln -s one $P/two'],
    ['huge', 'truncate -s 1T $P'],
    [
      'deep',
      "node -e \"for (let i = 0; i < 3000; i++) { const n = i ? 'dd' : process.env.P; require('fs').mkdirSync(n); process.chdir(n); }\"",
    ],
  ];
  it.each(made)(
    'refuses the artifact %s with its name, and stores nothing of it',
    async (name, make) => {
      const at = `/tmp/out-${name}`;
      const { observation, directory, ms, left } = await run(
        `export P=${at}; ${make}; exit 0`,
        { outputs: [{ name, path: at }] },
      );
      expect(observation.phase).toBe('Error');
      expect(observation.executorFault!.message).toContain(
        `failed to save outputs: artifact ${name}: `,
      );
      expect(observation.executorFault!.message).not.toContain(folder);
      expect(stored).toEqual([]);
      expect(ms).toBeLessThan(promised);
      expect(left).toEqual([]);
      expect(existsSync(path.join(directory, 'fs'))).toBe(false);
    },
    20_000,
  );

  it('says how large an artifact may be', async () => {
    const { observation } = await run('head -c 5000 /dev/zero > /tmp/large', {
      outputs: [{ name: 'large', path: '/tmp/large' }],
      limits: { artifactBytes: 1000 },
    });
    expect(observation.executorFault!.message).toBe(
      'failed to save outputs: artifact large: it is larger than 1000 bytes',
    );
  });
});

it('ends a storm in the midst of it when it is asked to, and nothing of it is left', async () => {
  const { id, directory } = await begin(
    'storm() { while :; do setsid sh -c \'trap "" TERM; sleep 300\' & done; }; trap "" TERM; storm & storm & echo ready; wait',
    { limits: { processes: 1500 } },
  );
  await logHas(directory, 'ready');
  await runnerWith().stop(directory, 'stopped', 1);
  await waitForEnd(directory);
  expect(survivors(id, directory)).toEqual([]);
  expect(await runnerWith().observe(directory)).toMatchObject({
    phase: 'Failed',
    podMessage: 'the step was stopped',
  });
}, 120_000);

it('is held by the kernel where control groups may be made, and leaves no group behind', async () => {
  const { groups } = await findControlGroups();
  const { memory, cpu, reason } = await probeControlGroups();
  expect(reason === undefined).toBe(memory && cpu);
  const { directory } = await begin('sleep 60', {
    resources: { limits: { memory: '100Mi', cpu: '200m' } },
  });
  const start = path.join(directory, 'start.json');
  while (!existsSync(start)) await new Promise(next => setTimeout(next, 20));
  const { pid, began } = JSON.parse(readFileSync(start, 'utf8'));
  const fileOf = (kind: 'memory' | 'cpu' | 'pids', name: string) =>
    path.join(groups?.[kind] ?? '/none', `mlops-${pid}-${began}`, name);
  const limits = [
    memory && [
      fileOf(
        'memory',
        groups!.version === 2 ? 'memory.max' : 'memory.limit_in_bytes',
      ),
      String(100 * mebibyte),
    ],
    cpu && [
      fileOf('cpu', groups!.version === 2 ? 'cpu.max' : 'cpu.cfs_quota_us'),
      groups!.version === 2 ? '20000 100000' : '20000',
    ],
    groups?.pids && [fileOf('pids', 'pids.max'), String(2048 + 8)],
  ].filter(item => Array.isArray(item));
  for (const [file, value] of limits) {
    const members = path.join(path.dirname(file), 'cgroup.procs');
    while (!existsSync(members) || !readFileSync(members, 'utf8'))
      await new Promise(next => setTimeout(next, 20));
    expect(readFileSync(file, 'utf8').trim()).toBe(value);
  }
  await runnerWith().stop(directory, 'stopped', 1);
  await waitForEnd(directory);
  expect(limits.filter(([file]) => existsSync(path.dirname(file)))).toEqual([]);
}, 60_000);
