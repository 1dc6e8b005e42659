/* Judges the dataset as a whole, once it is known which rows count. */
import type { Check, Definition, Row } from './definition.ts';
import type { Verification } from './verifyRows.ts';

/** The verdict of one check. */
export interface CheckResult {
  name: string;
  status: 'passed' | 'warning' | 'failed';
  value?: number | string;
  limit?: string;
  message: string;
}

/** What the checks look at. */
export interface CheckDatasetOptions {
  definition: Definition;
  label: string;
  verification: Verification;
  /** Of the files as they are. */
  filesDigest: string;
}

/** All checks of a dataset, declared ones and the two that always apply (schema, manifest). */
export function checkDataset(options: CheckDatasetOptions): CheckResult[] {
  const { definition, verification } = options;
  const declared = definition.checks.filter(
    ({ name }) => name !== 'schema' && name !== 'manifest',
  );
  return [
    countCheck({ name: 'schema' }, verification),
    manifestCheck(options),
    ...declared.map(check => judge(check, options)),
  ];
}

function judge(
  check: Check,
  { definition, label, verification }: CheckDatasetOptions,
): CheckResult {
  const { accepted } = verification;
  const all = accepted.length + verification.setAside.length;
  switch (check.name) {
    case 'rows':
      return limitCheck(check, accepted.length, 'rows are accepted');
    case 'missing-values': {
      const missing = verification.setAside.filter(
        row => row.check === 'missing-values',
      ).length;
      return limitCheck(
        check,
        all === 0 ? 0 : missing / all,
        'of the rows miss a value and are set aside',
      );
    }
    case 'duplicates':
      return countCheck(check, verification);
    case 'label-balance':
      return limitCheck(
        check,
        smallestShare(accepted, label),
        `of the rows have the rarest ${label}`,
      );
    default:
      if (definition.columns.some(column => column.name === check.name))
        return columnCheck(check, verification);
      throw new Error(
        `Check '${check.name}' is neither a column nor one of rows, missing-values, duplicates, label-balance`,
      );
  }
}

function limitCheck(check: Check, value: number, what: string): CheckResult {
  const { name, min = -Infinity, max = Infinity, severity } = check;
  const status =
    value >= min && value <= max
      ? 'passed'
      : severity === 'fail'
      ? 'failed'
      : 'warning';
  const limits = [
    ...(min > -Infinity ? [`at least ${min}`] : []),
    ...(max < Infinity ? [`at most ${max}`] : []),
  ];
  const shown =
    Number.isInteger(value) && name === 'rows'
      ? String(value)
      : `${(value * 100).toFixed(1)} %`;
  return {
    name,
    status,
    value: Number(value.toFixed(4)),
    limit: limits.join(', ') || undefined,
    message: `${shown} ${what}`,
  };
}

function countCheck(
  { name, severity }: Check,
  { setAside }: Verification,
): CheckResult {
  const count = setAside.filter(row => row.check === name).length;
  const status =
    count === 0 ? 'passed' : severity === 'fail' ? 'failed' : 'warning';
  return {
    name,
    status,
    value: count,
    message:
      count === 0 ? 'no row is set aside' : `${count} rows are set aside`,
  };
}

function columnCheck(check: Check, verification: Verification): CheckResult {
  const {
    name,
    min = -Infinity,
    max = Infinity,
    severity = 'set-aside',
  } = check;
  const limit = `${min} to ${max}`;
  if (severity === 'set-aside')
    return { ...countCheck(check, verification), limit };
  const outside = verification.accepted.filter(
    row =>
      typeof row[name] === 'number' && (row[name] < min || row[name] > max),
  ).length;
  const status =
    outside === 0 ? 'passed' : severity === 'fail' ? 'failed' : 'warning';
  return {
    name,
    status,
    value: outside,
    limit,
    message: `${outside} rows are outside`,
  };
}

function manifestCheck({
  definition,
  filesDigest,
}: CheckDatasetOptions): CheckResult {
  const same =
    definition.digest === undefined || definition.digest === filesDigest;
  const message = same
    ? 'the files are those that the manifest describes'
    : `the files are others than the manifest describes; theirs is ${filesDigest}`;
  return {
    name: 'manifest',
    status: same ? 'passed' : 'warning',
    value: filesDigest,
    message,
  };
}

function smallestShare(rows: Row[], label: string): number {
  const counts = new Map<unknown, number>();
  for (const row of rows)
    counts.set(row[label], (counts.get(row[label]) ?? 0) + 1);
  return rows.length === 0 ? 0 : Math.min(...counts.values()) / rows.length;
}
