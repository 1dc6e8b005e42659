import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

/** Reads the options of a step; all of them are needed. */
export function options<K extends string>(...names: K[]): Record<K, string> {
  const { values } = parseArgs({
    options: Object.fromEntries(
      names.map(name => [name, { type: 'string' as const }]),
    ),
  });
  for (const name of names)
    if (values[name] === undefined) throw new Error(`--${name} is missing`);
  return values as Record<K, string>;
}

export const readJson = <T>(file: string): T =>
  JSON.parse(readFileSync(file, 'utf8')) as T;

export function write(file: string, data: string | Uint8Array | object): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(
    file,
    typeof data === 'string' || data instanceof Uint8Array
      ? data
      : JSON.stringify(data),
  );
}

export function countBy<T>(
  items: T[],
  key: (item: T) => string,
): { value: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const item of items)
    counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count);
}
