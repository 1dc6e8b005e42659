import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadTensorflow, type LoadedTensorflow } from '../index.ts';
import { nativeBindingIsThere } from '../testUtils/nativeBinding.ts';
import { testGradients } from '../testUtils/testGradients.ts';

let loaded: LoadedTensorflow;
before(async () => {
  loaded = await loadTensorflow();
});

if (nativeBindingIsThere()) {
  testGradients('native', () => {
    assert.equal(loaded.backend, 'native');
    return loaded.tf;
  });

  test('native: the step function keeps its slope, and is right without one', () => {
    const { tf } = loaded;
    const x = [-2, 0, 3, Infinity, -Infinity, NaN];
    assert.deepEqual(
      [...tf.step(tf.tensor1d(x)).dataSync()],
      [0, 0, 1, 1, 0, NaN],
    );
    assert.deepEqual(
      [...tf.step(tf.tensor1d([-2, 3]), 0.5).dataSync()],
      [0.5, 1],
    );
  });
} else {
  test('without the native binding the backend is called wasm', () =>
    assert.equal(loaded.backend, 'wasm'));
}
