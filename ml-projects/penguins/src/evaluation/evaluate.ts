/* What held-out rows say of a model, as the report that the portal shows beside a version. */
import { createHash } from 'node:crypto';
import type { Column } from '../data/definition.ts';
import type { RankedFeature } from '../features/rankFeatures.ts';
import { measure, type Prediction } from '../models/softmax.ts';
import type { Verdict } from './verdict.ts';
import { wilson } from './wilson.ts';

/** What an evaluation is made of. */
export interface EvaluateOptions {
  classes: string[];
  heldOut: Prediction[];
  /** Categories that slices are made of. */
  sliceBy: Column[];
  baseline: { rule: string; accuracy: number };
  verdict: Verdict;
  features: RankedFeature[];
}

/** The evaluation report. */
export function evaluate(options: EvaluateOptions) {
  const { classes, heldOut, baseline, verdict, features } = options;
  const labels = [
    ...new Set([...classes, ...heldOut.map(({ truth }) => truth)]),
  ].sort();
  return {
    examples: heldOut.length,
    metrics: metricsOf(heldOut, labels),
    confusionMatrix: {
      labels,
      counts: labels.map(truth =>
        labels.map(
          guess =>
            heldOut.filter(
              each => each.truth === truth && each.prediction === guess,
            ).length,
        ),
      ),
    },
    slices: options.sliceBy.flatMap(column => slicesOf(heldOut, column.name)),
    baseline: {
      rule: baseline.rule,
      metric: 'accuracy',
      value: baseline.accuracy,
    },
    verdict,
    features,
    mistakes: heldOut
      .filter(({ truth, prediction }) => truth !== prediction)
      .sort((a, b) => b.confidence - a.confidence)
      .slice(0, 12)
      .map(({ truth, prediction, confidence, row }) => ({
        truth,
        prediction,
        confidence,
        note: noteOf(row),
      })),
  };
}

/** Every held-out row and its answer. A row is known by what was measured, so that it is the same one in every run. */
export function predictionsOf(heldOut: Prediction[]) {
  return heldOut.map(({ truth, prediction, confidence, row }) => ({
    id: idOf(row),
    truth,
    prediction,
    confidence,
    note: noteOf(row),
  }));
}

function idOf({ row: _place, ...values }: Prediction['row']): string {
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(values).sort()))
    .digest('hex')
    .slice(0, 16);
}

/** Precision, recall and F1 of one class. */
function scoreClass(predictions: Prediction[], label: string) {
  const hits = predictions.filter(
    ({ truth, prediction }) => truth === label && prediction === label,
  ).length;
  const truths = predictions.filter(({ truth }) => truth === label).length;
  const named = predictions.filter(
    ({ prediction }) => prediction === label,
  ).length;
  const precision = named === 0 ? 0 : hits / named;
  const recall = truths === 0 ? 0 : hits / truths;
  const f1 =
    precision + recall === 0
      ? 0
      : (2 * precision * recall) / (precision + recall);
  return { label, hits, truths, named, precision, recall, f1 };
}

function metricsOf(predictions: Prediction[], labels: string[]) {
  const { accuracy, loss } = measure(predictions);
  const scores = labels.map(label => scoreClass(predictions, label));
  const mean = (pick: (score: (typeof scores)[number]) => number) =>
    scores.reduce((sum, score) => sum + pick(score), 0) / scores.length;
  return [
    {
      name: 'accuracy',
      value: accuracy,
      interval: wilson(predictions.filter(isRight).length, predictions.length),
    },
    { name: 'loss', value: loss },
    { name: 'precision', value: mean(score => score.precision) },
    { name: 'recall', value: mean(score => score.recall) },
    { name: 'f1', value: mean(score => score.f1) },
    ...scores.flatMap(score => [
      {
        name: `precision ${score.label}`,
        value: score.precision,
        interval: wilson(score.hits, score.named),
      },
      {
        name: `recall ${score.label}`,
        value: score.recall,
        interval: wilson(score.hits, score.truths),
      },
    ]),
  ];
}

const isRight = ({ truth, prediction }: Prediction) => truth === prediction;

function slicesOf(predictions: Prediction[], feature: string) {
  const values = [
    ...new Set(predictions.map(({ row }) => String(row[feature] ?? 'unknown'))),
  ].sort();
  return values.map(value => {
    const members = predictions.filter(
      ({ row }) => String(row[feature] ?? 'unknown') === value,
    );
    const hits = members.filter(isRight).length;
    return {
      feature,
      value,
      examples: members.length,
      metric: 'accuracy',
      metricValue: hits / members.length,
      interval: wilson(hits, members.length),
    };
  });
}

function noteOf(row: Prediction['row']): string {
  const { row: place, ...values } = row;
  return `row ${place}: ${Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')}`;
}
