/*
 * What the scripts tell a person: a line when something starts, its time when it is done, and one sentence with the way
 * out when it fails.
 */

/** A fault with a sentence for a person that says what to do. */
export class Trouble extends Error {
  constructor(message, details = '') {
    super(message);
    this.details = details;
  }
}

export function say(text) {
  process.stdout.write(`${text}\n`);
}

/** Runs `work` and prints what it is and how long it took. On a terminal the seconds count up meanwhile. */
export async function step(title, work) {
  const begun = Date.now();
  const seconds = () => ((Date.now() - begun) / 1000).toFixed(0);
  const live = process.stdout.isTTY;
  process.stdout.write(live ? `  ${title} ...` : `  ${title} ...\n`);
  const timer = setInterval(() => {
    if (live) process.stdout.write(`\r  ${title} ... ${seconds()} s`);
    else if (Number(seconds()) % 15 === 0) say(`    ${seconds()} s`);
  }, 1000);
  try {
    const result = await work();
    process.stdout.write(
      live
        ? `\r  ${title}: done in ${seconds()} s\n`
        : `  ${title}: done in ${seconds()} s\n`,
    );
    return result;
  } catch (error) {
    if (live) process.stdout.write('\n');
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** The sentence for a disk without room. */
export const diskFull =
  'The disk is full. Free about 3 GB and run the command again.';

const remedies = [
  [
    /ENOSPC|no space left on device|SQLITE_FULL|database or disk is full/i,
    diskFull,
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ECONNRESET|ERR_SOCKET_TIMEOUT|network request|network timeout|getaddrinfo|RequestError/,
    'The npm registry cannot be reached. Check the network (or npm_config_registry) and run the command again.',
  ],
  [
    /EACCES|EPERM|EROFS|permission denied|read-only file system/i,
    'A file of the checkout cannot be written. Make the folder writable for this user and run the command again.',
  ],
  [
    /EBADPLATFORM|notsup|Unsupported platform/i,
    'This platform has no Node 22 package. Install Node 22 or 24 and run the command again.',
  ],
];

/** The sentence for a fault whose output is known: the way out when it is one of the usual ones, else `otherwise`. */
export function remedyFor(output, otherwise) {
  for (const [pattern, sentence] of remedies)
    if (pattern.test(output)) return sentence;
  return otherwise;
}

/** Ends the process after a fault: one sentence, details only for those who ask. */
export function endWith(error) {
  if (error instanceof Trouble) {
    if (error.details && process.env.MLOPS_VERBOSE)
      process.stderr.write(`${error.details}\n`);
    process.stderr.write(`\n${error.message}\n`);
  } else {
    const text = String(error?.stack ?? error);
    process.stderr.write(`\n${remedyFor(text, text)}\n`);
  }
  process.exit(1);
}
