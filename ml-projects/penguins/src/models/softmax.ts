/*
 * Softmax regression: one weight for each feature and class. Small enough to train in a moment, exact enough that the same seed and
 * rows give the same weights to the last bit.
 */
import type { Row } from '../data/definition.ts';
import {
  encodeRow,
  learnEncoding,
  type FeatureEncoding,
} from '../features/Encoding.ts';
import type { Column } from '../data/definition.ts';
import { seededRandom, shuffle } from '../random.ts';

/** Everything that an answer needs, plain JSON. */
export interface SoftmaxModel {
  format: 'softmax-regression/1';
  label: string;
  classes: string[];
  features: FeatureEncoding[];
  /** For each class the weights of the encoded features, the offset last. */
  weights: number[][];
}

/** How a candidate learns. */
export interface TrainingSettings {
  label: string;
  features: Column[];
  seed: number;
  epochs: number;
  learningRate: number;
  /** Strength of weight decay. */
  l2: number;
}

interface Example {
  input: number[];
  answer: number;
}

/** Trains on rows by stochastic gradient descent and tells after each epoch how far it is. */
export function trainSoftmax(
  rows: Row[],
  settings: TrainingSettings,
  onEpoch?: (epoch: number, model: SoftmaxModel) => void,
): SoftmaxModel {
  const { label, seed, epochs } = settings;
  const classes = [...new Set(rows.map(row => String(row[label])))].sort();
  if (classes.length < 2)
    throw new Error(
      `Training needs two values of ${label} at least, the rows have ${
        classes.join('') || 'none'
      }`,
    );
  const features = learnEncoding(rows, settings.features);
  const examples = rows.map(row => ({
    input: encodeRow(row, features),
    answer: classes.indexOf(String(row[label])),
  }));
  const random = seededRandom(seed);
  const weights = classes.map(() =>
    Array.from(
      { length: examples[0].input.length + 1 },
      () => (random() - 0.5) / 10,
    ),
  );
  const model: SoftmaxModel = {
    format: 'softmax-regression/1',
    label,
    classes,
    features,
    weights,
  };
  for (let epoch = 1; epoch <= epochs; epoch++) {
    // Smaller steps towards the end, so that the order of the rows matters less and less.
    const rate = settings.learningRate / (1 + epoch / 50);
    for (const example of shuffle(examples, seed * 10_007 + epoch))
      learn(weights, example, rate, settings.l2);
    onEpoch?.(epoch, model);
  }
  return model;
}

function learn(
  weights: number[][],
  { input, answer }: Example,
  rate: number,
  l2: number,
): void {
  const shares = softmax(weights, input);
  weights.forEach((row, at) => {
    const error = shares[at] - (at === answer ? 1 : 0);
    for (let index = 0; index < input.length; index++)
      row[index] -= rate * (error * input[index] + l2 * row[index]);
    row[input.length] -= rate * error;
  });
}

function softmax(weights: number[][], input: number[]): number[] {
  const scores = weights.map(row =>
    input.reduce(
      (sum, value, index) => sum + value * row[index],
      row[input.length],
    ),
  );
  const highest = Math.max(...scores);
  const powers = scores.map(score => Math.exp(score - highest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map(power => power / total);
}

/** The share of each class for a row, in the order of `model.classes`. */
export function predictShares(model: SoftmaxModel, row: Row): number[] {
  return softmax(model.weights, encodeRow(row, model.features));
}

/** What a model says of labelled rows. */
export interface Prediction {
  row: Row;
  truth: string;
  prediction: string;
  confidence: number;
  /** Share given to the truth. */
  truthShare: number;
}

/** Answers for all rows. */
export function predictRows(model: SoftmaxModel, rows: Row[]): Prediction[] {
  return rows.map(row => {
    const shares = predictShares(model, row);
    const confidence = Math.max(...shares);
    const truth = String(row[model.label]);
    return {
      row,
      truth,
      prediction: model.classes[shares.indexOf(confidence)],
      confidence,
      truthShare: shares[model.classes.indexOf(truth)] ?? 0,
    };
  });
}

/** Share of right answers and mean cross-entropy loss. */
export function measure(predictions: Prediction[]): {
  accuracy: number;
  loss: number;
} {
  const { length } = predictions;
  const right = predictions.filter(
    ({ truth, prediction }) => truth === prediction,
  ).length;
  // A class that the model gives no chance at all would make the loss infinite.
  const loss = predictions.reduce(
    (sum, { truthShare }) => sum - Math.log(Math.max(truthShare, 1e-12)),
    0,
  );
  return { accuracy: right / length, loss: loss / length };
}
