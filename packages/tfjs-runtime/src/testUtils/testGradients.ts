/*
 * Gradients against finite differences, for whatever backend: of a sum of squares the central difference is exact, so what is left
 * is rounding.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, type Tensorflow } from '../index.ts';

type Tensor = import('@tensorflow/tfjs-core').Tensor;
type Shape = [number, number, number, number];

const random = seededRandom(3);
const values = (count: number) =>
  Float32Array.from({ length: count }, () => random() * 2 - 1);
const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Defines the tests. `load` gives TensorFlow on the backend in question. */
export function testGradients(name: string, load: () => Tensorflow): void {
  for (const [size, kernel, stride, pad] of [
    [7, 3, 1, 'same'],
    [8, 3, 1, 'valid'],
    [9, 5, 2, 'same'],
    [8, 1, 1, 'same'],
    [6, 2, 2, 'valid'],
  ] as const)
    test(`${name}: conv2d ${size}x${size}, kernel ${kernel}, stride ${stride}, ${pad}`, () =>
      compare(
        load(),
        (tf, [x, w]) => tf.conv2d(x as never, w as never, stride, pad),
        [
          [2, size, size, 3],
          [kernel, kernel, 3, 4],
        ],
      ));

  test(`${name}: max pooling`, () =>
    compare(load(), (tf, [x]) => tf.maxPool(x as never, 2, 2, 'valid'), [
      [2, 6, 6, 2],
    ]));

  test(`${name}: ReLU and a product`, () =>
    compare(
      load(),
      (tf, [x, w]) =>
        tf.relu(tf.matMul(tf.reshape(x, [4, 6]), tf.reshape(w, [6, 5]))),
      [
        [1, 1, 4, 6],
        [1, 1, 6, 5],
      ],
    ));
}

type Operation = (tf: Tensorflow, inputs: Tensor[]) => Tensor;

function compare(tf: Tensorflow, operation: Operation, shapes: Shape[]): void {
  const inputs = shapes.map(shape => values(sizeOf(shape)));
  const loss = (tensors: Tensor[]) =>
    tf.sum(tf.square(operation(tf, tensors))) as never;
  const tensorsOf = (data: Float32Array[]) =>
    data.map((part, i) => tf.tensor4d(part, shapes[i]));
  const value = (data: Float32Array[]) =>
    tf.tidy(() => (loss(tensorsOf(data)) as Tensor).dataSync()[0]);
  const gradients = tf.tidy(() =>
    tf
      .grads((...tensors) => loss(tensors))(tensorsOf(inputs))
      .map(tensor => Float32Array.from(tensor.dataSync())),
  );
  gradients.forEach((gradient, which) =>
    assertClose(gradient, inputs, which, value),
  );
}

function assertClose(
  gradient: Float32Array,
  inputs: Float32Array[],
  which: number,
  value: (data: Float32Array[]) => number,
): void {
  const eps = 2 ** -8;
  const largest = gradient.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  assert.ok(largest > 0.1, 'there is a gradient');
  const stride = Math.max(1, Math.floor(gradient.length / 25));
  for (let i = 0; i < gradient.length; i += stride) {
    const moved = (by: number) =>
      value(
        inputs.map((data, at) =>
          at === which
            ? data.map((old, j) => (j === i ? old + by : old))
            : data,
        ),
      );
    const measured = (moved(eps) - moved(-eps)) / (2 * eps);
    assert.ok(
      Math.abs(measured - gradient[i]) < largest * 0.01,
      `input ${which}, place ${i}: ${gradient[i]} instead of ${measured}`,
    );
  }
}
