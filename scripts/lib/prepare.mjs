import { execFileSync } from 'node:child_process';
import { ensureAppBuilt } from './buildApp.mjs';
import { ensureInstalled } from './install.mjs';
import { endKept } from './keeper.mjs';
import { ensureNode } from './node.mjs';
import { endChildren } from './run.mjs';
import { Trouble } from './say.mjs';

/** Brings a fresh clone to where the portal can start; quick when nothing is missing. Resolves with the Node to use. */
export async function prepare({ app = true } = {}) {
  checkGit();
  const node = await ensureNode();
  await ensureInstalled(node);
  if (app) await ensureAppBuilt(node);
  return node;
}

/** Throws a Trouble when there is no git. */
export function checkGit() {
  try {
    execFileSync('git', ['--version'], { stdio: 'ignore' });
  } catch {
    throw new Trouble(
      'git is missing. Install it (Debian: apt-get install git) and run the command again.',
    );
  }
}

/** Ends what was started when a person or a parent process asks for the end before the work is done. */
export function endOnSignals(cleanUp = async () => {}) {
  let asked = false;
  const end = async signal => {
    if (asked) return;
    asked = true;
    endChildren();
    await cleanUp(signal).catch(() => undefined);
    await endKept();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => end(signal));
  // A signal to npm alone may end its shell and never get here: a lost parent says the same.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event)
    setInterval(() => process.ppid !== parent && end('SIGTERM'), 500).unref();
}
