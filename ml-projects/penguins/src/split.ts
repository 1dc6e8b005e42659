import { splitRows } from './splitRows.ts';
import type { Penguin } from './penguin.ts';
import { options, readJson, write } from './step.ts';

const { rows, out, seed } = options('rows', 'out', 'seed');
const splits = splitRows(readJson<Penguin[]>(rows), Number(seed));
for (const [name, part] of Object.entries(splits)) console.log(`${name}: ${part.length} rows`);
write(out, splits);
