/* Trains once on the backend that is named and prints the speed as JSON. */
import {
  loadTensorflow,
  seededRandom,
  type Backend,
} from '../../packages/tfjs-runtime/src/index.ts';

const [, , backend] = process.argv;
const { tf } = await loadTensorflow({ prefer: backend as Backend });
const [side, images, size] = [64, 512, 32];
const conv = (filters: number, first = {}) =>
  tf.layers.conv2d({
    filters,
    kernelSize: 3,
    padding: 'same',
    activation: 'relu',
    ...first,
  });
const model = tf.sequential({
  layers: [
    conv(8, { inputShape: [side, side, 3] }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    conv(16),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 32, activation: 'relu' }),
    tf.layers.dense({ units: 2, activation: 'softmax' }),
  ],
});
model.compile({
  optimizer: tf.train.adam(0.001),
  loss: 'categoricalCrossentropy',
});
const random = seededRandom(1);
const x = tf.tensor4d(
  Float32Array.from({ length: size * side * side * 3 }, random),
  [size, side, side, 3],
);
const y = tf.tensor2d(
  Array.from({ length: size }, (_, i) => [i % 2, 1 - (i % 2)]),
);
await model.trainOnBatch(x, y);
const [begun, used] = [performance.now(), process.cpuUsage()];
for (let done = 0; done < images * 3; done += size)
  await model.trainOnBatch(x, y);
const { user, system } = process.cpuUsage(used);
console.log(
  JSON.stringify({
    perSecond: (images * 3) / ((performance.now() - begun) / 1000),
    perCpuSecond: (images * 3) / ((user + system) / 1e6),
  }),
);
