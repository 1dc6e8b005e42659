#!/usr/bin/env node
/*
 * The executor: runs the command of `<directory>/spec.json` and writes down how it ended. It outlives whoever started it; all
 * it shares with the outside are the files of its directory. Plain CommonJS on node: modules alone, since every millisecond
 * of its start is paid by every step. Without a directory it stands by: it waits on its standard input for the one line that
 * names it, and ends when whoever would write that line is gone.
 *
 *   start.json   its own pid and start time, so that a reused pid is never taken for it; who finds one is too late and goes
 *   stop.json    a caller's wish to end the step, announced by SIGTERM
 *   log          standard output and error in order of arrival, up to the cap
 *   stdout       the end of standard output, for `outputs.result`
 *   exit.json    how it ended; written last, by fsync and rename
 */
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { output } = require('./output.cjs');
const {
  childrenOf,
  closeInherited,
  descendantsOf,
  killMarked,
  mark,
  markedProcesses,
  placeBehind,
  signalAll,
  startOf,
} = require('./processes.cjs');
const { makeGroup } = require('./group.cjs');
const { guard, leftFull } = require('./limits.cjs');
const { enterRoom } = require('./room.cjs');
const { look, usage, watch } = require('./usage.cjs');

// More processes than this are not looked at for what they cost: in a storm of them the end must not wait for the bill.
const billed = 512;

// A timer of Node.js holds at most 2^31-1 ms; longer deadlines are waited for in parts.
const longestTimer = 2_000_000_000;

let directory = process.argv[2];
let startedAt;
let spec = {};
let child;
let group;
let reason;
let complaint = '';
let excess;

function writeWhole(name, value, durably) {
  const file = path.join(directory, name);
  const fd = fs.openSync(`${file}.part`, 'w', 0o600);
  fs.writeFileSync(fd, value);
  if (durably) fs.fsyncSync(fd);
  fs.closeSync(fd);
  fs.renameSync(`${file}.part`, file);
}

// The end must be told even when the disk is full at that moment: somebody may make room.
function writeEnd(name, value) {
  for (let attempt = 0; ; attempt++) {
    try {
      return writeWhole(name, value, true);
    } catch (error) {
      if (attempt === 600 || isFolderGone()) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    }
  }
}

/** Processes of the step that are to be told to end. */
function members() {
  if (spec.isolation === 'namespaces') return descendantsOf(child.pid);
  return [-child.pid, ...markedProcesses(spec.attemptId)];
}

/** Living processes of the step, by number; of very many, some. */
function livingMembers(most) {
  const below = descendantsOf(child.pid, most);
  if (spec.isolation === 'namespaces') return below;
  return [
    ...new Set([child.pid, ...below, ...markedProcesses(spec.attemptId)]),
  ];
}

// There is no grace time for what takes the machine from others.
function endOverLimit(sentence) {
  if (reason === undefined) excess = sentence;
  reason ??= 'over-limit';
  kill();
}

function kill() {
  // Nothing tells afterwards what these processes took.
  look(livingMembers(billed));
  if (spec.isolation === 'namespaces') {
    // With process 1 of its namespace goes all of the room, however much and however fast it forks.
    signalAll(childrenOf(child.pid), 'SIGKILL');
  } else {
    signalAll([-child.pid], 'SIGKILL');
    group?.kill();
    killMarked(spec.attemptId);
  }
  child.kill('SIGKILL');
}

// A second wish may shorten the grace time of the first, never lengthen it: each has its own timer.
function end(why, graceSeconds) {
  const first = reason === undefined;
  reason ??= why;
  if (!child?.pid) return;
  // A room that is still being built has nobody in it who could hear TERM.
  const heard = spec.isolation === 'none' || complaint.startsWith('started');
  setTimeout(kill, graceSeconds * 1000).unref();
  if (!heard) kill();
  else if (first) signalAll(members(), 'SIGTERM');
}

function readWish() {
  try {
    return JSON.parse(
      fs.readFileSync(path.join(directory, 'stop.json'), 'utf8'),
    );
  } catch {
    return undefined;
  }
}

