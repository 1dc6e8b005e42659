/*
 * What a step costs, as Linux counts it: processor time and bytes written are handed to the executor when it waits for the
 * step's first process; memory is looked at while the step runs, often at first and then each second, so a short peak between
 * two looks is not seen. When a room is ended from outside, nobody waits for its processes and the kernel hands nothing over: then
 * what was seen at the last look counts. Elsewhere only the wall time is known.
 */
const fs = require('node:fs');

// sysconf(_SC_CLK_TCK); 100 on every Linux that Node.js runs on.
const ticksPerSecond = 100;
const looks = [10, 30, 60, 150, 400];

let peakMemoryBytes;
let seenTicks = 0;
let seenWritten = 0;
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

// Of the process itself and of those that it waited for: user and system time, in ticks.
const ticksOf = fields => fields.reduce((sum, field) => sum + Number(field), 0);

const statOf = text => text.slice(text.lastIndexOf(')') + 2).split(' ');

const writtenOf = text => Number(/^write_bytes: (\d+)$/m.exec(text)?.[1] ?? 0);

/** Looks at what the living processes of a step have taken until now. @param {number[]} pids */
function look(pids) {
  const bytes = memoryOf(pids);
  if (bytes > 0) peakMemoryBytes = Math.max(peakMemoryBytes ?? 0, bytes);
  let ticks = 0;
  let written = 0;
  for (const pid of pids) {
    const stat = read(`/proc/${pid}/stat`);
    if (stat) ticks += ticksOf(statOf(stat).slice(11, 15));
    written += writtenOf(read(`/proc/${pid}/io`));
  }
  seenTicks = Math.max(seenTicks, ticks);
  seenWritten = Math.max(seenWritten, written);
}

/** Looks at a step's processes until its end is told. @param {() => number[]} members */
function watch(members, count = 0) {
  timer = setTimeout(() => {
    look(members());
    watch(members, count + 1);
  }, looks[count] ?? 1000).unref();
}

/** What the step cost until now. @param {string} startedAt @param {string} finishedAt */
function usage(startedAt, finishedAt) {
  clearTimeout(timer);
  const stat = read('/proc/self/stat');
  const handedOver = stat ? ticksOf(statOf(stat).slice(13, 15)) : 0;
  const io = read('/proc/self/io');
  return {
    wallSeconds: (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000,
    ...(stat && {
      cpuSeconds: Math.max(handedOver, seenTicks) / ticksPerSecond,
    }),
    ...(peakMemoryBytes && { peakMemoryBytes }),
    ...(io && { writtenBytes: Math.max(writtenOf(io), seenWritten) }),
  };
}

module.exports = { look, usage, watch };
