/*
 * Where groups of steps are made, in folders that are laid out like the kernel's second interface. Whether a kernel then holds the
 * limits is tried by the hostile steps, on machines that let groups be made.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findIn, type GroupFiles } from './controlGroups';
import { programFile } from './programFile';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'groups-'));
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

/** A group as the kernel shows it. */
function group(name: string, controllers: string, passedOn = ''): string {
  const folder = path.join(root, name);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'cgroup.controllers'), `${controllers}\n`);
  fs.writeFileSync(
    path.join(folder, 'cgroup.subtree_control'),
    `${passedOn}\n`,
  );
  return folder;
}

/** As the kernel's folders: what is in a group goes with it; a group with processes of its own passes no controller on. */
const files = (busy: string[] = []): GroupFiles =>
  ({
    ...fs.promises,
    rmdir: (folder: string) => fs.promises.rm(folder, { recursive: true }),
    writeFile: async (file: string, text: string) => {
      if (busy.some(at => file === path.join(at, 'cgroup.subtree_control')))
        throw new Error(`EBUSY: resource busy or locked, write '${file}'`);
      // The kernel adds `+memory` to what it has.
      const had = file.endsWith('.subtree_control')
        ? await fs.promises.readFile(file, 'utf8')
        : '';
      const names = `${had.trim()} ${text}`.replace(/\+/g, '').trim();
      await fs.promises.writeFile(file, names);
    },
  } as unknown as GroupFiles);

const second = (mounted = '/') =>
  `30 23 0:27 ${mounted} ${root} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n`;
const passedOn = (folder: string) =>
  fs
    .readFileSync(path.join(folder, 'cgroup.subtree_control'), 'utf8')
    .split(' ')
    .sort();

it('are in the own group, which lets its groups have limits', async () => {
  const own = group('portal', 'cpuset cpu io memory pids', 'pids');
  expect(await findIn(second(), '0::/portal\n', files())).toEqual({
    groups: { version: 2, memory: own, cpu: own, pids: own },
  });
  expect(passedOn(own)).toEqual(['cpu', 'memory', 'pids']);
  expect(fs.readdirSync(own).sort()).toEqual([
    'cgroup.controllers',
    'cgroup.subtree_control',
  ]);
});

it('are in the group of the service, when the processes of the portal are in one below it', async () => {
  const service = group('system.slice/portal.service', 'cpu memory');
  const own = group('system.slice/portal.service/portal', 'cpu memory');
  expect(
    await findIn(
      second(),
      '0::/system.slice/portal.service/portal\n',
      files([own]),
    ),
  ).toEqual({ groups: { version: 2, memory: service, cpu: service } });
  expect(passedOn(service)).toEqual(['cpu', 'memory']);
});

it('are nowhere when the own group has processes and is no service’s, or a controller is missing', async () => {
  const own = group('user/shell', 'cpu memory');
  expect(
    (await findIn(second(), '0::/user/shell\n', files([own]))).reason,
  ).toContain('EBUSY');
  group('bare', 'cpu pids');
  expect(await findIn(second(), '0::/bare\n', files())).toEqual({
    reason: `${path.join(root, 'bare')} has no controller 'memory'`,
  });
});

it('are found through the mount of a container, and not outside of it', async () => {
  const own = group('portal', 'cpu memory', 'cpu memory');
  expect(
    await findIn(second('/pods/one'), '0::/pods/one/portal\n', files()),
  ).toEqual({ groups: { version: 2, memory: own, cpu: own } });
  expect(
    (await findIn(second('/pods/one'), '0::/pods/two\n', files())).groups,
  ).toBeUndefined();
});

it('are those of the older interface when the second one has no controller to give', async () => {
  group('.', 'hugetlb');
  const memory = path.join(root, 'older/memory');
  fs.mkdirSync(memory, { recursive: true });
  const mounts = `${second()}31 23 0:28 / ${memory} rw - cgroup cgroup rw,memory\n`;
  expect(
    await findIn(mounts, '4:memory:/\n1:cpu:/\n0::/\n', files()),
  ).toMatchObject({ groups: { version: 1, memory } });
});

