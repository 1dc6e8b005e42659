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
