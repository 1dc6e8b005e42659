/** How a model fits, with the rule that says so. */
export interface Verdict {
  name: 'good-fit' | 'overfit' | 'underfit';
  rule: string;
  message: string;
}

/** Accuracy on the rows it learned from, on held-out rows, and of the baseline on the same held-out rows. */
export interface Accuracies {
  training: number;
  heldOut: number;
  baseline: number;
}

const gapLimit = 0.1;

/** Over- or underfit. Worse than a simple rule comes first: then it does not matter how the training went. */
export function judgeFit({ training, heldOut, baseline }: Accuracies): Verdict {
  const rule = `underfit: held-out accuracy below the baseline's; overfit: training accuracy more than ${gapLimit} above held-out accuracy`;
  const name =
    heldOut < baseline
      ? 'underfit'
      : training - heldOut > gapLimit
      ? 'overfit'
      : 'good-fit';
  const [trained, held, simple] = [training, heldOut, baseline].map(value =>
    value.toFixed(3),
  );
  return {
    name,
    rule,
    message: `Accuracy ${trained} on training rows, ${held} on held-out rows; the baseline has ${simple} on the same rows.`,
  };
}
