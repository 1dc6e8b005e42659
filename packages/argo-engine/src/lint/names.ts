/* Names of templates, steps, tasks, parameters and artifacts. Source: validateWorkflowFieldNames of Argo's validate.go. */
import type { FieldPath } from '../yaml/fieldPath';
import type { Findings } from './checkShape';

const fieldName = /^[a-zA-Z0-9][-a-zA-Z0-9]*$/;
const valueName = /^[-a-zA-Z0-9_]+$/;
const maxCharacters = 128;

const fieldRule =
  "name must consist of alpha-numeric characters or '-', and must start with an alpha-numeric character (e.g. My-name1-2, 123-NAME)";
const valueRule =
  "Parameter/Artifact name must consist of alpha-numeric characters, '_' or '-' e.g. my_param_1, MY-PARAM-1";

/** What is wrong with the name of a template, step or task. */
export function fieldNameFault(name: string): string | undefined {
  if (name.length > maxCharacters)
    return `must be no more than ${maxCharacters} characters`;
  return fieldName.test(name) ? undefined : fieldRule;
}

/** What is wrong with the name of a parameter or artifact. */
export const valueNameFault = (name: string) =>
  valueName.test(name) ? undefined : valueRule;

/** Checks that the names of a list are valid and told apart. `what` is the list in Argo's words, as `spec.templates`. */
export function checkNames(
  items: { name: string }[] | undefined,
  {
    path,
    what,
    fault,
  }: {
    path: FieldPath;
    what: string;
    fault: (name: string) => string | undefined;
  },
  findings: Findings,
): void {
  const seen = new Set<string>();
  (items ?? []).forEach(({ name }, index) => {
    const place: FieldPath = [...path, index, 'name'];
    const wrong = fault(name);
    if (name === '')
      findings.add(place, 'missing-name', `${what}[${index}].name is required`);
    else if (wrong)
      findings.add(
        place,
        'invalid-name',
        `${what}[${index}].name: '${name}' is invalid: ${wrong}`,
      );
    else if (seen.has(name))
      findings.add(
        place,
        'duplicate-name',
        `${what}[${index}].name '${name}' is not unique`,
      );
    seen.add(name);
  });
}
