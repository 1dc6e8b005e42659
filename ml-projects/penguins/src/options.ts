import { parseArgs } from 'node:util';

/** Options of a step, as `--rows=/srv/in/rows`. An option without a default is required; one that is not known is refused. */
export function readOptions<T extends Record<string, string | undefined>>(
  defaults: T,
  args: string[] = process.argv.slice(2),
): { [K in keyof T]: string } {
  const names = Object.keys(defaults);
  const { values } = parseArgs({
    args,
    options: Object.fromEntries(
      names.map(name => [name, { type: 'string' as const }]),
    ),
  });
  const found = Object.fromEntries(
    names.map(name => [name, values[name] ?? defaults[name]]),
  );
  const missing = names.filter(name => found[name] === undefined);
  if (missing.length > 0)
    throw new Error(
      `The step needs ${missing.map(name => `--${name}=...`).join(' ')}`,
    );
  return found as { [K in keyof T]: string };
}

/** A whole number or fraction from an option. */
export function toNumber(text: string, name: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new Error(`--${name} must be a number, not '${text}'`);
  return value;
}
