import type { ParsedWorkflow } from '../documents/parseWorkflows';
import type { Problem } from '../types';
import { formatFieldPath, type FieldPath } from '../yaml/fieldPath';
import { closest } from './closest';
import type { Shape } from './shapes';

/** Collects problems of one document. */
export class Findings {
  readonly problems: Problem[] = [];

  constructor(private readonly document: ParsedWorkflow) {}

  add(
    path: FieldPath,
    code: string,
    message: string,
    severity: Problem['severity'] = 'error',
  ) {
    if (this.problems.length >= 200) return;
    const place = this.document.locate(path);
    this.problems.push({
      file: this.document.file,
      ...place,
      path: formatFieldPath(path),
      code,
      message,
      severity,
    });
  }
}

/** Holds a value against a shape; every difference becomes a finding. */
export function checkShape(
  value: unknown,
  shape: Shape,
  path: FieldPath,
  findings: Findings,
): void {
  const field = formatFieldPath(path);
  const wrong = (expected: string) =>
    findings.add(
      path,
      'wrong-type',
      `${field || 'The document'} must be ${expected}, not ${describe(value)}.`,
    );
  switch (shape.is) {
    case 'any':
      return undefined;
    case 'ignored':
      return findings.add(
        path,
        'ignored-field',
        `${field} has no effect on one machine: ${shape.why}.`,
        'notice',
      );
    case 'refused':
      return findings.add(
        path,
        'unsupported-field',
        `${field} is not supported: ${shape.why}.`,
      );
    case 'string':
      return typeof value === 'string' ? undefined : wrong('a text');
    case 'text':
      return isText(value) ? undefined : wrong('a text, a number or a boolean');
    case 'integer':
      return Number.isInteger(value) ? undefined : wrong('a whole number');
    case 'duration':
      return Number.isInteger(value) || /^(\d+|\{\{.*\}\})$/.test(String(value))
        ? undefined
        : wrong('a whole number of seconds');
    case 'boolean':
      return typeof value === 'boolean' ? undefined : wrong('true or false');
    case 'empty':
      return isRecord(value) ? undefined : wrong('an object, as {}');
    default:
      return checkComposite(value, shape, path, findings, wrong);
  }
}

type Composite = Extract<Shape, { is: 'list' | 'map' | 'object' | 'groups' }>;

function checkComposite(
  value: unknown,
  shape: Composite,
  path: FieldPath,
  findings: Findings,
  wrong: (expected: string) => void,
): void {
  if (shape.is === 'object') {
    if (!isRecord(value)) return wrong('an object');
    return checkObject(value, shape, path, findings);
  }
  if (shape.is === 'map') {
    if (!isRecord(value)) return wrong('an object');
    return Object.entries(value).forEach(([key, item]) =>
      checkShape(item, shape.of, [...path, key], findings),
    );
  }
  if (!Array.isArray(value)) return wrong('a list');
  return value.forEach((item, index) => {
    if (shape.is === 'list')
      checkShape(item, shape.of, [...path, index], findings);
    else checkGroup(item, shape, [...path, index], findings);
  });
}

function checkGroup(
  value: unknown,
  shape: Extract<Shape, { is: 'groups' }>,
  path: FieldPath,
  findings: Findings,
): void {
  if (Array.isArray(value))
    value.forEach((member, at) =>
      checkShape(member, shape.of, [...path, at], findings),
    );
  else
    findings.add(
      path,
      'wrong-type',
      `${formatFieldPath(
        path,
      )} must be a list of steps that run together, not ${describe(value)}.`,
    );
}

function checkObject(
  value: Record<string, unknown>,
  shape: Extract<Shape, { is: 'object' }>,
  path: FieldPath,
  findings: Findings,
): void {
  for (const [key, item] of Object.entries(value)) {
    const inner = [...path, key];
    const known = Object.prototype.hasOwnProperty.call(shape.fields, key);
    const expected = known ? shape.fields[key] : shape.others;
    if (expected && item !== null && item !== undefined)
      checkShape(item, expected, inner, findings);
    else if (!expected) {
      const guess = closest(key, Object.keys(shape.fields));
      findings.add(
        inner,
        'unknown-field',
        `${formatFieldPath(inner)} is not a field${
          path.length ? ` of ${formatFieldPath(path)}` : ''
        }.${guess ? ` Did you mean '${guess}'?` : ''}`,
      );
    }
  }
  for (const name of shape.required ?? [])
    if (value[name] === undefined || value[name] === null)
      findings.add(
        path,
        'missing-field',
        `${formatFieldPath([...path, name])} is missing.`,
      );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown) =>
  ['string', 'number', 'boolean'].includes(typeof value);

/** Says what a value is, shortly. */
export function describe(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
