/*
 * `npm run pack`: the tarballs that would be published, in `.portal/tarballs` or the folder after `--into`. The last line names the folder.
 */
import path from 'node:path';
import { packAll } from './lib/pack.mjs';
import { portalFolder } from './lib/paths.mjs';
import { endOnSignals, prepare } from './lib/prepare.mjs';
import { endWith, say, step, Trouble } from './lib/say.mjs';

async function main() {
  const into = readArguments(process.argv.slice(2));
  endOnSignals();
  const node = await prepare({ app: false });
  const tarballs = await step('Packing', () => packAll(node, into));
  for (const { name, version, file } of tarballs)
    say(`  ${name} ${version}: ${path.basename(file)}`);
  say(into);
}

function readArguments([flag, folder, ...rest]) {
  if (flag === undefined) return path.join(portalFolder, 'tarballs');
  if (flag !== '--into' || folder === undefined || rest.length > 0)
    throw new Trouble('npm run pack takes nothing, or -- --into <folder>.');
  return path.resolve(folder);
}

main().catch(endWith);