describe('the group of a step in the second interface', () => {
  const { makeGroup } = require(programFile('group.cjs'));
  const made = () =>
    fs.readdirSync(root).filter(name => name.startsWith('mlops-'));
  const places = () => ({ version: 2, memory: root, cpu: root, pids: root });

  it('is told its limits, takes processes in, and tells what the kernel refused', () => {
    const step = makeGroup(places(), {
      memoryBytes: 64 * 1024 ** 2,
      cpus: 0.2,
      processes: 100,
    });
    const [name] = made();
    const file = (of: string) =>
      fs.readFileSync(path.join(root, name, of), 'utf8');
    expect(file('memory.max')).toBe(String(64 * 1024 ** 2));
    expect(file('memory.swap.max')).toBe('0');
    expect(file('memory.oom.group')).toBe('1');
    expect(file('cpu.max')).toBe('20000 100000');
    // Those of the room come on top.
    expect(file('pids.max')).toBe('108');
    step.hold(() => [4711]);
    expect(file('cgroup.procs')).toBe('4711');
    const events = path.join(root, name, 'memory.events');
    fs.writeFileSync(events, 'oom 1\noom_kill 0\noom_group_kill 1\n');
    expect(step.excess()).toBeUndefined();
    fs.writeFileSync(events, 'oom 1\noom_kill 2\noom_group_kill 1\n');
    expect(step.excess()).toBe('used 64 MiB of memory; its limit is 64 MiB');
    const forks = path.join(root, name, 'pids.events');
    fs.writeFileSync(forks, 'max 0\n');
    expect(step.excess()).toBe('used 64 MiB of memory; its limit is 64 MiB');
    fs.writeFileSync(forks, 'max 3\n');
    expect(step.excess()).toBe(
      'ran 100 processes and threads; its limit is 100',
    );
  });

  it('has no limit that was not asked for', () => {
    makeGroup(places(), {});
    expect(fs.readdirSync(path.join(root, made()[0]))).toEqual([]);
  });

  it('goes with the step, and so do those of executors that were killed', () => {
    fs.mkdirSync(path.join(root, 'mlops-999999999-1'));
    fs.mkdirSync(path.join(root, 'another'));
    const step = makeGroup(places(), {});
    expect(made()).toHaveLength(1);
    step.remove();
    expect(fs.readdirSync(root)).toEqual(['another']);
  });
});

// Of the kernel itself, where it is mounted and may be written: no limits, if the controllers belong to the older interface.
const [, mounted] =
  /^\S+ \S+ \S+ \/ (\S+) .* - cgroup2 /m.exec(
    fs.existsSync('/proc/self/mountinfo')
      ? fs.readFileSync('/proc/self/mountinfo', 'utf8')
      : '',
  ) ?? [];
const isWritable = () => {
  try {
    const trial = path.join(mounted!, `mlops-test-${process.pid}`);
    fs.mkdirSync(trial);
    fs.rmdirSync(trial);
    return true;
  } catch {
    return false;
  }
};
it('takes the processes of a step in and lets its group go when they are over, where a kernel gives one', async () => {
  if (!mounted || !isWritable()) return;
  const { makeGroup } = require(programFile('group.cjs'));
  const child = spawn('sleep', ['1000']);
  const step = makeGroup({ version: 2, memory: mounted, cpu: mounted }, {});
  try {
    step.hold(() => [child.pid]);
    expect(fs.readFileSync(`/proc/${child.pid}/cgroup`, 'utf8')).toMatch(
      new RegExp(`^0::/mlops-${process.pid}-`, 'm'),
    );
  } finally {
    const ended = new Promise(resolve => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    step.remove();
  }
  expect(
    fs
      .readdirSync(mounted!)
      .filter(name => name.startsWith(`mlops-${process.pid}-`)),
  ).toEqual([]);
});