/** The sentence for a command that was never started, in Argo's words where Argo has them. */
function messageOf(text) {
  const [, kind, name] = /^(\w+) ([^]*)$/.exec(text.trim()) ?? [];
  switch (kind) {
    case 'missing':
      return `failed to find name in PATH: exec: "${name}": executable file not found in $PATH`;
    case 'absent':
      return `failed to find name in PATH: exec: "${name}": stat ${name}: no such file or directory`;
    case 'denied':
      return `failed to find name in PATH: exec: "${name}": permission denied`;
    case 'workdir':
      return `the working directory '${name}' does not exist`;
    case 'fault':
      return output.firstError ? `${name}: ${output.firstError.trim()}` : name;
    default:
      return undefined;
  }
}

// The end of a step that filled the disk could not be written down while its files are there.
function makeRoom() {
  const root = path.join(directory, 'fs');
  const full = leftFull(root);
  if (!full) return;
  if (reason === undefined) excess = full;
  reason ??= 'over-limit';
  spawnSync('rm', ['-rf', '--one-file-system', root]);
}

function finish(code, signal) {
  makeRoom();
  output.close();
  if (spec.captureResult !== false) writeEnd('stdout', output.result());
  const exitCode = code ?? 128 + (os.constants.signals[signal] ?? 0);
  if (complaint.startsWith('fault')) reason ??= 'start-failed';
  const refused = group?.excess();
  if (refused && reason === undefined) {
    reason = 'over-limit';
    excess = refused;
  }
  group?.remove();
  const [, left] = /^crowded (\d+)$/m.exec(complaint) ?? [];
  if (left && reason === undefined) {
    reason = 'over-limit';
    excess = `ran ${left} processes and threads; its limit is ${spec.limits.processes}`;
  }
  const finishedAt = new Date().toISOString();
  writeEnd(
    'exit.json',
    JSON.stringify({
      exitCode,
      signal: signal ?? undefined,
      reason,
      message: excess ?? messageOf(complaint),
      startedAt,
      finishedAt,
      usage: usage(startedAt, finishedAt),
    }),
  );
  process.exit(0);
}

function fail(error) {
  complaint ||= `fault ${error.message}`;
  finish(64);
}

function commandLine(root) {
  if (spec.command.length === 0) throw new Error('the step names no command');
  if (spec.isolation === 'namespaces') return enterRoom(root, spec);
  fs.mkdirSync(spec.workingDir ?? root, { recursive: true });
  return [spec.command[0], spec.command.slice(1)];
}

function run() {
  const root = path.join(directory, 'fs');
  fs.mkdirSync(root, { recursive: true });
  const isolated = spec.isolation === 'namespaces';
  const [program, args] = commandLine(root);
  group = makeGroup(spec.controlGroups, spec.limits);
  child = spawn(program, args, {
    cwd: isolated ? '/' : spec.workingDir ?? root,
    env: { ...spec.env, [mark]: spec.attemptId },
    detached: true,
    // The fourth is the room's own; what runs without a room has nothing to say there.
    stdio: ['ignore', 'pipe', 'pipe', isolated ? 'pipe' : 'ignore'],
  });
  if (child.pid) group?.hold(() => [child.pid, ...descendantsOf(child.pid)]);
  if (!isolated) placeBehind(child.pid);
  watch(() => livingMembers(billed));
  guard({
    limits: spec.limits,
    folder: root,
    // Some are gone when they are looked at; so many are enough to tell.
    pids: () => livingMembers(2 * (spec.limits?.processes ?? Infinity)),
    refused: () => group?.excess(),
    tell: endOverLimit,
  });
  child.stdout.on('data', chunk => output.takeResult(chunk));
  child.stderr.on('data', chunk => output.takeError(chunk));
  child.stdio[3]?.on('data', chunk => (complaint += chunk));
  child.once('error', error => {
    const kind = {
      ENOENT: program.includes('/') ? 'absent' : 'missing',
      EACCES: 'denied',
    }[error.code];
    complaint =
      kind && spec.isolation === 'none'
        ? `${kind} ${program}`
        : `fault ${error.message}`;
    finish(64);
  });
  child.once('exit', (code, signal) => {
    // The end of the command is the end of the step: what it left in the background goes with it.
    if (spec.isolation === 'none') kill();
    setTimeout(finish, 500, code, signal);
    child.once('close', () => finish(code, signal));
  });
  if (spec.activeDeadlineSeconds !== undefined)
    waitForDeadline(Date.now() + spec.activeDeadlineSeconds * 1000);
  if (spec.orphan) waitForOrphanage(spec.orphan, Date.now());
  setInterval(() => {
    if (isFolderGone()) end('stopped', spec.graceSeconds ?? 10);
  }, 5_000).unref();
}

