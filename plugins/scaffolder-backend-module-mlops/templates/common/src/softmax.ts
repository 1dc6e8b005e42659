/* Softmax regression: one weighted sum a class. Inputs are standardised, so that no number counts for its unit. */
import type { Example } from './Example.ts';

export interface SoftmaxModel {
  classes: string[];
  means: number[];
  deviations: number[];
  /** By class: a weight for every number, then one that stands alone. */
  weights: number[][];
}

export interface TrainingOptions {
  epochs: number;
  learningRate: number;
  /** Told after every pass. */
  onEpoch?(epoch: number, loss: number): void;
}

const decay = 0.001;

/** Learns from examples by gradient descent over all of them. */
export function trainSoftmax(
  examples: Example[],
  options: TrainingOptions,
): SoftmaxModel {
  const classes = [...new Set(examples.map(item => item.label))].sort();
  if (classes.length < 2)
    throw new Error(
      `Every example is '${classes[0] ?? ''}'; there is nothing to tell apart`,
    );
  const width = examples[0].numbers.length;
  const means = Array.from({ length: width }, (_, i) =>
    mean(examples.map(item => item.numbers[i])),
  );
  const deviations = means.map(
    (middle, i) =>
      Math.sqrt(mean(examples.map(item => (item.numbers[i] - middle) ** 2))) ||
      1,
  );
  const model: SoftmaxModel = {
    classes,
    means,
    deviations,
    weights: classes.map(() => new Array<number>(width + 1).fill(0)),
  };
  const inputs = examples.map(item => standardised(model, item.numbers));
  for (let epoch = 1; epoch <= options.epochs; epoch++) {
    const loss = onePass(model, examples, inputs, options.learningRate);
    options.onEpoch?.(epoch, loss);
  }
  return model;
}

function onePass(
  model: SoftmaxModel,
  examples: Example[],
  inputs: number[][],
  rate: number,
): number {
  const steps = model.weights.map(row => row.map(weight => weight * decay));
  let loss = 0;
  inputs.forEach((input, at) => {
    const shares = sharesOf(model, input);
    model.classes.forEach((name, k) => {
      const isRight = name === examples[at].label;
      if (isRight) loss -= Math.log(Math.max(shares[k], 1e-12));
      const error = (shares[k] - (isRight ? 1 : 0)) / inputs.length;
      input.forEach((value, i) => (steps[k][i] += error * value));
    });
  });
  model.weights = model.weights.map((row, k) =>
    row.map((weight, i) => weight - rate * steps[k][i]),
  );
  return loss / inputs.length;
}

/** The most likely class, and how sure the model is of it. */
export function predict(
  model: SoftmaxModel,
  numbers: number[],
): { label: string; confidence: number } {
  const shares = sharesOf(model, standardised(model, numbers));
  const best = shares.indexOf(Math.max(...shares));
  return { label: model.classes[best], confidence: shares[best] };
}

function standardised(
  { means, deviations }: SoftmaxModel,
  numbers: number[],
): number[] {
  return [...numbers.map((value, i) => (value - means[i]) / deviations[i]), 1];
}

function sharesOf({ weights }: SoftmaxModel, input: number[]): number[] {
  const sums = weights.map(row =>
    row.reduce((sum, weight, i) => sum + weight * input[i], 0),
  );
  const top = Math.max(...sums);
  const powers = sums.map(sum => Math.exp(sum - top));
  const all = powers.reduce((sum, power) => sum + power, 0);
  return powers.map(power => power / all);
}

const mean = (values: number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
