import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { digestOf } from './digest.mjs';
import { yarnSettings } from './npmSettings.mjs';
import { portalFolder, root, yarnRelease } from './paths.mjs';
import { childEnvironment, run } from './run.mjs';
import { step } from './say.mjs';

const mark = path.join(portalFolder, 'installed');

/** Installs the packages of yarn.lock, unless that was done already for the same lock and manifests. */
export async function ensureInstalled(node) {
  const wanted = digestOf(manifests());
  const present =
    fs.existsSync(mark) &&
    fs.existsSync(path.join(root, 'node_modules/.yarn-state.yml'));
  if (present && fs.readFileSync(mark, 'utf8') === wanted) return;
  await step('Installing packages (about a minute)', async () =>
    run(node, [yarnRelease, 'install', '--immutable'], {
      env: childEnvironment(node, { CI: 'true', ...(await retries()) }),
      otherwise:
        'The packages cannot be installed. Run again with MLOPS_VERBOSE=1 to see why.',
    }),
  );
  fs.mkdirSync(portalFolder, { recursive: true });
  fs.writeFileSync(mark, digestOf(manifests()));
}

// Yarn tries each of two thousand packages four times: five minutes until it says that there is no network. Its cache may still hold
// them. Behind a proxy Yarn knows better than a look from here.
async function retries() {
  const { YARN_HTTPS_PROXY, YARN_HTTP_PROXY, YARN_NPM_REGISTRY_SERVER } = {
    ...yarnSettings(process.env),
    ...process.env,
  };
  if (YARN_HTTPS_PROXY || YARN_HTTP_PROXY) return {};
  return (await answers(new URL(YARN_NPM_REGISTRY_SERVER)))
    ? {}
    : { YARN_HTTP_RETRY: '0' };
}

// A connection and no request: `fetch` refuses some ports by their number.
function answers({ hostname, port, protocol }, patienceMs = 10_000) {
  return new Promise(resolve => {
    const socket = net.connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (protocol === 'http:' ? 80 : 443),
      timeout: patienceMs,
    });
    const tell = answer => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => tell(true));
    socket.once('timeout', () => tell(false));
    socket.once('error', () => tell(false));
  });
}

function manifests() {
  const files = ['package.json', 'yarn.lock', '.yarnrc.yml'];
  for (const folder of ['packages', 'plugins', 'ml-projects'])
    for (const name of fs.readdirSync(path.join(root, folder)))
      files.push(path.join(folder, name, 'package.json'));
  files.push('tests/package.json');
  return files.filter(file => fs.existsSync(path.join(root, file)));
}
