import path from 'node:path';

/** A program that is started as it is, beside the sources as well as beside the built package. */
export function programFile(name: string): string {
  // eslint-disable-next-line no-restricted-syntax -- `src` and `dist` lie side by side, so the way to `bin` is the same.
  return path.resolve(__dirname, '../bin', name);
}
