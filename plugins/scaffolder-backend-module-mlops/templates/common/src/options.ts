import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Values of `--name=value`; every name must be given. */
export function readOptions<K extends string>(
  names: K[],
  args: string[] = process.argv.slice(2),
): Record<K, string> {
  const given = new Map(
    args.map(arg => {
      const [, name, value] = /^--([a-z-]+)=(.*)$/s.exec(arg) ?? [];
      if (name === undefined || !names.includes(name as K))
        throw new Error(`'${arg}' is no option; known: ${names.join(', ')}`);
      return [name, value];
    }),
  );
  const missing = names.filter(name => !given.has(name));
  if (missing.length > 0)
    throw new Error(`--${missing.join(', --')} is missing`);
  return Object.fromEntries(given) as Record<K, string>;
}

/** The number of an option. */
export function toNumber(text: string, name: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new Error(`--${name} must be a number, not '${text}'`);
  return value;
}

/** Writes a file, with its folder. */
export function writeText(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
