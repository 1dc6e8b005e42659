/* The two programs of the probe's test, as text for `node -e`. */

/**
 * A portal: has one secret in its environment and one in its memory alone, keeps a file of secrets open that its children
 * inherit, and starts steps as the real one does. Arguments: executor, file of secrets, folders of attempts.
 */
export const portalProgram = `
const fs = require('node:fs');
const { spawn } = require('node:child_process');
const kept = Buffer.alloc(65536, 'canary-' + require('node:crypto').randomBytes(8).toString('hex'));
const [executor, secrets, ...steps] = process.argv.slice(1);
const open = fs.openSync(secrets, 'r');
for (const directory of steps) {
  const file = directory + '/spec.json';
  const spec = JSON.parse(fs.readFileSync(file, 'utf8'));
  spec.env.PORTAL = String(process.pid);
  fs.writeFileSync(file, JSON.stringify(spec));
  // A high number: Node.js itself closes the low ones.
  spawn(process.execPath, [executor, directory], { detached: true, stdio: [...Array(3).fill('ignore'), ...Array(60), open], env: {}, cwd: directory });
}
setInterval(() => kept[0], 1000);
`;

/** A step that looks for canaries wherever it can, and prints as JSON what it got hold of. */
export const probeProgram = String.raw`
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const files = JSON.parse(process.env.FILES);
const found = new Set();
const attempt = (what, act) => { try { if (act()) found.add(what); } catch {} };
const hasCanary = text => /canary-[0-9a-f]{16}/.test(text);
const own = String(process.pid);
// Outside a room only the test's own portal is looked at, and nothing is tried that changes the machine.
const inRoom = process.env.ISOLATED === 'yes' && !fs.existsSync('/proc/' + process.env.PORTAL);
const pids = inRoom ? fs.readdirSync('/proc').filter(name => /^\d+$/.test(name) && name !== own) : [process.env.PORTAL];
const up = '/../../../../../../../..';
const ways = ['', '/..', '/proc/self/root/..', '/proc/self/cwd' + up];
for (const pid of [...pids, process.env.PORTAL]) ways.push('/proc/' + pid + '/root', '/proc/' + pid + '/cwd' + up);
for (const [name, file] of Object.entries(files))
  for (const way of ways) {
    attempt(name + ' read', () => hasCanary(fs.readFileSync(way + file, 'latin1')));
    attempt(name + ' listed', () => fs.readdirSync(path.dirname(way + file)).length > 0);
    attempt(name + ' opened for writing', () => { fs.closeSync(fs.openSync(way + file, 'r+')); return true; });
  }
for (const fd of fs.readdirSync('/proc/self/fd'))
  if (fd > 2) attempt('inherited file', () => { const buffer = Buffer.alloc(4096); fs.readSync(Number(fd), buffer, 0, 4096, 0); return hasCanary(buffer.toString('latin1')); });
function memoryOf(pid) {
  const memory = fs.openSync('/proc/' + pid + '/mem', 'r');
  return fs.readFileSync('/proc/' + pid + '/maps', 'utf8').split('\n').some(line => {
    const [, from, to] = /^(\w+)-(\w+) rw.. 0+ 00:00 0/.exec(line) ?? [];
    if (!from) return false;
    const size = Math.min(Number(BigInt('0x' + to) - BigInt('0x' + from)), 2 ** 24);
    const bytes = Buffer.alloc(size);
    try { fs.readSync(memory, bytes, 0, size, BigInt('0x' + from)); } catch { return false; }
    return hasCanary(bytes.toString('latin1'));
  });
}
for (const pid of pids) {
  attempt('environment of a process', () => hasCanary(fs.readFileSync('/proc/' + pid + '/environ', 'latin1')));
  attempt('memory of a process', () => memoryOf(pid));
}
attempt('signal to the portal', () => process.kill(Number(process.env.PORTAL), 0));
const place = fs.mkdtempSync('/tmp/probe-');
const programs = !inRoom ? {} : {
  'namespace of process 1': ['nsenter', '-t', '1', '-m', '-p', 'true'],
  'namespace of its own': ['unshare', '-U', '--map-user=1000', '-m', 'true'],
  'mount of memory': ['mount', '-t', 'tmpfs', 'none', place],
  'device': ['mknod', place + '/device', 'b', '8', '0'],
  'change of root': ['chroot', '/', 'true'],
};
for (const [name, [program, ...args]] of Object.entries(programs))
  attempt(name, () => spawnSync(program, args).status === 0);
fs.rmSync(place, { recursive: true });
console.log(JSON.stringify([...found].sort()));
`;
