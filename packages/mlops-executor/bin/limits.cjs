/*
 * Holds a step to its limits by looking: memory and processes some times a second, its folder on disk each second. What a step
 * takes between two looks is seen late, never missed. A limit that is met ends the step, with the number.
 */
const { execFile, execFileSync } = require('node:child_process');
const fs = require('node:fs');

const lookMs = 200;
const diskLookMs = 1000;
// With less on the disk nothing works any more: no record of a step, no database.
const roomBytes = 32 * 1024 ** 2;

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Sum of some fields of a /proc file, in its own unit. */
function sumOf(text, names) {
  const found = text.matchAll(/^(\w+):\s+(\d+)/gm);
  return [...found].reduce(
    (sum, [, name, value]) =>
      names.includes(name) ? sum + Number(value) : sum,
    0,
  );
}

/**
 * Bytes of memory that processes hold, without the programs' own files. The cheap figures count a page for each process that
 * shares it; only when they pass the limit, the kernel is asked for each one's part.
 */
function memoryOf(statuses, limitBytes) {
  const names = ['RssAnon', 'RssShmem', 'VmSwap'];
  const atMost = statuses.reduce(
    (sum, { text }) => sum + sumOf(text, names),
    0,
  );
  if (atMost * 1024 <= limitBytes) return atMost * 1024;
  const parts = ['Pss_Anon', 'Pss_Shmem', 'SwapPss'];
  const exactly = () =>
    statuses.reduce((sum, { pid }) => {
      const exact = read(`/proc/${pid}/smaps_rollup`);
      // Where the kernel does not say, or nobody holds the pages any more, the cheap figure of this moment stands.
      const kilobytes = exact
        ? sumOf(exact, parts)
        : sumOf(read(`/proc/${pid}/status`), names);
      return sum + 1024 * kilobytes;
    }, 0);
  // A page may be counted before and after it came to be shared; what is true is so twice.
  const found = exactly();
  return found <= limitBytes ? found : Math.min(found, exactly());
}

const size = bytes => `${Math.ceil(bytes / 1024 ** 2)} MiB`;

/** The sentence for the first limit that the processes of a step pass; undefined when they keep them all. */
function excessOf(pids, { memoryBytes = Infinity, processes = Infinity }) {
  const statuses = pids
    .map(pid => ({ pid, text: read(`/proc/${pid}/status`) }))
    .filter(({ text }) => text);
  const tasks = statuses.reduce(
    (sum, { text }) => sum + sumOf(text, ['Threads']),
    0,
  );
  if (tasks > processes)
    return `ran ${tasks} processes and threads; its limit is ${processes}`;
  const memory = memoryOf(statuses, memoryBytes);
  return memory > memoryBytes
    ? `used ${size(memory)} of memory; its limit is ${size(memoryBytes)}`
    : undefined;
}

/** Bytes that the files of a folder take on its own disk; calls back with undefined when nobody can say. */
function diskOf(folder, tell) {
  // Unlike a walk of our own, `du` finds its way in trees that are deeper than a path may be long.
  execFile('du', ['-skx', folder], { timeout: 60_000 }, (_fault, stdout) => {
    const found = /^(\d+)\s/.exec(stdout);
    tell(found ? Number(found[1]) * 1024 : undefined);
  });
}

/**
 * The sentence for a step that filled the disk, whatever its limit; undefined when there is room, or the step took none of it.
 * @param {string} folder of the step
 * @param {() => number} taken bytes that the step has on the disk
 */
function filled(folder, taken) {
  const { bavail, blocks, bsize } = fs.statfsSync(folder);
  const low = Math.min(roomBytes, 0.01 * blocks * bsize);
  const left = bavail * bsize;
  if (left >= low) return undefined;
  const bytes = taken();
  return bytes > low
    ? `wrote ${size(bytes)} to its folder; the disk has ${Math.floor(
        left / 1024 ** 2,
      )} MiB left`
    : undefined;
}

/** The same of a step that is over. @param {string} folder */
function leftFull(folder) {
  try {
    return filled(folder, () => {
      const told = execFileSync('du', ['-skx', folder], { encoding: 'utf8' });
      return parseInt(told, 10) * 1024;
    });
  } catch {
    return undefined;
  }
}

/** Bytes of files that have no name any more but are open, each counted once. */
function namelessOf(pids) {
  const seen = new Map();
  for (const pid of pids) {
    for (const name of namesOf(`/proc/${pid}/fd`)) {
      try {
        const stat = fs.statSync(`/proc/${pid}/fd/${name}`);
        if (stat.isFile() && stat.nlink === 0)
          seen.set(`${stat.dev}:${stat.ino}`, stat.blocks * 512);
      } catch {
        // It was closed meanwhile.
      }
    }
  }
  return [...seen.values()].reduce((sum, bytes) => sum + bytes, 0);
}

function namesOf(folder) {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * Watches a step until it passes a limit, which is told once.
 * @param {{ limits: object, folder: string, pids: () => number[], refused: () => string | undefined, tell: (sentence: string) => void }} step
 */
function guard({ limits = {}, folder, pids, refused, tell }) {
  let told = false;
  const tellOnce = sentence => {
    if (!told) tell(sentence);
    told = true;
  };
  const look = () => {
    if (told) return;
    const excess = refused() ?? excessOf(pids(), limits);
    if (excess) tellOnce(excess);
    else setTimeout(look, lookMs).unref();
  };
  const lookAtDisk = () => {
    const began = Date.now();
    diskOf(folder, named => {
      const bytes = (named ?? 0) + namelessOf(pids());
      if (bytes > limits.diskBytes)
        tellOnce(
          `wrote ${size(bytes)} to its folder; its limit is ${size(
            limits.diskBytes,
          )}`,
        );
      const excess = filled(folder, () => bytes);
      if (excess) tellOnce(excess);
      // A tree that is slow to look through is looked at less often.
      const rest = Math.max(diskLookMs, 20 * (Date.now() - began));
      if (!told) setTimeout(lookAtDisk, rest).unref();
    });
  };
  if (limits.memoryBytes || limits.processes) look();
  if (limits.diskBytes) setTimeout(lookAtDisk, lookMs).unref();
}

module.exports = { guard, leftFull };
