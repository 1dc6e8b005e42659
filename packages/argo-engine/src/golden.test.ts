/*
 * The trees of Argo's own controller, pass by pass, for the records whose workflows lint clean here: those that were handed to us,
 * and those of `__fixtures__`, made with the controller of v4.0.7 (what v4.1 decides otherwise was changed in it) from other workflows.
 */
import { playRecord } from './__testUtils__/playRecord';
import { readRecords } from './__testUtils__/readRecords';

const files = {
  'operate.jsonl': '../../../../shared/argo-golden/operate.jsonl',
  'records.jsonl': './__fixtures__/records.jsonl',
};
const recordsOf = (file: string) =>
  readRecords(file).filter(record => !isRefused(record));

// Refused by Argo's validation, as lint refuses them here: there is no tree.
const isRefused = (record: any) =>
  /^invalid spec/.test(record.after[0].message ?? '');

describe('operate', () => {
  it.each(Object.entries(files))(
    'gives the trees of the real controller, after every pass of every record of %s',
    (_name, file) => {
      const records = recordsOf(file);
      expect(records.length).toBeGreaterThan(60);
      for (const record of records) expect(playRecord(record)).toEqual([]);
    },
  );
});
