/*
 * What a step costs, as Linux counts it: processor time and bytes written are handed to the executor when it waits for the
 * step's first process; memory is looked at while the step runs, often at first and then each second, so a short peak between
 * two looks is not seen. Elsewhere only the wall time is known.
 */
const fs = require('node:fs');

// sysconf(_SC_CLK_TCK); 100 on every Linux that Node.js runs on.
const ticksPerSecond = 100;
const looks = [10, 30, 60, 150, 400];

let peakMemoryBytes;
let timer;

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Largest memory that the processes of a list had at the same time, by their own peaks. */
function memoryOf(pids) {
  let sum = 0;
  for (const pid of pids) {
    const found = /^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`));
    if (found) sum += Number(found[1]) * 1024;
  }
  return sum;
}

/** Looks at the memory of a step's processes until `stop`. @param {() => number[]} members */
function watch(members, count = 0) {
  timer = setTimeout(() => {
    const bytes = memoryOf(members());
    if (bytes > 0) peakMemoryBytes = Math.max(peakMemoryBytes ?? 0, bytes);
    watch(members, count + 1);
  }, looks[count] ?? 1000).unref();
}

/** What the step cost until now. @param {string} startedAt @param {string} finishedAt */
function usage(startedAt, finishedAt) {
  clearTimeout(timer);
  const fields = read('/proc/self/stat');
  const rest = fields.slice(fields.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(rest[13]) + Number(rest[14]);
  const written = /^write_bytes: (\d+)$/m.exec(read('/proc/self/io'));
  return {
    wallSeconds: (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000,
    ...(fields && { cpuSeconds: ticks / ticksPerSecond }),
    ...(peakMemoryBytes && { peakMemoryBytes }),
    ...(written && { writtenBytes: Number(written[1]) }),
  };
}

module.exports = { usage, watch };
