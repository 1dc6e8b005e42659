import fs from 'node:fs';
import path from 'node:path';
import { readSpelledJson } from '../documents/spelledItems';

const read = new Map<string, any[]>();

/** Records of a file, one a line; numbers of loops keep their spelling, and nothing of a record can be changed. */
export function readRecords(file: string): any[] {
  const place = path.resolve(__dirname, '..', file);
  const known = read.get(place);
  if (known) return known;
  const lines = fs.readFileSync(place, 'utf8').trim().split('\n');
  const records = lines.map(line => frozen(readSpelledJson(line)) as any);
  read.set(place, records);
  return records;
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
}
