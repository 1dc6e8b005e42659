/*
 * Says in short texts what the data stages depend on: the data, the code that reads it, and the options. A stage whose text is that
 * of an earlier run need not run again.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { readDefinition } from '../data/definition.ts';
import { writeText } from '../data/files.ts';
import { readOptions } from '../options.ts';

const { dataset, label, seed, out, ...options } = readOptions({
  dataset: undefined,
  label: undefined,
  seed: '7',
  'leave-out': '',
  out: undefined,
});
const code = (...folders: string[]) =>
  folders.flatMap(folder =>
    readdirSync(`src/${folder}`)
      .filter(name => name.endsWith('.ts'))
      .sort()
      .map(name => `src/${folder}/${name}`),
  );
const digest = (files: string[], ...values: string[]) => {
  const hash = createHash('sha256').update(JSON.stringify(values));
  for (const file of files)
    hash.update(`\n${file}\n`).update(readFileSync(file));
  return hash.digest('hex').slice(0, 40);
};
const shared = ['src/options.ts', 'src/random.ts'];
const data = digest(
  [
    `datasets/${dataset}.yaml`,
    ...readDefinition(dataset).files,
    ...code('data'),
    ...shared,
    'src/steps/verify.ts',
  ],
  dataset,
  label,
);
const split = digest(['src/steps/split.ts'], data, seed);
const features = digest(
  [...code('features', 'models'), 'src/steps/rank.ts', 'src/steps/baseline.ts'],
  split,
  options['leave-out'],
);
for (const [name, value] of Object.entries({ data, split, features })) {
  writeText(`${out}/${name}`, value);
  console.log(`${name}: ${value}`);
}
