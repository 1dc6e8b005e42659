/* The rule that the model has to beat: the species most common on the island. Learnt on training rows, measured on test rows. */
import { fromEnvironment } from '@backstage-mlops/mlops-client';
import { countBy, type Splits } from './penguin.ts';
import { options, readJson, write } from './step.ts';

const { splits, out } = options('splits', 'out');
const { train, test } = readJson<Splits>(splits);
const common = (rows: typeof train) => countBy(rows, row => row.species)[0].value;
const overall = common(train);
const rule = new Map([...new Set(train.map(row => row.island))].map(island => [island, common(train.filter(row => row.island === island))]));
for (const [island, species] of rule) console.log(`${island}: ${species}`);
const accuracy = test.filter(row => (rule.get(row.island) ?? overall) === row.species).length / test.length;
console.log(`The rule is right for ${(accuracy * 100).toFixed(1)} % of ${test.length} test rows.`);
await fromEnvironment().logMetrics({ baseline_accuracy: accuracy });
write(out, String(accuracy));
