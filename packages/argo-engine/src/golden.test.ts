/* The trees of Argo's own controller, pass by pass, for the records whose workflows lint clean here. */
import fs from 'node:fs';
import path from 'node:path';
import { playRecord, readRecord } from './__testUtils__/playRecord';

const file = path.resolve(
  __dirname,
  '../../../../shared/argo-golden/operate.jsonl',
);
const records = fs
  .readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map(readRecord);

// Refused by Argo's validation, as lint refuses them here: there is no tree.
const isRefused = (record: any) =>
  /^invalid spec/.test(record.after[0].message ?? '');

describe('operate', () => {
  const played = records.filter(record => !isRefused(record));

  it(`gives the trees of the real controller in ${played.length} records, after every pass`, () => {
    expect(played.length).toBeGreaterThanOrEqual(300);
    expect(played.flatMap(playRecord)).toEqual([]);
  });
});
