import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadTensorflow } from '../index.ts';
import { testGradients } from './testGradients.ts';

const { tf, backend } = await loadTensorflow();
if (backend === 'native') {
  testGradients('native', () => tf);

  test('native: the step function is its own for a slope, and quick without', () => {
    const x = [-2, 0, 3, Infinity, -Infinity, NaN];
    assert.deepEqual(
      [...tf.step(tf.tensor1d(x)).dataSync()],
      [0, 0, 1, 1, 0, NaN],
    );
    assert.deepEqual(
      [...tf.step(tf.tensor1d([-2, 3]), 0.5).dataSync()].map(value =>
        Number(value.toFixed(3)),
      ),
      [0.5, 1],
    );
  });
} else {
  test('without the native binding the backend is called wasm', () =>
    assert.equal(backend, 'wasm'));
}
