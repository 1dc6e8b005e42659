/*
 * The control group of one step, where the portal may make one: the kernel then holds memory, also such as no process has mapped,
 * processor time and the number of processes, where the looks of `limits.cjs` would be too late or see nothing. Version 2 of the
 * kernel's interface, or the older one with a folder for each controller.
 */
const fs = require('node:fs');
const path = require('node:path');
const { signalAll, startOf } = require('./processes.cjs');

const periodMicroseconds = 100_000;
const kinds = ['memory', 'cpu', 'pids'];
// What the room itself runs beside the step's own processes.
const roomProcesses = 8;
const named = /^mlops-(\d+)-(\d+)$/;
const size = bytes => `${Math.ceil(bytes / 1024 ** 2)} MiB`;

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Writes what this kernel knows; true when it took it. */
function set(folder, name, value) {
  try {
    fs.writeFileSync(path.join(folder, name), String(value));
    return true;
  } catch {
    return false;
  }
}

/** Takes away groups of executors that were killed. One that still has processes stays. */
function sweep(folder) {
  for (const name of fs.readdirSync(folder)) {
    const [, pid, began] = named.exec(name) ?? [];
    if (pid && startOf(Number(pid)) !== began) remove(path.join(folder, name));
  }
}

function remove(folder) {
  try {
    fs.rmdirSync(folder);
    return true;
  } catch (error) {
    return error.code === 'ENOENT';
  }
}

function limit(
  { version, memory, cpu, pids },
  { memoryBytes, cpus, processes },
) {
  if (pids && processes) set(pids, 'pids.max', processes + roomProcesses);
  const quota = Math.max(1000, Math.round(cpus * periodMicroseconds));
  if (version === 2) {
    if (memory && memoryBytes) {
      set(memory, 'memory.max', memoryBytes);
      set(memory, 'memory.swap.max', 0);
      set(memory, 'memory.oom.group', 1);
    }
    if (cpu && cpus) set(cpu, 'cpu.max', `${quota} ${periodMicroseconds}`);
    return;
  }
  if (memory && memoryBytes) {
    set(memory, 'memory.limit_in_bytes', memoryBytes);
    set(memory, 'memory.memsw.limit_in_bytes', memoryBytes);
  }
  if (cpu && cpus) {
    set(cpu, 'cpu.cfs_period_us', periodMicroseconds);
    set(cpu, 'cpu.cfs_quota_us', quota);
  }
}

/**
 * Makes the group of a step. Undefined when the machine gives none, or not now: the step then runs without.
 * @param {{ version: 1 | 2, memory?: string, cpu?: string, pids?: string } | undefined} places folders that groups are made in
 * @param {{ memoryBytes?: number, cpus?: number, processes?: number }} limits
 */
function makeGroup(places, limits = {}) {
  if (!places) return undefined;
  const name = `mlops-${process.pid}-${startOf(process.pid)}`;
  const own = { version: places.version };
  try {
    for (const kind of kinds) {
      if (!places[kind]) continue;
      const folder = path.join(places[kind], name);
      if (!fs.existsSync(folder)) {
        sweep(places[kind]);
        fs.mkdirSync(folder);
      }
      own[kind] = folder;
    }
    limit(own, limits);
  } catch {
    return undefined;
  }
  const folders = [...new Set(kinds.map(kind => own[kind]).filter(Boolean))];
  return {
    /** Brings processes in; those that they start later are in by themselves. @param {() => number[]} pids */
    hold(pids) {
      const seen = new Set();
      for (let round = 0; round < 20; round++) {
        const news = pids().filter(pid => !seen.has(pid));
        if (news.length === 0) return;
        for (const pid of news) {
          seen.add(pid);
          for (const folder of folders) set(folder, 'cgroup.procs', pid);
        }
      }
    },
    /** Kills what is in the group, also what left its session and its mark. */
    kill() {
      if (places.version === 2 && set(folders[0], 'cgroup.kill', 1)) return;
      for (let round = 0; round < 50; round++) {
        const pids = read(path.join(folders[0] ?? '', 'cgroup.procs'))
          .split('\n')
          .filter(Boolean)
          .map(Number);
        if (!signalAll(pids, 'SIGKILL')) return;
      }
    },
    /** The sentence for what the kernel refused; undefined when it refused nothing. */
    excess() {
      const forks = own.pids ? read(path.join(own.pids, 'pids.events')) : '';
      if (limits.processes && Number(/^max (\d+)$/m.exec(forks)?.[1]) > 0)
        return `ran ${limits.processes} processes and threads; its limit is ${limits.processes}`;
      const file =
        places.version === 2 ? 'memory.events' : 'memory.oom_control';
      const text = own.memory ? read(path.join(own.memory, file)) : '';
      const [, kills] = /^oom_kill (\d+)$/m.exec(text) ?? [];
      return Number(kills) > 0 && limits.memoryBytes
        ? `used ${size(limits.memoryBytes)} of memory; its limit is ${size(
            limits.memoryBytes,
          )}`
        : undefined;
    },
    /** Takes the group away; its last processes may need an instant to be gone. */
    remove() {
      const pause = new Int32Array(new SharedArrayBuffer(4));
      for (const folder of folders)
        for (let turn = 0; turn < 20 && !remove(folder); turn++)
          Atomics.wait(pause, 0, 0, 10);
    },
  };
}

module.exports = { makeGroup };
