/*
 * What can stand at a place of a workflow file while somebody types it. The text is often no YAML at that moment, so the place is
 * found by indentation, line by line upwards; what may stand there is what the lint allows.
 */
import { cronShape, documentShape, type Shape } from '../lint/shapes';
import { namesIn, tagsAt } from './namesIn';

/** One thing to choose. @public */
export interface Completion {
  label: string;
  kind: 'field' | 'value' | 'tag';
  /** What it is: `list`, `object`, `text`; whether it must be there. */
  detail?: string;
  /** Text to put in; the label when absent. */
  insert?: string;
}

/** What can stand at a place, for the text from `from` to `to`. @public */
export interface Completions {
  from: number;
  to: number;
  items: Completion[];
}

/** Where a line of YAML is in its document. */
export interface LinePlace {
  /** Keys from the top; `-` for an item of a list. */
  path: string[];
  /** Keys that stand beside, in the same object. */
  beside: string[];
}

const none = (offset: number): Completions => ({
  from: offset,
  to: offset,
  items: [],
});

/**
 * Fields, values and tags that can stand at an offset of the text of a workflow file. Empty where nothing is known. Never throws.
 *
 * @public
 */
export function completionsAt(text: string, offset: number): Completions {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const before = offset === 0 ? '' : text.slice(start, offset);
  if (/(?:^|\s)#/.test(before)) return none(offset);
  const tag = /\{\{\s*([^{}]*)$/.exec(before);
  if (tag) return choose(offset, tag[1], tagsAt(text, offset));
  const value = /^(\s*(?:- +)*)(["']?)([\w.-]+)\2:\s+(["']?)([^"']*)$/.exec(
    before,
  );
  const at = text.slice(0, start).split('\n').length - 1;
  const lines = text.split('\n');
  if (value) {
    const place = placeOf(lines, at, columnOfKey(value[1]));
    const shape = shapeAt(text, [...place.path, value[3]]);
    const items = valuesFor(text, value[3], shape);
    return choose(offset, value[5], items);
  }
  const item = /^(\s*(?:- +)+)(["']?)([^"':]*)$/.exec(before);
  if (item) {
    const place = placeOf(lines, at, columnOfKey(item[1]));
    const shape = shapeAt(text, place.path);
    const own =
      shape?.is === 'object'
        ? fieldsOf(shape, place.beside)
        : valuesFor(text, place.path.at(-2) ?? '', shape);
    return choose(offset, item[3], own);
  }
  const key = /^(\s*)([\w.-]*)$/.exec(before);
  if (!key) return none(offset);
  const place = placeOf(lines, at, key[1].length);
  const shape = shapeAt(text, place.path);
  return shape?.is === 'object'
    ? choose(offset, key[2], fieldsOf(shape, place.beside))
    : none(offset);
}

function choose(
  offset: number,
  typed: string,
  items: Completion[],
): Completions {
  const wanted = typed.toLowerCase();
  return {
    from: offset - typed.length,
    to: offset,
    items: items
      .filter(
        ({ label }) =>
          label.toLowerCase().startsWith(wanted) && label !== typed,
      )
      .slice(0, 100),
  };
}

const columnOfKey = (head: string) => head.length;

/** The object that a key at a line and column belongs to. */
export function placeOf(
  lines: string[],
  line: number,
  column: number,
): LinePlace {
  const path: string[] = [];
  const beside: string[] = [];
  let open = column;
  // A dash on the line itself opens an item.
  const own = /^(\s*)((?:- +)*)/.exec(lines[line])!;
  let dashes = dashesBefore(own, open);
  for (let at = line; at >= 0; ) {
    for (const dash of dashes) {
      path.unshift('-');
      open = dash;
    }
    at -= 1;
    for (; at >= 0; at--) {
      const shown = lines[at].replace(/\r$/, '');
      if (/^\s*(?:#.*)?$/.test(shown)) continue;
      const found =
        /^(\s*)((?:- +|-$)*)(?:(["']?)([^\s"'#:][^"'#:]*)\3:(?:\s|$))?/.exec(
          shown,
        )!;
      const keyColumn = found[1].length + found[2].length;
      dashes = dashesBefore(found, open);
      if (found[4] !== undefined && keyColumn === open && path.length === 0)
        beside.push(found[4]);
      const isParent =
        found[4] !== undefined &&
        (keyColumn < open ||
          (keyColumn === open &&
            path[0] === '-' &&
            !lines[at].trimStart().startsWith('- ')));
      if (isParent) {
        path.unshift(found[4]);
        open = keyColumn;
        break;
      }
      if (
        dashes.length > 0 &&
        keyColumn >= open &&
        found[1].length < open &&
        path[0] !== '-'
      )
        break;
      dashes = [];
    }
    if (at < 0) break;
  }
  for (let at = line + 1; at < lines.length && path.length > 0; at++) {
    const found = /^(\s*)(?:(["']?)([^\s"'#:-][^"'#:]*)\2:)?/.exec(lines[at])!;
    if (/^\s*(?:#.*)?\r?$/.test(lines[at])) continue;
    if (
      found[1].length < column ||
      (/^\s*- /.test(lines[at]) && found[1].length < column)
    )
      break;
    if (found[1].length === column && found[3]) beside.push(found[3]);
  }
  return { path, beside };
}

/** Columns of the dashes of a line that stand before a column, the nearest first. */
function dashesBefore(match: RegExpExecArray, column: number): number[] {
  return dashColumns(match)
    .filter(at => at < column)
    .reverse();
}

function dashColumns(match: RegExpExecArray): number[] {
  const columns: number[] = [];
  for (let i = 0; i < match[2].length; i++)
    if (match[2][i] === '-') columns.push(match[1].length + i);
  return columns;
}

/** What the lint allows at a path. */
function shapeAt(text: string, path: string[]): Shape | undefined {
  let shape: Shape | undefined = /^kind:\s*["']?CronWorkflow/m.test(text)
    ? cronShape
    : documentShape;
  for (const part of path) {
    if (!shape) return undefined;
    if (shape.is === 'list' || shape.is === 'groups')
      shape = part === '-' ? (shape as { of: Shape }).of : undefined;
    else if (shape.is === 'map') shape = shape.of;
    else if (shape.is === 'object')
      shape = Object.hasOwn(shape.fields, part)
        ? shape.fields[part]
        : shape.others;
    // A group of steps is a list of its own, written with a second dash.
    else if (part !== '-') return undefined;
    else return shape;
  }
  return shape;
}

function fieldsOf(
  shape: Extract<Shape, { is: 'object' }>,
  beside: string[],
): Completion[] {
  return Object.entries(shape.fields)
    .filter(
      ([name, of]) =>
        of.is !== 'refused' && of.is !== 'ignored' && !beside.includes(name),
    )
    .map(([name, of]) => ({
      label: name,
      kind: 'field' as const,
      detail: `${wordOf(of)}${
        shape.required?.includes(name) ? ', needed' : ''
      }`,
      insert: `${name}:${opens(of) ? '' : ' '}`,
    }));
}

const opens = (shape: Shape) =>
  ['list', 'map', 'object', 'groups'].includes(shape.is);

function wordOf(shape: Shape): string {
  const words: Record<string, string> = {
    string: 'text',
    integer: 'whole number',
    boolean: 'true or false',
    duration: 'seconds',
    groups: 'list of groups',
    any: 'any value',
    empty: '{}',
  };
  return words[shape.is] ?? shape.is;
}

const fixed: Record<string, string[]> = {
  apiVersion: ['argoproj.io/v1alpha1'],
  kind: ['WorkflowTemplate', 'CronWorkflow', 'ClusterWorkflowTemplate'],
  retryPolicy: ['Always', 'OnFailure', 'OnError', 'OnTransientError'],
  concurrencyPolicy: ['Allow', 'Forbid', 'Replace'],
};

function valuesFor(
  text: string,
  key: string,
  shape: Shape | undefined,
): Completion[] {
  const names = namesIn(text);
  const values =
    fixed[key] ??
    (shape?.is === 'boolean' ? ['true', 'false'] : undefined) ??
    (key === 'template' || key === 'entrypoint' || key === 'onExit'
      ? names.templates
      : undefined) ??
    (key === 'depends' || key === 'dependencies' ? names.tasks : undefined) ??
    [];
  return values.map(label => ({ label, kind: 'value' as const }));
}
