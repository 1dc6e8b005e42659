/** Reads CSV (RFC 4180: quotes, commas and line ends inside quotes) with a header line. An empty cell is an empty text. */
export function parseCsv(text: string): {
  columns: string[];
  rows: Record<string, string>[];
} {
  const [columns = [], ...lines] = parseLines(text.replace(/^\uFEFF/, ''));
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`Column '${twice}' occurs twice`);
  const rows = lines.map((cells, index) => {
    if (cells.length !== columns.length)
      throw new Error(
        `Row ${index + 1} has ${cells.length} cells, the header has ${
          columns.length
        }`,
      );
    return Object.fromEntries(columns.map((name, at) => [name, cells[at]]));
  });
  return { columns, rows };
}

function parseLines(text: string): string[][] {
  const lines: string[][] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|\r|$)/y;
  let line: string[] = [];
  while (cell.lastIndex < text.length) {
    const start = cell.lastIndex;
    const match = cell.exec(text);
    if (!match)
      throw new Error(`Line ${lines.length + 1} has a quote that does not end`);
    line.push(match[1]?.replace(/""/g, '"') ?? match[2]);
    if (match[3] === ',' && cell.lastIndex < text.length) continue;
    if (match[3] === ',') line.push('');
    if (line.length > 1 || line[0] !== '') lines.push(line);
    line = [];
    if (cell.lastIndex === start) break;
  }
  return lines;
}

/** Writes rows as CSV. `undefined` becomes an empty cell. */
export function toCsv(
  columns: string[],
  rows: Record<string, string | number | undefined>[],
): string {
  const toCell = (value: string | number | undefined) => {
    const text = String(value ?? '');
    return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  return `${[columns, ...rows.map(row => columns.map(name => row[name]))]
    .map(cells => cells.map(toCell).join(','))
    .join('\n')}\n`;
}
