/* Reads the committed rows, sets aside what cannot be used, and reports what is left. */
import { fromEnvironment } from '@backstage-mlops/mlops-client';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { checkRows, parseCsv } from './checkRows.ts';
import { countBy, features } from './penguin.ts';
import { options, write } from './step.ts';

const { out } = options('out');
const client = fromEnvironment();
const file = readdirSync('data').find(name => name.endsWith('.csv'));
if (!file) throw new Error('the folder data has no .csv file');
const { good, setAside } = checkRows(parseCsv(readFileSync(`data/${file}`, 'utf8')));
const digest = `sha256:${createHash('sha256').update(JSON.stringify(good)).digest('hex')}`;
const species = countBy(good, row => row.species);
const rarest = Math.min(...species.map(({ count }) => count)) / good.length;

const histogram = (name: (typeof features)[number]) => {
  const values = good.map(row => row[name]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const edges = Array.from({ length: 13 }, (_, i) => Number((low + ((high - low) * i) / 12).toFixed(2)));
  const counts = Array(12).fill(0);
  for (const value of values) counts[Math.min(11, Math.floor(((value - low) / (high - low || 1)) * 12))] += 1;
  return { feature: name, edges, counts };
};
const report = {
  name: 'penguins',
  digest,
  rows: good.length,
  setAsideRows: setAside.length,
  counts: [
    { by: 'label', values: species },
    { by: 'source', values: [{ value: 'palmer-station', count: good.length }] },
    { by: 'island', values: countBy(good, row => row.island) },
    { by: 'sex', values: countBy(good, row => row.sex) },
  ],
  histograms: features.map(histogram),
  checks: [
    { name: 'complete and plausible', status: setAside.length > good.length / 10 ? 'warning' : 'passed', value: setAside.length, limit: 'at most a tenth of the rows', message: `${setAside.length} rows were set aside, ${good.length} are used.` },
    { name: 'balance', status: rarest >= 0.1 ? 'passed' : 'warning', value: Number(rarest.toFixed(3)), limit: 'at least 0.1', message: `The rarest species has ${(rarest * 100).toFixed(0)} % of the rows.` },
    { name: 'enough rows', status: good.length >= 100 ? 'passed' : 'failed', value: good.length, limit: 'at least 100', message: `${good.length} rows can be used.` },
  ],
  samples: good.filter((_, i) => i % Math.ceil(good.length / 24) === 0).map(({ species: label, ...values }) => ({ label, source: 'palmer-station', values })),
  setAside: setAside.slice(0, 60).map(({ row, reason }) => ({ reason, label: row.species, source: 'palmer-station', values: row })),
};
await client.logArtifact('datasets/penguins/report.json', JSON.stringify(report));
await client.logInput({ name: 'penguins', digest, profile: { num_rows: good.length } });
await client.logParams({ rows: good.length });
console.log(`${good.length} rows are good, ${setAside.length} were set aside:`);
for (const { reason } of setAside) console.log(`  ${reason}`);
if (good.length < 100) throw new Error(`only ${good.length} rows can be used; at least 100 are needed`);
write(out, good);
