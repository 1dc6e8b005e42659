import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadModel, loadTensorflow, saveModel } from './index.ts';
import { nativeBindingIsThere } from './testUtils/nativeBinding.ts';

const source = fileURLToPath(new URL('./index.ts', import.meta.url));
const program = (prefer: string) => `
import { loadTensorflow, seededRandom, weightsDigest } from ${JSON.stringify(
  source,
)};
const { tf } = await loadTensorflow({ prefer: '${prefer}' });
const random = seededRandom(1);
const init = seed => tf.initializers.glorotUniform({ seed });
const model = tf.sequential({ layers: [
  tf.layers.conv2d({ inputShape: [12, 12, 3], filters: 4, kernelSize: 3, activation: 'relu', kernelInitializer: init(1) }),
  tf.layers.maxPooling2d({ poolSize: 2 }), tf.layers.flatten(), tf.layers.dense({ units: 2, activation: 'softmax', kernelInitializer: init(2) })] });
model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy' });
const n = 32;
const x = tf.tensor4d(Float32Array.from({ length: n * 432 }, random), [n, 12, 12, 3]);
const y = tf.tensor2d(Array.from({ length: n }, (_, i) => i % 2 ? [1, 0] : [0, 1]).flat(), [n, 2]);
const losses = [];
for (let i = 0; i < 8; i++) losses.push(await model.trainOnBatch(x, y));
console.log(JSON.stringify({ losses, digest: weightsDigest(model) }));`;
const run = (prefer: string) =>
  JSON.parse(
    execFileSync(
      process.execPath,
      ['--no-warnings', '--input-type=module', '-e', program(prefer)],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
      .trim()
      .split('\n')
      .pop()!,
  ) as { losses: number[]; digest: string };

test('the same seed gives the same weights in two processes, and the loss falls', () => {
  const [first, second] = [run('wasm'), run('wasm')];
  assert.equal(first.digest, second.digest);
  assert.ok(first.losses[7] < first.losses[0]);
});

test('the native binding has the losses of WebAssembly within 1e-3; where it is absent, loadTensorflow says so', async context => {
  const { backend } = await loadTensorflow();
  if (!nativeBindingIsThere()) {
    context.diagnostic('no native binding here: npm run setup:tfjs-native');
    assert.equal(backend, 'wasm');
    await assert.rejects(
      loadTensorflow({ prefer: 'native' }),
      /npm run setup:tfjs-native/,
    );
    return;
  }
  assert.equal(backend, 'native');
  const [wasm, native] = [run('wasm'), run('native')];
  assert.notEqual(native.digest, wasm.digest, 'two engines computed');
  wasm.losses.forEach((loss, i) =>
    assert.ok(Math.abs(loss - native.losses[i]) < 1e-3, `step ${i}`),
  );
});

test('a saved model answers the same, and broken files are refused', async () => {
  const { tf } = await loadTensorflow({ prefer: 'wasm' });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'model-'));
  const model = tf.sequential({
    layers: [tf.layers.dense({ inputShape: [3], units: 2 })],
  });
  await saveModel(tf, model, folder);
  const again = await loadModel(tf, folder);
  const x = tf.tensor2d([[1, 2, 3]]);
  assert.deepEqual(
    [...(again.predict(x) as any).dataSync()],
    [...(model.predict(x) as any).dataSync()],
  );
  writeFileSync(path.join(folder, 'weights.bin'), Buffer.alloc(4));
  await assert.rejects(
    loadModel(tf, folder),
    /names 8 weights, but weights.bin holds 1/,
  );
  rmSync(folder, { recursive: true });
});
