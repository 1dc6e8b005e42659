import type { Problem } from '@backstage-mlops/argo-engine';
import { findProblems } from './findProblems';

/** How problems are written. */
export type LintOutput = 'text' | 'json' | 'github';

const data = (text: string) =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const levels: Record<Problem['severity'], string> = {
  error: 'error',
  warning: 'warning',
  notice: 'notice',
};

function toText(problems: Problem[]): string {
  const count = (severity: Problem['severity']) =>
    problems.filter(problem => problem.severity === severity).length;
  const lines = problems.map(
    ({ file, line, column, severity, code, message }) =>
      `${file}:${line}:${column}: ${severity} ${code}: ${message}`,
  );
  const [errors, warnings, notices] = [
    count('error'),
    count('warning'),
    count('notice'),
  ];
  return `${[
    ...lines,
    `${problems.length} problems (${errors} errors, ${warnings} warnings, ${notices} notices)`,
  ].join('\n')}\n`;
}

/** A workflow command of GitHub Actions, which shows it beside the line. */
function toAnnotation(problem: Problem): string {
  const { file, line, column, severity, code, message } = problem;
  const value = (text: string) =>
    data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return `::${levels[severity]} file=${value(
    file,
  )},line=${line},col=${column},title=${value(code)}::${data(message)}\n`;
}

const writers: Record<LintOutput, (problems: Problem[]) => string> = {
  text: toText,
  json: problems => `${JSON.stringify(problems, undefined, 2)}\n`,
  github: problems => problems.map(toAnnotation).join(''),
};

/** Checks paths and writes what was found; 1 when something is an error. */
export function lint(
  paths: string[],
  output: LintOutput,
  write: (text: string) => void,
): number {
  const problems = findProblems(paths).sort(
    (a, b) =>
      a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
  );
  write(writers[output](problems));
  return problems.some(problem => problem.severity === 'error') ? 1 : 0;
}
