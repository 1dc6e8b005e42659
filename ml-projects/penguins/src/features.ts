/* Ranks the measurements: how much of each one's spread lies between the species (F ratio of one-way analysis of variance). */
import { features, type Splits } from './penguin.ts';
import { options, readJson, write } from './step.ts';

const { splits, out } = options('splits', 'out');
const { train } = readJson<Splits>(splits);
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const species = [...new Set(train.map(row => row.species))];
const ranked = features
  .map(name => {
    const all = mean(train.map(row => row[name]));
    const groups = species.map(one => train.filter(row => row.species === one).map(row => row[name]));
    const between = groups.reduce((sum, values) => sum + values.length * (mean(values) - all) ** 2, 0) / (species.length - 1);
    const within = groups.reduce((sum, values) => sum + values.reduce((inner, value) => inner + (value - mean(values)) ** 2, 0), 0) / (train.length - species.length);
    return { name, ratio: between / within };
  })
  .sort((a, b) => b.ratio - a.ratio);
const total = ranked.reduce((sum, { ratio }) => sum + ratio, 0);
const result = ranked.map(({ name, ratio }) => ({ name, importance: Number((ratio / total).toFixed(4)) }));
for (const { name, importance } of result) console.log(`${name}: ${importance}`);
write(out, result);
