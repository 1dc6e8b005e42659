/*
 * Stands by a script and ends what it started when it is gone, also when it was killed and could not say a word: its standard input is
 * a pipe that the script alone holds. Each line of it is `{ id, pid, signal, folder }`, something that is to end or to be removed, or
 * `{ id }`, which takes that back.
 */
const fs = require('node:fs');
const readline = require('node:readline');

const kept = new Map();
const lines = readline.createInterface({ input: process.stdin });
lines.on('line', line => {
  const { id, ...what } = JSON.parse(line);
  if (Object.keys(what).length === 0) kept.delete(id);
  else kept.set(id, what);
});
// The newest first: tests end before the database that they use.
lines.on('close', async () => {
  for (const { pid, signal = 'SIGTERM', folder } of [
    ...kept.values(),
  ].reverse()) {
    if (pid) await ended(pid, signal);
    if (folder) fs.rmSync(folder, { recursive: true, force: true });
  }
  process.exit(0);
});

// A negative number is a whole process group, as for the system.
async function ended(pid, signal) {
  for (const [how, seconds] of [
    [signal, 10],
    ['SIGKILL', 2],
  ])
    for (let left = seconds * 20, sent; left > 0; left -= 1) {
      if (!reaches(pid, sent ? 0 : how)) return;
      sent = true;
      await new Promise(resolve => setTimeout(resolve, 50));
    }
}

function reaches(pid, signal) {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

// What ends the script on purpose is not meant for the one that cleans up after it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {});
