import { features, ranges, type Penguin } from './penguin.ts';

/** A row that is not used, and why. */
export interface SetAside {
  row: Record<string, string>;
  reason: string;
}

/** Sorts rows into good ones and ones set aside with a reason. Nothing is dropped in silence. */
export function checkRows(rows: Record<string, string>[]): { good: Penguin[]; setAside: SetAside[] } {
  const good: Penguin[] = [];
  const setAside: SetAside[] = [];
  const seen = new Set<string>();
  for (const row of rows) {
    const reason = fault(row, seen);
    if (reason) setAside.push({ row, reason });
    else good.push({ ...(row as unknown as Penguin), ...Object.fromEntries(features.map(name => [name, Number(row[name])])), sex: row.sex || 'unknown' });
  }
  return { good, setAside };
}

function fault(row: Record<string, string>, seen: Set<string>): string | undefined {
  if (!row.species) return 'The species is missing.';
  for (const name of features) {
    if (!row[name]) return `${name} is missing.`;
    const [low, high] = ranges[name];
    const value = Number(row[name]);
    if (!(value >= low && value <= high)) return `${name} is ${row[name]}, outside ${low} to ${high}.`;
  }
  const text = JSON.stringify(row);
  if (seen.has(text)) return 'The same row is there already.';
  seen.add(text);
  return undefined;
}

/** Rows of a CSV file without quotes. */
export function parseCsv(text: string): Record<string, string>[] {
  const [head, ...lines] = text.trim().split('\n');
  const names = head.split(',');
  return lines.map((line, index) => {
    const values = line.split(',');
    if (values.length !== names.length) throw new Error(`line ${index + 2} has ${values.length} values, the head has ${names.length}`);
    return Object.fromEntries(names.map((name, i) => [name, values[i].trim()]));
  });
}
