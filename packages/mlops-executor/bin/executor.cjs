#!/usr/bin/env node
/*
 * The executor: runs the command of `<directory>/spec.json` and writes down how it ended. It outlives whoever started it; all
 * it shares with the outside are the files of its directory. Plain JavaScript on node: modules alone, since every
 * millisecond of its start is paid by every step.
 *
 *   start.json   its own pid and start time, so that a reused pid is never taken for it
 *   log          standard output and error in order of arrival, up to the cap
 *   stdout       the end of standard output, for `outputs.result`
 *   exit.json    how it ended; written last, by fsync and rename
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const directory = process.argv[2];
const spec = JSON.parse(fs.readFileSync(path.join(directory, 'spec.json'), 'utf8'));
const root = path.join(directory, 'fs');
const resultLimit = 256 * 1024;
const startedAt = new Date().toISOString();

function writeDurably(name, value) {
  const file = path.join(directory, name);
  const part = `${file}.part`;
  const fd = fs.openSync(part, 'w', 0o600);
  fs.writeSync(fd, value);
  fs.fsyncSync(fd);
  fs.closeSync(fd);
  fs.renameSync(part, file);
}

/** Start time of a process in clock ticks since boot: field 22 of /proc/<pid>/stat. */
function startTicks(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return undefined;
  }
}

// Inside the new mount and process namespaces, still with the rights to mount: build the room, leave the host behind, drop
// every right, run the command as a child of this shell, which is the namespace's process 1.
const roomScript = `
set -e
root=$1; dir=$2; drop=$3; shift 3
/bin/mount --make-rprivate /
/bin/mount --bind "$root" "$root"
/bin/mount --all --fstab "$root/.mlops/fstab"
cd "$root"
/usr/sbin/pivot_root . .mlops/old
cd /
/bin/umount -l /.mlops/old
/bin/rm -rf /.mlops
cd "$dir" 2>/dev/null || { echo "workdir $dir" >&3; exit 64; }
case "$1" in
  */*) [ -x "$1" ] || { echo "missing $1" >&3; exit 64; } ;;
  *) command -v "$1" >/dev/null 2>&1 || { echo "missing $1" >&3; exit 64; } ;;
esac
set +e
/usr/bin/setpriv $drop -- "$@" 3>&- &
wait $!
`;

