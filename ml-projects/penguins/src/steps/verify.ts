/* Reads the files of a dataset, sets aside what cannot be used, and reports on the rest. */
import { fromEnvironment } from '@backstage-mlops/mlops-client';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { checkDataset } from '../data/checkDataset.ts';
import { parseCsv } from '../data/csv.ts';
import { readDefinition, type Definition } from '../data/definition.ts';
import { writeJson, writeRows } from '../data/files.ts';
import { reportDataset } from '../data/reportDataset.ts';
import { verifyRows } from '../data/verifyRows.ts';
import { readOptions } from '../options.ts';

const { dataset, label, out } = readOptions({
  dataset: undefined,
  label: undefined,
  out: undefined,
});
const definition = readDefinition(dataset);
const { rows, filesDigest } = readFiles(definition);
console.log(`${rows.length} rows in ${definition.files.join(', ')}`);

const verification = verifyRows(
  rows,
  // Nothing can be learned from a row that does not say the answer.
  definition.columns.map(column =>
    column.name === label ? { ...column, required: true } : column,
  ),
  definition.checks,
);
const checks = checkDataset({ definition, label, verification, filesDigest });
const report = reportDataset({
  name: dataset,
  label,
  columns: definition.columns,
  verification,
  checks,
});
for (const { row, reason } of verification.setAside)
  console.log(`set aside row ${row}: ${reason}`);
for (const { name, status, message } of checks)
  console.log(`check ${name}: ${status}, ${message}`);
writeRows(`${out}/rows.csv`, definition.columns, verification.accepted);
writeJson(`${out}/report.json`, report);

const tracking = fromEnvironment();
await tracking.logArtifact(
  `datasets/${dataset}/report.json`,
  JSON.stringify(report),
);
const failed = checks.filter(({ status }) => status === 'failed');
if (failed.length > 0)
  throw new Error(
    `Dataset '${dataset}' cannot be used: ${failed
      .map(
        ({ name, message, limit }) =>
          `${name}: ${message}${limit ? ` (${limit})` : ''}`,
      )
      .join('; ')}`,
  );
const [{ values: labels }] = report.counts;
if (labels.length < 2)
  throw new Error(
    `Every row has the same ${label} (${
      labels[0]?.value ?? 'none'
    }); there is nothing to tell apart`,
  );
console.log(
  `${report.rows} rows are accepted, ${report.setAsideRows} set aside; digest ${report.digest}`,
);

function readFiles({ files, columns, name }: Definition) {
  if (!columns.some(column => column.name === label))
    throw new Error(`datasets/${name}.yaml has no column '${label}' to learn`);
  const hash = createHash('sha256');
  const found = files.flatMap(file => {
    if (!existsSync(file))
      throw new Error(
        `datasets/${name}.yaml names ${file}, which is not there`,
      );
    const bytes = readFileSync(file);
    hash.update(bytes);
    const table = parseCsv(bytes.toString('utf8'));
    const missing = columns
      .filter(column => !table.columns.includes(column.name))
      .map(column => column.name);
    if (missing.length > 0)
      throw new Error(
        `${file} has no column ${missing.join(
          ', ',
        )}, which datasets/${name}.yaml describes; it has ${table.columns.join(
          ', ',
        )}`,
      );
    return table.rows;
  });
  return { rows: found, filesDigest: `sha256:${hash.digest('hex')}` };
}
