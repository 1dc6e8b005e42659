/*
 * Softmax regression: scores are linear in the standardised measurements. Small enough to write down, and it repeats to the last bit.
 */
import { features, random, shuffled, type Penguin } from './penguin.ts';

/** Everything that is needed to answer. */
export interface Model {
  classes: string[];
  mean: number[];
  deviation: number[];
  /** One row a class: a weight a feature, the offset last. */
  weights: number[][];
}

const vector = (row: Penguin) => features.map(name => row[name]);

/** Shares of the classes for one penguin. */
export function predict(model: Model, row: Penguin): number[] {
  const x = vector(row).map((value, i) => (value - model.mean[i]) / model.deviation[i]);
  const scores = model.weights.map(weights => x.reduce((sum, value, i) => sum + value * weights[i], weights[x.length]));
  const top = Math.max(...scores);
  const powers = scores.map(score => Math.exp(score - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map(power => power / sum);
}

/** Mean loss and share of right answers. */
export function measure(model: Model, rows: Penguin[]): { loss: number; accuracy: number } {
  let loss = 0;
  let right = 0;
  for (const row of rows) {
    const shares = predict(model, row);
    loss -= Math.log(Math.max(shares[model.classes.indexOf(row.species)] ?? 0, 1e-12));
    if (model.classes[shares.indexOf(Math.max(...shares))] === row.species) right += 1;
  }
  return { loss: loss / rows.length, accuracy: right / rows.length };
}

/** Trains by stochastic gradient descent; tells of every epoch. */
export function train(rows: Penguin[], options: { seed: number; epochs: number; rate: number; l2: number }, onEpoch: (epoch: number, model: Model) => void): Model {
  const next = random(options.seed);
  const classes = [...new Set(rows.map(row => row.species))].sort();
  const mean = features.map((_, i) => rows.reduce((sum, row) => sum + vector(row)[i], 0) / rows.length);
  const deviation = features.map((_, i) => Math.sqrt(rows.reduce((sum, row) => sum + (vector(row)[i] - mean[i]) ** 2, 0) / rows.length) || 1);
  const weights = classes.map(() => Array.from({ length: features.length + 1 }, () => (next() - 0.5) * 0.1));
  const model: Model = { classes, mean, deviation, weights };
  for (let epoch = 1; epoch <= options.epochs; epoch++) {
    const rate = options.rate / (1 + epoch / 50);
    for (const row of shuffled(rows, next)) learn(model, row, rate, options.l2);
    onEpoch(epoch, model);
  }
  return model;
}

function learn(model: Model, row: Penguin, rate: number, l2: number): void {
  const x = [...vector(row).map((value, i) => (value - model.mean[i]) / model.deviation[i]), 1];
  predict(model, row).forEach((share, k) => {
    const error = share - (model.classes[k] === row.species ? 1 : 0);
    x.forEach((value, i) => {
      model.weights[k][i] -= rate * (error * value + (i < features.length ? l2 * model.weights[k][i] : 0));
    });
  });
}
