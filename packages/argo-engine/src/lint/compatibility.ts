import { cronShape, documentShape, type Shape } from './shapes';

interface Row {
  field: string;
  state: 'supported' | 'ignored' | 'refused';
  why: string;
}

/**
 * The table of fields as Markdown: what the engine of one machine runs, what has no effect there, and what it refuses with the
 * reason. Made from the same shapes that lint uses.
 *
 * @public
 */
export function compatibilityTable(): string {
  const seen = new Set<Shape>();
  const rows = [
    ...rowsOf(documentShape, '', seen),
    ...rowsOf(cronShape, 'CronWorkflow', seen),
  ];
  const part = (state: Row['state']) =>
    rows
      .filter(row => row.state === state)
      .map(row => `| \`${row.field}\` | ${row.why || '-'} |`)
      .join('\n');
  return [
    '## Supported\n',
    rows
      .filter(row => row.state === 'supported')
      .map(row => `- \`${row.field}\``)
      .join('\n'),
    '\n## Ignored, with a notice\n',
    '| field | why |\n| --- | --- |',
    part('ignored'),
    '\n## Refused\n',
    '| field | why |\n| --- | --- |',
    part('refused'),
    '',
  ].join('\n');
}

// A shape that stands at several places is written where it is met first.
function rowsOf(shape: Shape, field: string, seen: Set<Shape>): Row[] {
  switch (shape.is) {
    case 'ignored':
    case 'refused':
      return [{ field, state: shape.is, why: shape.why }];
    case 'object': {
      if (seen.has(shape)) return [];
      seen.add(shape);
      const fields = Object.entries(shape.fields);
      if (shape.others) fields.push(['*', shape.others]);
      return fields.flatMap(([name, inner]) =>
        rowsOf(inner, field === '' ? name : `${field}.${name}`, seen),
      );
    }
    case 'list':
    case 'groups':
      return rowsOf(shape.of, `${field}[]`, seen);
    case 'map':
      return rowsOf(shape.of, `${field}.*`, seen);
    default:
      return [{ field, state: 'supported', why: '' }];
  }
}
