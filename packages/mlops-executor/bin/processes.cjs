#!/usr/bin/env node
/*
 * Which processes belong to an attempt, and how to end them. As a program, `processes.cjs <attempt id>` ends what is left of an
 * attempt whose executor is gone.
 */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');

/** The variable that every process of an attempt inherits. */
const mark = 'MLOPS_ATTEMPT';

/**
 * When a process began, in words that differ for each owner of a process number: clock ticks since boot on Linux (field 22 of
 * /proc/<pid>/stat), the date elsewhere. Undefined when there is no such process.
 */
function startOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    if (fs.existsSync('/proc/self/stat')) return undefined;
    return (
      spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
        encoding: 'utf8',
      }).stdout?.trim() || undefined
    );
  }
}

/** Living children of a process, of all its threads. */
function childrenOf(pid) {
  try {
    return fs
      .readdirSync(`/proc/${pid}/task`)
      .flatMap(task =>
        fs
          .readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
          .split(' '),
      )
      .filter(text => /^\d+$/.test(text))
      .map(Number);
  } catch {
    return [];
  }
}

/** Living descendants of a process, however deep a step nested them; a storm of them is counted no further than asked. */
function descendantsOf(pid, most = Infinity) {
  const found = childrenOf(pid);
  for (let at = 0; at < found.length && found.length < most; at++)
    for (const child of childrenOf(found[at])) found.push(child);
  return found;
}

/** Processes that carry the attempt's mark, wherever they moved; empty where there is no /proc. */
function markedProcesses(attemptId) {
  const wanted = Buffer.from(`\0${mark}=${attemptId}\0`);
  const found = [];
  for (const name of fs.existsSync('/proc/self/environ')
    ? fs.readdirSync('/proc')
    : []) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      if (
        Buffer.concat([
          Buffer.from('\0'),
          fs.readFileSync(`/proc/${name}/environ`),
        ]).includes(wanted)
      )
        found.push(Number(name));
    } catch {
      // It ended, or belongs to somebody else.
    }
  }
  return found;
}

/** Sends a signal to each; true when at least one took it. */
function signalAll(pids, signal) {
  let taken = false;
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
      taken = true;
    } catch {
      // It went meanwhile.
    }
  }
  return taken;
}

/** Kills marked processes until none is left; a tree that forks faster than it is read needs several rounds. */
function killMarked(attemptId) {
  for (let round = 0; round < 50; round++)
    if (!signalAll(markedProcesses(attemptId), 'SIGKILL')) return;
}

/**
 * Puts a process and what it starts behind all others: the machine's pages come first, and so does whoever has to end it. When
 * memory is short, the kernel takes it before the portal.
 */
function placeBehind(pid) {
  if (pid === undefined) return;
  const places = { autogroup: '5', oom_score_adj: '800' };
  for (const [name, value] of Object.entries(places)) {
    try {
      const fd = fs.openSync(`/proc/${pid}/${name}`, fs.constants.O_WRONLY);
      fs.writeSync(fd, value);
      fs.closeSync(fd);
    } catch {
      // This kernel does not know it, or the step is over already.
    }
  }
  try {
    os.setPriority(pid, Math.min(19, os.getPriority() + 10));
  } catch {
    // It is over already.
  }
}

/** Closes what the caller's own parent had open and left to be inherited; files of Node.js itself are marked to be closed. */
function closeInherited() {
  const closedAtExec = 0o2000000;
  for (const name of fs.existsSync('/proc/self/fdinfo')
    ? fs.readdirSync('/proc/self/fdinfo')
    : []) {
    if (Number(name) <= 2) continue;
    try {
      const info = fs.readFileSync(`/proc/self/fdinfo/${name}`, 'utf8');
      const flags = parseInt(/^flags:\s+(\d+)/m.exec(info)[1], 8);
      if (!(flags & closedAtExec)) fs.closeSync(Number(name));
    } catch {
      // The one that listed the folder is closed already.
    }
  }
}

module.exports = {
  childrenOf,
  closeInherited,
  descendantsOf,
  killMarked,
  mark,
  markedProcesses,
  placeBehind,
  signalAll,
  startOf,
};

if (require.main === module && process.argv[2]) killMarked(process.argv[2]);
