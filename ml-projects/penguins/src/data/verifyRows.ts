/* Decides which rows count. A row that does not is set aside with its reason, never dropped in silence. */
import type { Check, Column, Row } from './definition.ts';
import { isNumeric } from './definition.ts';

/** A row that does not count, and why. */
export interface SetAsideRow {
  row: number;
  reason: string;
  check: string;
  values: Record<string, string>;
}

/** Rows that count, and those that do not. */
export interface Verification {
  accepted: Row[];
  setAside: SetAsideRow[];
}

// How others write "nothing".
const nothing = new Set(['', '.', 'na', 'n/a', 'nan', 'null', 'none', '-']);

/** Checks each row by itself and against those before it. */
export function verifyRows(
  rows: Record<string, string>[],
  columns: Column[],
  checks: Check[],
): Verification {
  const result: Verification = { accepted: [], setAside: [] };
  const seen = new Map<string, number>();
  rows.forEach((values, index) => {
    const read = readRow(values, index + 1, columns);
    const fault =
      read.fault ??
      rangeFault(read.row, checks) ??
      duplicateFault(read.row, columns, seen, checks);
    if (fault) result.setAside.push({ row: index + 1, values, ...fault });
    else result.accepted.push(read.row);
  });
  return result;
}

type Fault = Pick<SetAsideRow, 'reason' | 'check'>;

function readRow(
  values: Record<string, string>,
  place: number,
  columns: Column[],
): { row: Row; fault?: Fault } {
  const row: Row = { row: place };
  const missing: string[] = [];
  for (const column of columns) {
    const text = values[column.name].trim();
    if (nothing.has(text.toLowerCase())) {
      if (column.required !== false) missing.push(column.name);
      continue;
    }
    const reason = typeFault(text, column);
    if (reason) return { row, fault: { check: 'schema', reason } };
    row[column.name] = isNumeric(column) ? Number(text) : text;
  }
  return missing.length > 0
    ? {
        row,
        fault: {
          check: 'missing-values',
          reason: `${missing.join(', ')} ${
            missing.length > 1 ? 'are' : 'is'
          } missing`,
        },
      }
    : { row };
}

function typeFault(
  text: string,
  { name, type, values }: Column,
): string | undefined {
  if (
    (type === 'number' || type === 'integer') &&
    !Number.isFinite(Number(text))
  )
    return `${name} '${text}' is not a number`;
  if (type === 'integer' && !Number.isInteger(Number(text)))
    return `${name} '${text}' is not a whole number`;
  if (type === 'boolean' && !/^(true|false)$/i.test(text))
    return `${name} '${text}' is neither true nor false`;
  if (type === 'date' && Number.isNaN(Date.parse(text)))
    return `${name} '${text}' is not a date`;
  if (values && !values.includes(text))
    return `${name} '${text}' is not one of ${values.join(', ')}`;
  return undefined;
}

function rangeFault(row: Row, checks: Check[]): Fault | undefined {
  for (const {
    name,
    min = -Infinity,
    max = Infinity,
    severity = 'set-aside',
  } of checks) {
    const value = row[name];
    if (
      severity === 'set-aside' &&
      typeof value === 'number' &&
      (value < min || value > max)
    )
      return {
        check: name,
        reason: `${name} ${value} is outside ${min} to ${max}`,
      };
  }
  return undefined;
}

function duplicateFault(
  row: Row,
  columns: Column[],
  seen: Map<string, number>,
  checks: Check[],
): Fault | undefined {
  if (!checks.some(check => check.name === 'duplicates')) return undefined;
  const key = JSON.stringify(columns.map(column => row[column.name] ?? null));
  const first = seen.get(key);
  if (first !== undefined)
    return { check: 'duplicates', reason: `the same as row ${first}` };
  seen.set(key, row.row);
  return undefined;
}
