/*
 * `npm start`: from a fresh clone to a running portal. Ends with one line, the address; Ctrl-C ends portal and steps.
 */
import {
  checkDataIsFree,
  checkPortIsFree,
  localConfigs,
  portNumber,
  startPortal,
} from './lib/portal.mjs';
import { endOnSignals, prepare } from './lib/prepare.mjs';
import { endWith, say, step } from './lib/say.mjs';

let portal;
let starting;
const asked = new AbortController();

async function main() {
  endOnSignals(async () => {
    asked.abort();
    say('\nStopping the portal and its steps ...');
    portal ??= await starting?.catch(() => undefined);
    await portal?.stop();
    say('Stopped.');
  });
  const port = portNumber('PORT', 7007);
  await checkPortIsFree(port);
  await checkDataIsFree();
  const node = await prepare();
  starting = step('Starting the portal', () =>
    startPortal({ node, port, signal: asked.signal, configs: localConfigs() }),
  );
  portal = await starting;
  say(`  Ctrl-C stops it. Log: ${portal.logFile}`);
  say(await landingAddress(portal.url));
  const end = await portal.ended;
  if (asked.signal.aborted) return;
  process.stderr.write(
    `\nThe portal ended by itself (${
      end.signal ?? `exit code ${end.code}`
    }). Its log is in ${portal.logFile}.\n`,
  );
  process.exit(1);
}

// The newest run is where something is going on; without one, the list of projects.
async function landingAddress(url) {
  const run = await newestActiveRun(url).catch(() => undefined);
  return run ? `${url}/mlops/runs/${run}` : `${url}/mlops`;
}

async function newestActiveRun(url) {
  const session = await fetch(`${url}/api/auth/guest/refresh`, {
    headers: { 'X-Requested-With': 'XMLHttpRequest' },
  }).then(answer => answer.json());
  const headers = {
    authorization: `Bearer ${session.backstageIdentity.token}`,
  };
  for (let i = 0; i < 20; i++) {
    const { items } = await fetch(`${url}/api/mlops/runs?limit=1`, {
      headers,
    }).then(answer => answer.json());
    if (items.length > 0)
      return ['Pending', 'Running'].includes(items[0].phase)
        ? items[0].id
        : undefined;
    await new Promise(resolve => setTimeout(resolve, 250));
  }
  return undefined;
}

main().catch(async error => {
  // Who asked for the end is answered by what the signals do.
  if (asked.signal.aborted) return;
  await portal?.stop();
  endWith(error);
});