function prepareRoom() {
  const privileged = process.getuid() === 0;
  const inside = name => path.join(root, name);
  for (const name of ['proc', 'dev', 'tmp', 'etc', 'srv', 'home', 'var/tmp', 'var/run', 'run', 'usr', 'opt/node/bin', '.mlops/old'])
    fs.mkdirSync(inside(name), { recursive: true });
  fs.chmodSync(inside('tmp'), 0o1777);
  const mounts = [['proc', '/proc', 'proc', 'nosuid,nodev,noexec'], [path.dirname(process.execPath), '/opt/node/bin', 'none', 'bind,ro,nosuid,nodev'], ['/usr', '/usr', 'none', 'bind,ro,nosuid,nodev']];
  for (const name of ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']) linkOrMount(name, mounts);
  for (const name of ['null', 'zero', 'full', 'random', 'urandom']) {
    fs.writeFileSync(inside(`dev/${name}`), '');
    mounts.push([`/dev/${name}`, `/dev/${name}`, 'none', 'bind,nosuid']);
  }
  for (const [name, target] of [['fd', '/proc/self/fd'], ['stdin', '/proc/self/fd/0'], ['stdout', '/proc/self/fd/1'], ['stderr', '/proc/self/fd/2']])
    fs.symlinkSync(target, inside(`dev/${name}`));
  for (const name of ['ssl', 'alternatives']) {
    if (!fs.existsSync(`/etc/${name}`)) continue;
    fs.mkdirSync(inside(`etc/${name}`), { recursive: true });
    mounts.push([`/etc/${name}`, `/etc/${name}`, 'none', 'bind,ro,nosuid,nodev']);
  }
  writeEtc(inside);
  for (const { source, target, readOnly } of spec.mounts) {
    if (fs.statSync(source).isDirectory()) fs.mkdirSync(inside(target), { recursive: true });
    else {
      fs.mkdirSync(path.dirname(inside(target)), { recursive: true });
      fs.writeFileSync(inside(target), '');
    }
    mounts.push([source, target, 'none', `bind,nosuid,nodev${readOnly ? ',ro' : ''}`]);
  }
  for (const name of spec.writable) fs.mkdirSync(inside(name), { recursive: true });
  const escape = text => text.replace(/[\s\\#]/g, char => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
  fs.writeFileSync(inside('.mlops/fstab'), mounts.map(([from, to, type, options]) => `${escape(from)} ${escape(path.join(root, to))} ${type} ${options} 0 0\n`).join(''));
  if (privileged) giveAway(root);
  return privileged;
}

function linkOrMount(name, mounts) {
  const host = `/${name}`;
  const stat = fs.lstatSync(host, { throwIfNoEntry: false });
  if (!stat) return;
  if (stat.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(host), path.join(root, name));
  else {
    fs.mkdirSync(path.join(root, name), { recursive: true });
    mounts.push([host, host, 'none', 'bind,ro,nosuid,nodev']);
  }
}

function writeEtc(inside) {
  fs.writeFileSync(inside('etc/passwd'), 'root:x:0:0:root:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n');
  fs.writeFileSync(inside('etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
  for (const name of ['hosts', 'resolv.conf', 'nsswitch.conf', 'ld.so.cache', 'localtime'])
    if (fs.existsSync(`/etc/${name}`)) fs.copyFileSync(`/etc/${name}`, inside(`etc/${name}`));
}

// The command runs as nobody when the portal runs as root, so what it may write must be nobody's. Mount points keep their own.
function giveAway(place) {
  fs.lchownSync(place, 65534, 65534);
  for (const entry of fs.readdirSync(place, { withFileTypes: true })) {
    const full = path.join(place, entry.name);
    if (entry.isDirectory()) giveAway(full);
    else fs.lchownSync(full, 65534, 65534);
  }
}

function commandLine() {
  if (spec.isolation === 'none') return [spec.command[0], spec.command.slice(1)];
  const privileged = prepareRoom();
  const names = ['--mount', '--pid', '--ipc', '--fork', '--kill-child'];
  if (!privileged) names.unshift('--user', '--map-root-user');
  const drop = `--no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all${privileged ? ' --reuid=65534 --regid=65534 --clear-groups' : ''}`;
  // When this process is killed, so is the namespace with all that runs in it.
  const args = ['--pdeathsig', 'KILL', '--', '/usr/bin/unshare', ...names, '--', '/bin/sh', '-c', roomScript, 'room', root, spec.workingDir ?? '/', drop, ...spec.command];
  return ['/usr/bin/setpriv', args];
}

let reason;
let complaint = '';
let child;
const log = fs.openSync(path.join(directory, 'log'), 'a', 0o600);
const limit = spec.logLimitBytes ?? 16 * 1024 * 1024;
let logged = 0;
let dropped = 0;
let tail = Buffer.alloc(0);

function takeLog(chunk) {
  const room = Math.max(0, limit - logged);
  if (room > 0) fs.writeSync(log, chunk.subarray(0, room));
  logged += Math.min(room, chunk.length);
  dropped += Math.max(0, chunk.length - room);
}

function takeResult(chunk) {
  tail = Buffer.concat([tail, chunk]);
  if (tail.length > resultLimit * 2) tail = tail.subarray(-resultLimit - 1);
}

/** All living descendants of a process, from /proc. */
function descendants(pid) {
  try {
    const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
    return children.flatMap(id => [id, ...descendants(id)]);
  } catch {
    return [];
  }
}

function end(why, graceSeconds) {
  if (reason) return;
  reason = why;
  if (!child?.pid) return;
  const signal = name => {
    const targets = spec.isolation === 'none' ? [-child.pid] : descendants(child.pid);
    for (const pid of targets) {
      try {
        process.kill(pid, name);
      } catch {
        // It went meanwhile.
      }
    }
  };
  signal('SIGTERM');
  setTimeout(() => {
    signal('SIGKILL');
    child.kill('SIGKILL');
  }, graceSeconds * 1000).unref();
}

function finish(code, signal) {
  if (dropped > 0) fs.writeSync(log, `\n[${dropped} more bytes were printed; the log keeps ${limit}]\n`);
  fs.fsyncSync(log);
  fs.closeSync(log);
  writeDurably('stdout', tail.subarray(-resultLimit));
  const numbers = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };
  const exitCode = code ?? 128 + (numbers[signal] ?? 0);
  const [kind, ...rest] = complaint.trim().split(' ');
  const name = rest.join(' ');
  const message =
    kind === 'missing'
      ? `failed to find name in PATH: exec: "${name}": executable file not found in $PATH`
      : kind === 'workdir'
        ? `the working directory ${name} does not exist`
        : kind === 'fault'
          ? name
          : undefined;
  writeDurably('exit.json', JSON.stringify({ exitCode, reason: reason ?? (kind === 'fault' ? 'start-failed' : undefined), message, startedAt, finishedAt: new Date().toISOString() }));
  process.exit(0);
}

process.on('SIGTERM', () => {
  let wish = {};
  try {
    wish = JSON.parse(fs.readFileSync(path.join(directory, 'stop.json'), 'utf8'));
  } catch {
    // A bare signal is a stop too.
  }
  end(wish.reason ?? 'stopped', wish.graceSeconds ?? 10);
});
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});

writeDurably('start.json', JSON.stringify({ pid: process.pid, ticks: startTicks(process.pid), startedAt }));
try {
  const [program, args] = commandLine();
  child = spawn(program, args, {
    cwd: spec.isolation === 'none' ? spec.workingDir : '/',
    env: spec.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  child.stdout.on('data', chunk => {
    takeLog(chunk);
    takeResult(chunk);
  });
  child.stderr.on('data', takeLog);
  child.stdio[3].on('data', chunk => (complaint += chunk));
  child.once('error', error => {
    complaint = error.code === 'ENOENT' && spec.isolation === 'none' ? `missing ${spec.command[0]}` : `fault ${error.message}`;
    finish(64);
  });
  // A background child of an unisolated command may hold the pipes open: the end of the command is the end of the step.
  child.once('exit', (code, signal) => {
    if (spec.isolation === 'none') {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nobody is left.
      }
    }
    const timer = setTimeout(() => finish(code, signal), 500);
    child.once('close', () => {
      clearTimeout(timer);
      finish(code, signal);
    });
  });
  if (spec.activeDeadlineSeconds) setTimeout(() => end('deadline', spec.graceSeconds ?? 5), spec.activeDeadlineSeconds * 1000).unref();
} catch (error) {
  complaint = `fault ${error.message}`;
  finish(64);
}
