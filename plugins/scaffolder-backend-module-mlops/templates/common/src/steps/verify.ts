/* Reads the data, sets aside what cannot be used, and reports on the rest. */
import { fromEnvironment } from '@backstage-mlops/mlops-client';
import { createHash } from 'node:crypto';
import { readOptions, writeText } from '../options.ts';
import { readExamples } from '../readExamples.ts';
import { countLabels } from '../splitExamples.ts';

const fewest = 20;
const { dataset, out } = readOptions(['dataset', 'out']);
const examples = readExamples('data');
const { items, setAside } = examples;
const labels = countLabels(items);
const checks = [
  {
    name: 'examples',
    status: items.length >= fewest ? 'passed' : 'failed',
    value: items.length,
    limit: `at least ${fewest}`,
    message: `${items.length} examples can be used`,
  },
  {
    name: 'labels',
    status: labels.length >= 2 ? 'passed' : 'failed',
    value: labels.length,
    limit: 'at least 2',
    message: `labels: ${labels
      .map(({ value, count }) => `${value} (${count})`)
      .join(', ')}`,
  },
];
const digest = createHash('sha256').update(JSON.stringify(items)).digest('hex');
await fromEnvironment().logArtifact(
  `datasets/${dataset}/report.json`,
  JSON.stringify({
    name: dataset,
    digest: `sha256:${digest}`,
    rows: items.length,
    setAsideRows: setAside.length,
    counts: [{ by: 'label', values: labels }],
    histograms: [],
    checks,
    samples: items
      .slice(0, 20)
      .map(({ id, label }) => ({ label, values: { example: id } })),
    setAside: setAside
      .slice(0, 60)
      .map(({ id, reason }) => ({ reason: `${id}: ${reason}` })),
  }),
);
for (const { name, status, message } of checks)
  console.log(`check ${name}: ${status}, ${message}`);
if (checks.some(({ status }) => status === 'failed'))
  throw new Error(
    `The data cannot be used: ${checks
      .map(({ message }) => message)
      .join('; ')}`,
  );
writeText(out, JSON.stringify(examples));
