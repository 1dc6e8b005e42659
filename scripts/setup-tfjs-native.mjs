/*
 * `npm run setup:tfjs-native`: TensorFlow's C library and tfjs-node's addon, made on this machine, so that steps train two to three
 * times as fast as with WebAssembly. Nothing else needs it, nothing calls it by itself, a second run changes nothing.
 */
import { ensureInstalled } from './lib/install.mjs';
import { ensureNode } from './lib/node.mjs';
import { endOnSignals } from './lib/prepare.mjs';
import { endWith, say, step, Trouble } from './lib/say.mjs';
import { buildAddon, checkAddon, placeAddon } from './lib/tensorflow/addon.mjs';
import { checkMachine } from './lib/tensorflow/checkMachine.mjs';
import {
  fetchLibrary,
  hasLibrary,
  library,
} from './lib/tensorflow/library.mjs';

async function main() {
  const wheel = readArguments(process.argv.slice(2));
  endOnSignals();
  checkMachine();
  const node = await ensureNode();
  await ensureInstalled(node);
  if ((await checkAddon(node)).works)
    return say('The native binding is in place already.');
  if (!hasLibrary()) {
    say(
      `TensorFlow ${library.version} from its official Python wheel: 187 MB to fetch, 570 MB on disk (760 while it is unpacked).`,
    );
    await fetchLibrary(wheel);
  }
  await step('Compiling the addon', () => buildAddon(node));
  await step('Putting it in its place', () => placeAddon());
  const { works, output } = await step('Training with it once', () =>
    checkAddon(node),
  );
  if (!works)
    throw new Trouble(
      'The native binding was built but does not work here; steps go on with WebAssembly. Run again with MLOPS_VERBOSE=1 to see why.',
      output,
    );
  return say('Steps train with the native binding from now on.');
}

function readArguments(args) {
  const [option, file, ...rest] = args;
  if (option === undefined) return undefined;
  if (option !== '--wheel' || !file || rest.length > 0)
    throw new Trouble(
      `'${args.join(' ')}' is not understood. Known: --wheel <file>, a ${
        library.wheel
      } that was fetched elsewhere.`,
    );
  return file;
}

main().then(() => process.exit(0), endWith);
