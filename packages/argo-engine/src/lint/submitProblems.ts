import type { ParsedWorkflow } from '../documents/parseWorkflows';
import { listParameters } from '../graph/listParameters';
import { closest } from './closest';

/** A fault of a submitter's argument. @public */
export interface ArgumentProblem {
  parameter: string;
  message: string;
}

const maxCharacters = 65_536;

/** Holds a submitter's arguments against the parameters of a template: unknown, missing, not among the choices, too long. @public */
export function submitProblems(
  document: ParsedWorkflow,
  given: Record<string, string>,
): ArgumentProblem[] {
  const declared = listParameters(document);
  const problems: ArgumentProblem[] = [];
  const add = (parameter: string, message: string) =>
    problems.push({ parameter, message });
  for (const [name, value] of Object.entries(given)) {
    const parameter = declared.find(item => item.name === name);
    if (!parameter) {
      const guess = closest(
        name,
        declared.map(item => item.name),
      );
      add(
        name,
        `Pipeline '${document.name}' has no parameter '${name}'.${
          guess ? ` Did you mean '${guess}'?` : ''
        }`,
      );
    } else if (value.length > maxCharacters)
      add(
        name,
        `Parameter '${name}' has ${value.length} characters; at most ${maxCharacters} are taken.`,
      );
    else if (parameter.enum && !parameter.enum.includes(value))
      add(
        name,
        `Parameter '${name}' cannot be '${value.slice(
          0,
          100,
        )}': choose one of ${parameter.enum.join(', ')}.`,
      );
  }
  for (const parameter of declared)
    if (
      given[parameter.name] === undefined &&
      parameter.value === undefined &&
      parameter.default === undefined
    )
      add(parameter.name, `Parameter '${parameter.name}' needs a value.`);
  return problems;
}
