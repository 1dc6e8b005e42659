/* What `datasets/<name>.yaml` says: the columns, the checks and the shares of the splits. Code asks this file, so other data needs no other code. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A column of the data. */
export interface Column {
  name: string;
  type: 'number' | 'integer' | 'category' | 'text' | 'boolean' | 'date';
  unit?: string;
  values?: string[];
  /** A row without it is set aside. */
  required?: boolean;
}

/** A check. Named like a column it is that column's range. */
export interface Check {
  name: string;
  min?: number;
  max?: number;
  severity?: 'set-aside' | 'warn' | 'fail';
}

/** A dataset as its team describes it. */
export interface Definition {
  name: string;
  columns: Column[];
  checks: Check[];
  /** Shares by name, as `{ train: 0.6, validation: 0.2, test: 0.2 }`. */
  splits: Record<string, number>;
  /** Paths in the project. */
  files: string[];
  /** Of the files when they were described. */
  digest?: string;
}

/** A row after its cells are known to be what the columns say. `row` is its place in the source, from 1. */
export type Row = Record<string, string | number | undefined> & { row: number };

/** Reads `datasets/<name>.yaml` in the working directory. */
export function readDefinition(name: string): Definition {
  if (!/^[a-z0-9][-a-z0-9]*$/.test(name))
    throw new Error(`'${name}' cannot be the name of a dataset`);
  const file = `datasets/${name}.yaml`;
  const { spec } = parse(readFileSync(file, 'utf8')) ?? {};
  if (!spec?.schema?.length) throw new Error(`${file} has no spec.schema`);
  if (spec.schema.some((column: Column) => column.name === 'row'))
    throw new Error(
      `${file}: a column cannot be called 'row', which is the place of a row in the source`,
    );
  const splits = spec.splits ?? { train: 0.6, validation: 0.2, test: 0.2 };
  for (const split of ['train', 'validation', 'test'])
    if (!(splits[split] > 0))
      throw new Error(`${file}: spec.splits.${split} must be a share above 0`);
  const { files = findTables(), digest } = spec.manifest ?? {};
  if (files.length === 0)
    throw new Error(
      `${file} names no files in spec.manifest.files, and data has no .csv file`,
    );
  return {
    name,
    columns: spec.schema,
    checks: spec.checks ?? [],
    splits,
    files,
    digest,
  };
}

function findTables(): string[] {
  return readdirSync('data')
    .filter(name => name.endsWith('.csv'))
    .sort()
    .map(name => `data/${name}`);
}

/** The columns that a model may learn from: numbers and categories other than the label and those left out (names with commas). */
export function featureColumns(
  columns: Column[],
  label: string,
  leaveOut = '',
): Column[] {
  const hidden = new Set([
    label,
    ...leaveOut.split(',').map(name => name.trim()),
  ]);
  return columns.filter(
    ({ name, type }) => !hidden.has(name) && !['text', 'date'].includes(type),
  );
}

export const isNumeric = (column: Column) =>
  column.type === 'number' || column.type === 'integer';
