/* What held-out examples say of a model, as the portal shows it. */
import type { Example } from './Example.ts';
import { predict, type SoftmaxModel } from './softmax.ts';

/** 95 % interval of a share (Wilson): few examples leave a wide one. */
export function wilson(
  right: number,
  all: number,
): { lower: number; upper: number } {
  if (all === 0) return { lower: 0, upper: 1 };
  const z = 1.96;
  const share = right / all;
  const middle = share + (z * z) / (2 * all);
  const spread =
    z * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all));
  const scale = 1 + (z * z) / all;
  return {
    lower: Math.max(0, (middle - spread) / scale),
    upper: Math.min(1, (middle + spread) / scale),
  };
}

/** The report of a model over held-out examples; the baseline says always what is most frequent in training. */
export function evaluate(
  model: SoftmaxModel,
  heldOut: Example[],
  mostFrequent: string,
) {
  const answers = heldOut.map(example => ({
    example,
    ...predict(model, example.numbers),
  }));
  const right = answers.filter(
    ({ example, label }) => example.label === label,
  ).length;
  const baseline =
    heldOut.filter(({ label }) => label === mostFrequent).length /
    Math.max(1, heldOut.length);
  const accuracy = right / Math.max(1, heldOut.length);
  const isGood = accuracy > baseline;
  return {
    examples: heldOut.length,
    metrics: [
      {
        name: 'accuracy',
        value: accuracy,
        interval: wilson(right, heldOut.length),
      },
    ],
    confusionMatrix: {
      labels: model.classes,
      counts: model.classes.map(truth =>
        model.classes.map(
          label =>
            answers.filter(
              answer =>
                answer.example.label === truth && answer.label === label,
            ).length,
        ),
      ),
    },
    baseline: {
      rule: `Say always ${mostFrequent}.`,
      metric: 'accuracy',
      value: baseline,
    },
    verdict: {
      name: isGood ? ('good-fit' as const) : ('underfit' as const),
      rule: 'A model must be right more often than the rule that says always what is most frequent.',
      message: `Accuracy ${accuracy.toFixed(3)}, baseline ${baseline.toFixed(
        3,
      )}.`,
    },
    mistakes: answers
      .filter(({ example, label }) => example.label !== label)
      .slice(0, 20)
      .map(({ example, label, confidence }) => ({
        id: example.id,
        truth: example.label,
        prediction: label,
        confidence,
        note: example.id,
      })),
  };
}
