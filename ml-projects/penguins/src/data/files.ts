/* Rows between steps, as CSV files with the place of each row in the source. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseCsv, toCsv } from './csv.ts';
import type { Column, Row } from './definition.ts';
import { isNumeric } from './definition.ts';

/** Writes rows that were accepted. */
export function writeRows(file: string, columns: Column[], rows: Row[]): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(
    file,
    toCsv(['row', ...columns.map(column => column.name)], rows),
  );
}

/** Reads rows that another step wrote. */
export function readRows(file: string, columns: Column[]): Row[] {
  return parseCsv(readFileSync(file, 'utf8')).rows.map(cells => {
    const row: Row = { row: Number(cells.row) };
    for (const column of columns)
      if (cells[column.name] !== '')
        row[column.name] = isNumeric(column)
          ? Number(cells[column.name])
          : cells[column.name];
    return row;
  });
}

/** Writes a value as JSON. */
export function writeJson(file: string, value: unknown): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
}

/** Reads JSON that another step wrote. */
export function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

/** Writes a small text, as an output parameter. */
export function writeText(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
