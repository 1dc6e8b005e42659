/* Finds the best rule over one feature on training rows and measures it on held-out rows. */
import { featureColumns, readDefinition } from '../data/definition.ts';
import { readRows, writeJson } from '../data/files.ts';
import { applyBaseline, learnBaseline } from '../models/baseline.ts';
import { readOptions } from '../options.ts';

const { dataset, label, splits, out } = readOptions({
  dataset: undefined,
  label: undefined,
  splits: undefined,
  out: undefined,
});
const { columns } = readDefinition(dataset);
const rule = learnBaseline(
  readRows(`${splits}/train.csv`, columns),
  featureColumns(columns, label),
  label,
);
const heldOut = readRows(`${splits}/test.csv`, columns);
const accuracy =
  heldOut.filter(row => applyBaseline(rule, row) === String(row[label]))
    .length / heldOut.length;
console.log(rule.text);
console.log(
  `right for ${(accuracy * 100).toFixed(1)} % of ${
    heldOut.length
  } held-out rows`,
);
writeJson(out, { rule: rule.text, accuracy });
