/* Ranks the features by what each alone tells of the label, on training rows. */
import { featureColumns, readDefinition } from '../data/definition.ts';
import { readRows, writeJson } from '../data/files.ts';
import { rankFeatures } from '../features/rankFeatures.ts';
import { readOptions } from '../options.ts';

const options = readOptions({
  dataset: undefined,
  label: undefined,
  'leave-out': '',
  splits: undefined,
  out: undefined,
});
const { dataset, label, splits, out } = options;
const { columns } = readDefinition(dataset);
const ranked = rankFeatures(
  readRows(`${splits}/train.csv`, columns),
  featureColumns(columns, label, options['leave-out']),
  label,
);
for (const { name, importance } of ranked)
  console.log(`${importance.toFixed(3)}  ${name}`);
writeJson(out, ranked);
