/* Splits the accepted rows for training, for choosing, and for the last word; the report learns of it. */
import { fromEnvironment } from '@backstage-mlops/mlops-client';
import { readDefinition } from '../data/definition.ts';
import { readJson, readRows, writeJson, writeRows } from '../data/files.ts';
import type { reportDataset } from '../data/reportDataset.ts';
import { splitRows } from '../data/splitRows.ts';
import { readOptions, toNumber } from '../options.ts';

const options = readOptions({
  dataset: undefined,
  label: undefined,
  seed: '7',
  verified: undefined,
  out: undefined,
});
const { dataset, label, verified, out } = options;
const { columns, splits: shares } = readDefinition(dataset);
const splits = splitRows(readRows(`${verified}/rows.csv`, columns), {
  label,
  shares,
  seed: toNumber(options.seed, 'seed'),
});
const sizes = Object.entries(splits).map(([value, rows]) => ({
  value,
  count: rows.length,
}));
for (const { value, count } of sizes) {
  console.log(`${value}: ${count} rows`);
  if (count === 0)
    throw new Error(`No row is left for ${value}; the dataset is too small`);
}
for (const [name, rows] of Object.entries(splits))
  writeRows(`${out}/${name}.csv`, columns, rows);

const report = readJson<ReturnType<typeof reportDataset>>(
  `${verified}/report.json`,
);
report.counts.push({ by: 'split', values: sizes });
// Later steps say what they learned from, also when this one is not run again.
writeJson(`${out}/dataset.json`, {
  name: dataset,
  digest: report.digest,
  rows: report.rows,
  setAsideRows: report.setAsideRows,
});
await fromEnvironment().logArtifact(
  `datasets/${dataset}/report.json`,
  JSON.stringify(report),
);
