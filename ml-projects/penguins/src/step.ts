import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

/** Reads the options of a step; all of them are needed. */
export function options<K extends string>(...names: K[]): Record<K, string> {
  const { values } = parseArgs({ options: Object.fromEntries(names.map(name => [name, { type: 'string' as const }])) });
  for (const name of names) if (values[name] === undefined) throw new Error(`--${name} is missing`);
  return values as Record<K, string>;
}

export const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;

export function write(file: string, data: unknown): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, typeof data === 'string' ? data : JSON.stringify(data));
}
