import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { loadTensorflow, seededRandom, type Tensorflow } from '../index.ts';

let tf: Tensorflow;
before(async () => {
  ({ tf } = await loadTensorflow({ prefer: 'wasm' }));
});
after(() => tf.disposeVariables());

const random = seededRandom(3);
const values = (count: number) =>
  Float32Array.from({ length: count }, () => random() * 2 - 1);

/** Largest difference between a gradient and finite differences, over some places. */
function worst(
  f: (x: Float32Array) => number,
  gradient: Float32Array,
  x: Float32Array,
): number {
  let difference = 0;
  for (let i = 0; i < x.length; i += Math.max(1, Math.floor(x.length / 25))) {
    const eps = 1e-2;
    const [up, down] = [Float32Array.from(x), Float32Array.from(x)];
    up[i] += eps;
    down[i] -= eps;
    difference = Math.max(
      difference,
      Math.abs((f(up) - f(down)) / (2 * eps) - gradient[i]),
    );
  }
  return difference;
}

for (const [size, kernel, stride, pad] of [
  [7, 3, 1, 'same'],
  [8, 3, 1, 'valid'],
  [9, 5, 2, 'same'],
  [8, 1, 1, 'same'],
  [6, 2, 2, 'valid'],
] as const)
  test(`gradients of conv2d ${size}x${size}, kernel ${kernel}, stride ${stride}, ${pad}`, () => {
    const shape: [number, number, number, number] = [2, size, size, 3];
    const filterShape: [number, number, number, number] = [
      kernel,
      kernel,
      3,
      4,
    ];
    const [x, w] = [values(2 * size * size * 3), values(kernel * kernel * 12)];
    const loss = (a: Float32Array, b: Float32Array) =>
      tf.tidy(
        () =>
          tf
            .sum(
              tf.square(
                tf.conv2d(
                  tf.tensor4d(a, shape),
                  tf.tensor4d(b, filterShape),
                  stride,
                  pad,
                ),
              ),
            )
            .dataSync()[0],
      );
    const [dx, dw] = tf.tidy(() =>
      tf
        .grads((a, b) =>
          tf.sum(tf.square(tf.conv2d(a as never, b as never, stride, pad))),
        )([tf.tensor4d(x, shape), tf.tensor4d(w, filterShape)])
        .map(t => t.dataSync() as Float32Array),
    );
    assert.ok(worst(a => loss(a, w), dx, x) < 0.15, 'input');
    assert.ok(worst(b => loss(x, b), dw, w) < 0.15, 'filter');
  });

test('gradients of max pooling go to the first largest value', () => {
  const x = values(2 * 6 * 6 * 2);
  const shape: [number, number, number, number] = [2, 6, 6, 2];
  const f = (a: Float32Array) =>
    tf.tidy(
      () =>
        tf
          .sum(tf.square(tf.maxPool(tf.tensor4d(a, shape), 2, 2, 'valid')))
          .dataSync()[0],
    );
  const dx = tf.tidy(
    () =>
      tf
        .grad(a => tf.sum(tf.square(tf.maxPool(a as never, 2, 2, 'valid'))))(
          tf.tensor4d(x, shape),
        )
        .dataSync() as Float32Array,
  );
  assert.ok(worst(f, dx, x) < 0.05);
});

test('products are right however their sides are turned', () => {
  const [a, b] = [values(12), values(20)];
  const plain = tf.tidy(() =>
    tf.matMul(tf.tensor2d(a, [3, 4]), tf.tensor2d(b, [4, 5])).dataSync(),
  );
  const turned = tf.tidy(() =>
    tf
      .matMul(
        tf.transpose(tf.tensor2d(a, [3, 4])),
        tf.transpose(tf.tensor2d(b, [4, 5])),
        true,
        true,
      )
      .dataSync(),
  );
  plain.forEach((value, i) => assert.ok(Math.abs(value - turned[i]) < 1e-5));
});

test('nothing is left behind by a training step', async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [8, 8, 3],
        filters: 4,
        kernelSize: 3,
        activation: 'relu',
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 2, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  const [x, y] = [
    tf.tensor4d(values(4 * 192), [4, 8, 8, 3]),
    tf.tensor2d([1, 0, 0, 1, 1, 0, 0, 1], [4, 2]),
  ];
  await model.trainOnBatch(x, y);
  const before = tf.memory().numTensors;
  for (let i = 0; i < 5; i++) await model.trainOnBatch(x, y);
  assert.ok(tf.memory().numTensors - before <= 5);
});