// Nobody can learn any more how the step ends.
function isFolderGone() {
  try {
    return !fs.statSync(directory, { throwIfNoEntry: false });
  } catch {
    // A disk that fails may come back.
    return false;
  }
}

// A portal that lives touches the file; without one for the given time nobody is left who would read the result.
function waitForOrphanage({ file, seconds }, since) {
  const { mtimeMs } = fs.statSync(file, { throwIfNoEntry: false }) ?? {
    mtimeMs: since,
  };
  const left = Math.max(since, mtimeMs) + seconds * 1000 - Date.now();
  if (left <= 0) end('orphaned', spec.graceSeconds ?? 10);
  else
    setTimeout(
      waitForOrphanage,
      Math.min(left + 5, 60_000),
      { file, seconds },
      since,
    ).unref();
}

// Two callers may both believe that the attempt is theirs to begin: who links the record first runs it, the other goes.
function claim() {
  const part = path.join(directory, `start.json.${process.pid}`);
  fs.writeFileSync(
    part,
    JSON.stringify({
      pid: process.pid,
      began: startOf(process.pid),
      boot: bootId(),
      startedAt,
    }),
    { mode: 0o600 },
  );
  try {
    fs.linkSync(part, path.join(directory, 'start.json'));
  } catch (error) {
    if (error.code === 'EEXIST') process.exit(0);
    throw error;
  } finally {
    fs.unlinkSync(part);
  }
}

function bootId() {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}

function waitForDeadline(at) {
  const left = at - Date.now();
  if (left <= 0) end('deadline', spec.graceSeconds ?? 5);
  else setTimeout(waitForDeadline, Math.min(left, longestTimer), at).unref();
}

/** Waits for the directory of an attempt, and takes the place that a new process of its own would have. */
function standBy() {
  const chunk = Buffer.alloc(4096);
  let line = Buffer.alloc(0);
  // The thread blocks: until it has an attempt, this process has nothing else to hear, and any signal ends it.
  while (!line.includes('\n')) {
    const count = fs.readSync(0, chunk);
    if (count === 0) process.exit(0);
    line = Buffer.concat([line, chunk.subarray(0, count)]);
  }
  try {
    fs.writeSync(1, 'taken');
  } catch {
    // Nobody waits for the answer any more; the attempt is written down all the same.
  }
  directory = line.toString('utf8', 0, line.indexOf('\n'));
  // The lowest free number is given to what is opened next.
  for (const [fd, file, flag] of [
    [0, '/dev/null', 'r'],
    [1, path.join(directory, 'executor.log'), 'a'],
    [2, path.join(directory, 'executor.log'), 'a'],
  ]) {
    fs.closeSync(fd);
    fs.openSync(file, flag, 0o600);
  }
  process.chdir(directory);
}

function main() {
  startedAt = new Date().toISOString();
  process.on('uncaughtException', fail);
  process.on('SIGTERM', () => {
    const wish = readWish();
    end(wish?.reason ?? 'stopped', wish?.graceSeconds ?? 10);
  });
  // A terminal's Ctrl-C and hang-up are the portal's affair.
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  spec = JSON.parse(fs.readFileSync(path.join(directory, 'spec.json'), 'utf8'));
  // No fsync: after a crash of the machine this record is about a process that is gone anyway.
  claim();
  output.open(
    path.join(directory, 'log'),
    spec.logLimitBytes ?? 16 * 1024 * 1024,
  );
  // A wish that came before the record above could not be announced to this process.
  const early = readWish();
  if (early) {
    reason = early.reason;
    finish(null, 'SIGTERM');
  }
  run();
}

closeInherited();
if (directory === undefined) standBy();
main();
