/*
 * tfjs-node's own addon, compiled against the library. It is put into the installed package, where `loadTensorflow` and tfjs-node
 * itself look for it; steps in isolation see node_modules and nothing beside it, so the libraries stand there too, as hard links.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { portalFolder, root } from '../paths.mjs';
import { childEnvironment, run } from '../run.mjs';
import { Trouble } from '../say.mjs';
import { compiler } from './checkMachine.mjs';
import { library } from './library.mjs';

const runtime = path.join(root, 'packages/tfjs-runtime');
const addon = path.join(library.folder, 'tfjs_binding.node');
const headerPackage = 'node-api-headers@1.9.0';

/** The installed package; a Trouble when it was left out. */
function packageFolder() {
  try {
    return path.dirname(
      createRequire(path.join(runtime, 'package.json')).resolve(
        '@tensorflow/tfjs-node/package.json',
      ),
    );
  } catch {
    throw new Trouble(
      'The package @tensorflow/tfjs-node is not installed. Delete node_modules and run the command again.',
    );
  }
}

/** Compiles the addon once. */
export async function buildAddon(node) {
  if (fs.existsSync(addon)) return;
  const source = path.join(packageFolder(), 'binding');
  const args = [
    ...['-shared', '-fPIC', '-O2', '-std=c++17', '-w'],
    ...['-DNAPI_VERSION=8', '-DNODE_GYP_MODULE_NAME=tfjs_binding'],
    ...['-DBUILDING_NODE_EXTENSION'],
    ...[
      `-I${path.dirname(source)}`,
      `-I${path.join(library.folder, 'include')}`,
    ],
    `-I${await nodeHeaders(node)}`,
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map(name =>
      path.join(source, name),
    ),
    `-L${path.join(library.folder, 'lib')}`,
    ...library.files.map(name => `-l:${name}`),
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
    ...['-o', `${addon}.part`],
  ];
  await run(compiler(), args, {
    env: childEnvironment(node),
    otherwise:
      'The addon cannot be compiled. Run again with MLOPS_VERBOSE=1 to see why.',
  });
  fs.renameSync(`${addon}.part`, addon);
}

// Beside the running Node when it came with them, else from npm: the interface is the same for every Node from 12 on.
async function nodeHeaders(node) {
  const beside = path.join(path.dirname(node), '../include/node');
  if (fs.existsSync(path.join(beside, 'node_api.h'))) return beside;
  const folder = path.join(portalFolder, 'node-api-headers');
  const headers = path.join(folder, 'node_modules/node-api-headers/include');
  if (!fs.existsSync(path.join(headers, 'node_api.h')))
    await run(
      'npm',
      [
        ...['install', '--prefix', folder, '--no-save', '--no-audit'],
        ...['--no-fund', '--ignore-scripts', headerPackage],
      ],
      {
        otherwise:
          'The headers of Node cannot be fetched from npm. Check the network and run the command again.',
      },
    );
  return headers;
}

/** Links addon and libraries into the installed package. */
export async function placeAddon() {
  const target = packageFolder();
  place(addon, path.join(target, 'lib/napi-v8/tfjs_binding.node'));
  for (const name of library.files)
    place(
      path.join(library.folder, 'lib', name),
      path.join(target, 'deps/lib', name),
    );
}

function place(from, to) {
  fs.chmodSync(from, 0o755);
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.rmSync(to, { force: true });
  try {
    fs.linkSync(from, to);
  } catch {
    // node_modules on another disk.
    fs.copyFileSync(from, to);
  }
}

// In a process of its own: a library that does not fit this machine ends the process that loads it.
const trial = `
const { loadTensorflow } = await import(process.argv[1]);
const { tf } = await loadTensorflow({ prefer: 'native' });
const model = tf.sequential({ layers: [
  tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 2, kernelSize: 3, activation: 'relu' }),
  tf.layers.maxPooling2d({ poolSize: 2 }), tf.layers.flatten(), tf.layers.dense({ units: 1 })] });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
const loss = await model.trainOnBatch(tf.ones([4, 8, 8, 1]), tf.ones([4, 1]));
if (!Number.isFinite(loss)) throw new Error('the loss is ' + loss);
`;

/** Whether steps of this checkout get the native binding; `output` says why not. */
export async function checkAddon(node) {
  const { code, output } = await run(
    node,
    [
      ...['--no-warnings', '--input-type=module', '-e', trial],
      path.join(runtime, 'src/index.ts'),
    ],
    { env: childEnvironment(node, { TF_CPP_MIN_LOG_LEVEL: '2' }) },
  );
  return { works: code === 0, output };
}
