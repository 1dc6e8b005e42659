import type { LoadedTensorflow } from '@backstage-mlops/tfjs-runtime';
import { seededRandom, seededShuffle } from '@backstage-mlops/tfjs-runtime';
import { labels, pixelsPerPhoto, side, type Label } from './photo.ts';

type Tf = LoadedTensorflow['tf'];
type Model = import('@tensorflow/tfjs-layers').LayersModel;

/** What is tried. */
export interface Settings {
  seed: number;
  epochs: number;
  rate: number;
  filters: number;
}

/** Photos as the network takes them. */
export interface Examples {
  pixels: Uint8Array;
  labels: Label[];
}

/** Input, two hidden blocks of convolution with ReLU, output. */
export function build(tf: Tf, { seed, rate, filters }: Settings): Model {
  const init = (at: number) =>
    tf.initializers.heNormal({ seed: seed * 10 + at });
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [side, side, 3],
        filters,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        kernelInitializer: init(1),
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({
        filters: filters * 2,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        kernelInitializer: init(2),
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({
        units: 24,
        activation: 'relu',
        kernelInitializer: init(3),
      }),
      tf.layers.dense({
        units: labels.length,
        activation: 'softmax',
        kernelInitializer: init(4),
      }),
    ],
  });
  model.compile({
    optimizer: tf.train.adam(rate),
    loss: 'categoricalCrossentropy',
  });
  return model;
}

function batch(tf: Tf, examples: Examples, places: number[]) {
  const data = new Float32Array(places.length * pixelsPerPhoto);
  places.forEach((place, i) => {
    for (let j = 0; j < pixelsPerPhoto; j++)
      data[i * pixelsPerPhoto + j] =
        examples.pixels[place * pixelsPerPhoto + j] / 255;
  });
  return {
    x: tf.tensor4d(data, [places.length, side, side, 3]),
    y: tf.tensor2d(
      places.flatMap(place =>
        labels.map(label => (label === examples.labels[place] ? 1 : 0)),
      ),
      [places.length, labels.length],
    ),
  };
}

/** Trains in an order that the seed decides; tells the loss of every epoch. */
export async function train(
  tf: Tf,
  model: Model,
  examples: Examples,
  settings: Settings,
  onEpoch: (epoch: number, loss: number) => void,
): Promise<void> {
  const random = seededRandom(settings.seed);
  const all = [...examples.labels.keys()];
  for (let epoch = 1; epoch <= settings.epochs; epoch++) {
    const order = seededShuffle(all, random);
    let loss = 0;
    for (let at = 0; at < order.length; at += 32) {
      const places = order.slice(at, at + 32);
      const { x, y } = batch(tf, examples, places);
      loss += ((await model.trainOnBatch(x, y)) as number) * places.length;
      x.dispose();
      y.dispose();
    }
    onEpoch(epoch, loss / order.length);
  }
}

/** Shares of the labels for each photo. */
export function predict(tf: Tf, model: Model, examples: Examples): number[][] {
  const answers: number[][] = [];
  for (let at = 0; at < examples.labels.length; at += 64) {
    const places = [...examples.labels.keys()].slice(at, at + 64);
    const { x, y } = batch(tf, examples, places);
    const output = model.predict(x) as import('@tensorflow/tfjs-core').Tensor2D;
    answers.push(...(output.arraySync() as number[][]));
    [x, y, output].forEach(tensor => tensor.dispose());
  }
  return answers;
}

/** Mean loss and share of right answers. */
export function score(
  answers: number[][],
  truth: Label[],
): { loss: number; accuracy: number } {
  let loss = 0;
  let right = 0;
  answers.forEach((shares, i) => {
    loss -= Math.log(Math.max(shares[labels.indexOf(truth[i])], 1e-7));
    if (answerOf(shares) === truth[i]) right += 1;
  });
  return { loss: loss / truth.length, accuracy: right / truth.length };
}

export const answerOf = (shares: number[]): Label =>
  labels[shares.indexOf(Math.max(...shares))];
