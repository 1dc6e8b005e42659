/* The first check of every head: the files of the project can be read, and nobody left the marks of a merge in them. */
import type { Problem } from '@backstage-mlops/argo-engine';
import type { ChangeCheck, ChangeContext } from './ChangeCheck';
import type { GitComparison } from './GitComparison';

const shownFaults = 50;

/** Makes the check. */
export function filesValid(comparison: GitComparison): ChangeCheck {
  return {
    name: 'files valid',
    applies: async () => true,
    async run(context) {
      const faults = [
        ...(context.after?.problems ?? []).filter(
          problem => problem.severity === 'error',
        ),
        ...(await markersIn(context, comparison)),
      ];
      if (faults.length === 0)
        return {
          state: 'passed',
          message: context.after
            ? 'All files of the project are in order.'
            : 'The project is not there after the change.',
        };
      const lines = faults
        .slice(0, shownFaults)
        .map(({ file, line, message }) => `${file}:${line}: ${message}`);
      const more = faults.length - lines.length;
      return {
        state: 'failed',
        message: [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join(
          '\n',
        ),
      };
    },
  };
}

// All three marks in their order: a heading underlined by `=======` is none.
async function markersIn(
  { change, head }: ChangeContext,
  comparison: GitComparison,
): Promise<Problem[]> {
  const found: Problem[] = [];
  for (const { path, status, diff, truncated } of change.files.slice(0, 300)) {
    if (status === 'deleted') continue;
    if (!truncated && !/^\+<{7}( |\r?$)/m.test(diff)) continue;
    const text = await comparison.text(head, path);
    const line = text === undefined ? undefined : markersLine(text);
    if (line !== undefined)
      found.push({
        file: path,
        line,
        column: 1,
        code: 'merge-markers',
        message:
          'The file holds the marks of a merge (<<<<<<<): decide for one side and take them away.',
        severity: 'error',
      });
  }
  return found;
}

/** The first line of a conflict that git wrote into a text; undefined when there is none. */
export function markersLine(text: string): number | undefined {
  let begin: number | undefined;
  let middle = false;
  const lines = text.split(/\r?\n/);
  for (let place = 0; place < lines.length; place++) {
    const line = lines[place];
    if (/^<{7}( |$)/.test(line)) {
      begin = place + 1;
      middle = false;
    } else if (begin !== undefined && line === '=======') middle = true;
    else if (begin !== undefined && middle && /^>{7}( |$)/.test(line))
      return begin;
  }
  return undefined;
}
