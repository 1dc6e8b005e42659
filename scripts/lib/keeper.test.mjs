import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

/** Runs lines of a script of its own, as `npm test` is one, until it has said what it started. */
async function script(lines) {
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', lines],
    { cwd: import.meta.dirname, detached: true, stdio: ['ignore', 'pipe', 2] },
  );
  const ended = new Promise(resolve => child.once('exit', resolve));
  const said = await new Promise((resolve, reject) => {
    child.stdout.once('data', data => resolve(JSON.parse(data)));
    ended.then(() => reject(new Error('it ended before it said anything')));
  });
  return { pid: child.pid, said, ended };
}

const program = options =>
  `spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore'${options} })`;
const starts = `
  import { spawn } from 'node:child_process';
  import fs from 'node:fs';
  import { keep } from './keeper.mjs';
  const folder = fs.mkdtempSync(${JSON.stringify(
    path.join(os.tmpdir(), 'mlops-keeper-'),
  )});
  const [kept, released] = [${program('')}, ${program('')}];
  keep({ folder });
  keep({ pid: -kept.pid });
  keep({ pid: -released.pid })();
  console.log(JSON.stringify({ folder, kept: kept.pid, released: released.pid }));
  setInterval(() => {}, 1000);`;
const database = `
  import { startPostgres } from './postgres.mjs';
  import { endOnSignals } from './prepare.mjs';
  endOnSignals();
  const { url } = await startPostgres();
  console.log(JSON.stringify({ url }));
  setInterval(() => {}, 1000);`;

function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(what, look) {
  for (let left = 600; left > 0; left -= 1) {
    if (look()) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  assert.fail(`${what} did not happen`);
}

/** Servers of PostgreSQL that listen on the port of an address. */
const serversOf = url =>
  fs
    .readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      try {
        const words = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return words
          .split('\0')
          .join(' ')
          .includes(`-p ${new URL(url).port}`);
      } catch {
        return false;
      }
    });

test('what a script keeps ends when the script is killed; what it took back goes on', async () => {
  const { pid, said, ended } = await script(starts);
  assert.ok(lives(said.kept) && fs.existsSync(said.folder));
  process.kill(pid, 'SIGKILL');
  await ended;
  await until('the end of the process', () => !lives(said.kept));
  await until('the end of the folder', () => !fs.existsSync(said.folder));
  assert.ok(lives(said.released));
  process.kill(said.released, 'SIGKILL');
});

for (const [how, signal, group] of [
  ['a supervisor ends the script alone', 'SIGTERM', false],
  ['Ctrl-C reaches all of its group', 'SIGINT', true],
  ['the script is killed', 'SIGKILL', false],
])
  test(
    `no PostgreSQL of the tests is left when ${how}`,
    { skip: process.platform !== 'linux' },
    async () => {
      const { pid, said, ended } = await script(database);
      assert.equal(serversOf(said.url).length, 1);
      process.kill(group ? -pid : pid, signal);
      await ended;
      // Who is killed cannot wait for it.
      if (signal === 'SIGKILL')
        await until('its end', () => serversOf(said.url).length === 0);
      assert.deepEqual(serversOf(said.url), []);
    },
  );
