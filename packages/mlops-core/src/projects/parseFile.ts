import {
  closest,
  formatFieldPath,
  readYaml,
  type FieldPath,
  type Problem,
  type YamlDocument,
} from '@backstage-mlops/argo-engine';
import type { z } from 'zod';

/**
 * Reads one of our files with its schema. All faults at once, each with its place, what was expected and what was found.
 * `value` is absent when there is a fault. `check` finds what a schema cannot say.
 *
 * @public
 */
export function parseFile<T>(
  text: string,
  file: string,
  schema: z.ZodType<T>,
  name: string,
  check: (value: T, document: YamlDocument) => Problem[] = () => [],
): { value?: T; problems: Problem[] } {
  const { documents, problems } = readYaml(text, file);
  if (problems.length > 0) return { problems };
  const fault = (code: string, message: string): Problem => ({
    file,
    line: 1,
    column: 1,
    code,
    message,
    severity: 'error',
  });
  if (documents.length === 0)
    return { problems: [fault('empty-file', 'The file is empty.')] };
  if (documents.length > 1)
    return {
      problems: [
        fault(
          'several-documents',
          `The file holds ${documents.length} documents; one is expected.`,
        ),
      ],
    };
  const [document] = documents;
  const result = schema.safeParse(document.value);
  const found: Problem[] = result.success
    ? []
    : result.error.issues.flatMap(issue => toProblems(issue, file, document));
  const given = (document.value as any)?.metadata?.name;
  if (typeof given === 'string' && given !== name)
    found.push({
      file,
      ...document.locate(['metadata', 'name']),
      path: 'metadata.name',
      code: 'wrong-name',
      message: `metadata.name is '${given}', but the ${
        file.endsWith('/mlproject.yaml') ? 'folder' : 'file'
      } is called '${name}'; they must be the same.`,
      severity: 'error',
    });
  if (result.success) found.push(...check(result.data, document));
  return found.length > 0 || !result.success
    ? { problems: atMost(maxFaults, found) }
    : { value: result.data, problems: [] };
}

/** Faults of one file that are told; nobody mends more at once. */
const maxFaults = 100;

function atMost(limit: number, problems: Problem[]): Problem[] {
  if (problems.length <= limit) return problems;
  const message = 'More faults of this file are not shown.';
  const more = { ...problems[limit], code: 'more-faults', message };
  delete more.path;
  return [...problems.slice(0, limit), more];
}

type Located = {
  value: unknown;
  locate(path: FieldPath): { line: number; column: number };
};

function toProblems(
  issue: z.core.$ZodIssue,
  file: string,
  document: Located,
): Problem[] {
  const path = issue.path.filter(
    (part): part is string | number => typeof part !== 'symbol',
  );
  const problem = (at: FieldPath, code: string, message: string): Problem => ({
    file,
    ...document.locate(at),
    path: formatFieldPath(at),
    code,
    message,
    severity: 'error',
  });
  const field = formatFieldPath(path) || 'The file';
  if (issue.code === 'unrecognized_keys') {
    const present = fieldsAt(document.value, path) ?? {};
    // Where a key stands is found by looking, which ten thousand wrong keys are not worth.
    return issue.keys.slice(0, maxFaults + 1).map(key => {
      const at = [...path, key];
      return problem(
        at,
        'unknown-field',
        `${formatFieldPath(at)} is not a field${
          path.length > 0 ? ` of ${field}` : ' of this file'
        }.${hint(key, present)}`,
      );
    });
  }
  if (issue.code === 'invalid_key')
    return [
      problem(
        path,
        'invalid-field',
        `'${path.at(-1)}' cannot be a key of ${formatFieldPath(
          path.slice(0, -1),
        )}; it must be ${issue.issues[0]?.message}.`,
      ),
    ];
  const value = fieldsAt(document.value, path);
  if (value === undefined)
    return [
      problem(
        path,
        'missing-field',
        `${field} is missing; expected ${expectation(issue)}.`,
      ),
    ];
  return [
    problem(
      path,
      'invalid-field',
      `${field} must be ${expectation(issue)}, not ${show(value)}.`,
    ),
  ];
}

const knownFields = [
  'apiVersion',
  'kind',
  'metadata',
  'spec',
  'name',
  'title',
  'description',
  'tags',
  'links',
  'owner',
  'lifecycle',
  'system',
  'component',
  'problem',
  'baseline',
  'risks',
  'nextSteps',
  'decides',
  'forWhom',
  'whyMachineLearning',
  'costOfWrongAnswer',
  'rule',
  'metric',
  'value',
  'sources',
  'schema',
  'splits',
  'checks',
  'licence',
  'manifest',
  'digest',
  'task',
  'classes',
  'primaryMetric',
  'direction',
  'intendedUse',
  'limits',
  'aliases',
  'gates',
  'check',
  'waivers',
  'version',
  'gate',
  'reason',
  'until',
];

function hint(key: string, present: object): string {
  const guess = closest(
    key,
    knownFields.filter(name => !Object.hasOwn(present, name)),
  );
  return guess ? ` Did you mean '${guess}'?` : '';
}

function fieldsAt(value: unknown, path: FieldPath): any {
  return path.reduce<any>(
    (at, part) => (at === null || at === undefined ? undefined : at[part]),
    value,
  );
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return (
        {
          string: 'a text',
          number: 'a number',
          array: 'a list',
          object: 'an object',
          boolean: 'true or false',
          record: 'an object',
          int: 'a whole number',
        }[issue.expected as string] ?? String(issue.expected)
      );
    case 'invalid_value':
      return issue.values.map(value => `'${String(value)}'`).join(' or ');
    case 'too_small':
      return /^(Too|Invalid)/.test(issue.message)
        ? `at least ${issue.minimum}${
            issue.origin === 'string'
              ? ' character(s)'
              : issue.origin === 'array'
              ? ' item(s)'
              : ''
          }`
        : issue.message;
    case 'too_big':
      return /^(Too|Invalid)/.test(issue.message)
        ? `at most ${issue.maximum}${
            issue.origin === 'string'
              ? ' characters'
              : issue.origin === 'array'
              ? ' items'
              : ''
          }`
        : issue.message;
    default:
      return issue.message;
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
