/*
 * One TensorFlow.js, the quickest that this machine has: tfjs-node's native binding where its addon loads, else WebAssembly with
 * our training kernels. The pure JavaScript backend is never taken in silence: it is a hundred times slower.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import { registerNativeKernels } from './kernels/registerNativeKernels.ts';
import { registerTrainingKernels } from './kernels/registerTrainingKernels.ts';

type Core = typeof import('@tensorflow/tfjs-core');
type Layers = typeof import('@tensorflow/tfjs-layers');

/** Core and layers as one, as the package `@tensorflow/tfjs` has them. */
export type Tensorflow = Core & Layers;
/** What computes. */
export type Backend = 'native' | 'wasm';

export interface LoadedTensorflow {
  tf: Tensorflow;
  backend: Backend;
  /** Version of TensorFlow.js. */
  version: string;
}

const require = createRequire(import.meta.url);

/** Loads TensorFlow.js. `prefer` asks for one backend; `auto` (default) takes native where it loads. Throws when neither does. */
export async function loadTensorflow(
  options: { prefer?: Backend | 'auto' } = {},
): Promise<LoadedTensorflow> {
  const prefer = options.prefer ?? 'auto';
  if (prefer !== 'wasm') {
    const native = loadNative();
    if (native) return native;
    if (prefer === 'native')
      throw new Error(
        'The native binding of tfjs-node does not load here. npm run setup:tfjs-native makes one.',
      );
  }
  return loadWasm();
}

function loadNative(): LoadedTensorflow | undefined {
  // Removed in Node 23, still used by tfjs-node 4.22.
  const old = util as unknown as Record<string, unknown>;
  old.isNullOrUndefined ??= (value: unknown) =>
    value === null || value === undefined;
  old.isArray ??= Array.isArray;
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  try {
    const tf = require('@tensorflow/tfjs-node') as Tensorflow;
    if (tf.getBackend() !== 'tensorflow') return undefined;
    registerNativeKernels(tf);
    return { tf, backend: 'native', version: tf.version_core };
  } catch {
    return undefined;
  }
}

async function loadWasm(): Promise<LoadedTensorflow> {
  const core = require('@tensorflow/tfjs-core') as Core;
  const layers = require('@tensorflow/tfjs-layers') as Layers;
  const wasm =
    require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(
    path.join(
      path.dirname(
        require.resolve('@tensorflow/tfjs-backend-wasm/package.json'),
      ),
      'wasm-out/',
    ),
  );
  // The threaded build starts a worker from a blob address, which Node refuses.
  core.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await core.setBackend('wasm');
  await core.ready();
  if (core.getBackend() !== 'wasm')
    throw new Error(
      `TensorFlow.js runs on '${core.getBackend()}' instead of WebAssembly.`,
    );
  // After the backend is up: it sets up its own kernels as it starts, and ours stand on some of them.
  registerTrainingKernels(core);
  return {
    tf: Object.assign(Object.create(null), core, layers) as Tensorflow,
    backend: 'wasm',
    version: core.version_core,
  };
}
