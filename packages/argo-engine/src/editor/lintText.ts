import { parseWorkflows } from '../documents/parseWorkflows';
import type { TemplateLookup } from '../documents/resolveWorkflow';
import { lintWorkflow } from '../lint/lintWorkflow';
import type { Problem } from '../types';

/** A finding with the range of text that an editor underlines. @public */
export interface LintMark extends Problem {
  /** Offsets in the text; `to` is after the last character. */
  from: number;
  to: number;
}

/**
 * All that is wrong with the text of a workflow file, as plain data, with the range of each. Never throws.
 *
 * @public
 */
export function lintText(
  text: string,
  file: string,
  templates?: TemplateLookup,
): LintMark[] {
  const { documents, problems } = parseWorkflows(text, file);
  const found = documents.flatMap(document =>
    lintWorkflow(document, templates),
  );
  return toMarks(text, [...problems, ...found]);
}

/** Problems of one text with their ranges: from their place to the end of what is said there. @public */
export function toMarks(text: string, problems: Problem[]): LintMark[] {
  const starts = lineStarts(text);
  return problems.map(problem => {
    const line = Math.min(problem.line, starts.length) - 1;
    const end = (starts[line + 1] ?? text.length + 1) - 1;
    const from = Math.min(starts[line] + problem.column - 1, end);
    const said = text.slice(from, end).replace(/(?:\s+#.*)?\s*$/, '');
    return {
      ...problem,
      from,
      to: Math.min(text.length, from + Math.max(1, said.length)),
    };
  });
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1))
    starts.push(at + 1);
  return starts;
}
