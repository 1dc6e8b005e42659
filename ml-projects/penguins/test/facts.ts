/* What the tests are about: the committed data as its dataset file describes them. */
import { readFileSync } from 'node:fs';
import { parseCsv } from '../src/data/csv.ts';
import { readDefinition } from '../src/data/definition.ts';

process.chdir(new URL('..', import.meta.url).pathname);

export const definition = readDefinition('penguins');
export const { columns } = definition;
export const label = 'species';
export const { rows } = parseCsv(readFileSync(definition.files[0], 'utf8'));
