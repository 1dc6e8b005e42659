/*
 * Says in short texts what the data stages depend on: the code that draws, looks and measures, and the options. A stage whose text is
 * that of an earlier run need not run again.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { options, write } from '../files.ts';

const given = options('count', 'seed', 'out');
const digest = (files: string[], ...values: string[]) => {
  const hash = createHash('sha256').update(JSON.stringify(values));
  for (const file of files)
    hash.update(`\n${file}\n`).update(readFileSync(`src/${file}`));
  return hash.digest('hex').slice(0, 40);
};
const photos = digest(
  [
    'collect.ts',
    'draw.ts',
    'files.ts',
    'photo.ts',
    'random.ts',
    'steps/collect.ts',
  ],
  given.count,
  given.seed,
);
const accepted = digest(['inspect.ts', 'steps/verify.ts'], photos);
const prepared = digest(
  ['pixels.ts', 'split.ts', 'steps/prepare.ts'],
  accepted,
  given.seed,
);
const features = digest(
  ['measures.ts', 'prepared.ts', 'steps/features.ts'],
  prepared,
);
for (const [name, value] of Object.entries({
  photos,
  accepted,
  prepared,
  features,
})) {
  write(`${given.out}/${name}`, value);
  console.log(`${name}: ${value}`);
}
