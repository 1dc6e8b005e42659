/* Arguments of a run, step or task, and whether a called template gets what it needs. Source: validateArguments and ProcessArgs. */
import type { FieldPath } from '../yaml/fieldPath';
import type { Findings } from './checkShape';
import { checkNames, valueNameFault } from './names';

type Data = Record<string, any>;

const isPlaced = (artifact: Data) =>
  ['from', 'fromExpression', 'raw', 'git', 's3', 'http'].some(
    source => artifact[source] !== undefined,
  );

/** Checks arguments as they are written. `prefix` is their place in Argo's words, as `spec.arguments.`. */
export function checkArguments(
  { arguments: given }: Data,
  {
    path,
    prefix,
    mayBeEmpty,
  }: { path: FieldPath; prefix: string; mayBeEmpty: boolean },
  findings: Findings,
): void {
  const place = [...path, 'arguments'];
  for (const kind of ['parameters', 'artifacts'] as const)
    checkNames(
      given?.[kind],
      {
        path: [...place, kind],
        what: `${prefix}${kind}`,
        fault: valueNameFault,
      },
      findings,
    );
  (given?.parameters ?? []).forEach((parameter: Data, index: number) => {
    const fault = parameterFault(parameter, prefix, mayBeEmpty);
    if (fault)
      findings.add([...place, 'parameters', index], fault.code, fault.message);
  });
  (given?.artifacts ?? []).forEach((artifact: Data, index: number) => {
    const at = [...place, 'artifacts', index];
    if (!isPlaced(artifact))
      findings.add(
        at,
        'missing-source',
        `${prefix}${artifact.name}.from, artifact location, or key is required`,
      );
    if (artifact.from !== undefined && artifact.fromExpression !== undefined)
      findings.add(
        at,
        'two-sources',
        `${prefix}${artifact.name} shouldn't have both \`from\` and \`fromExpression\` in Artifact`,
      );
  });
}

function parameterFault(
  { name, value, valueFrom, enum: choices }: Data,
  prefix: string,
  mayBeEmpty: boolean,
): { code: string; message: string } | undefined {
  const field = `${prefix}${name}`;
  if (value === undefined && valueFrom === undefined && !mayBeEmpty)
    return {
      code: 'missing-value',
      message: `${field}.value or ${field}.valueFrom is required`,
    };
  if (
    valueFrom !== undefined &&
    (valueFrom.supplied === undefined ||
      valueFrom.path !== undefined ||
      valueFrom.parameter !== undefined ||
      valueFrom.expression !== undefined)
  )
    return {
      code: 'invalid-value-from',
      message: `${field}.valueFrom only allows: default, configMapKeyRef and supplied`,
    };
  if (choices === undefined) return undefined;
  if (choices.length === 0)
    return {
      code: 'empty-enum',
      message: `${field}.enum should contain at least one value`,
    };
  if (value === undefined || choices.map(String).includes(String(value)))
    return undefined;
  return {
    code: 'not-in-enum',
    message: `${field}.value should be present in ${field}.enum list`,
  };
}

/** Names the inputs of a called template that nobody gives a value. */
export function missingInputs(called: Data, given: Data | undefined): string[] {
  const names = (kind: 'parameters' | 'artifacts') =>
    new Set((given?.[kind] ?? []).map((item: Data) => item.name));
  const parameters = names('parameters');
  const artifacts = names('artifacts');
  return [
    ...(called.inputs?.parameters ?? [])
      .filter(
        (input: Data) =>
          !parameters.has(input.name) &&
          input.value === undefined &&
          input.default === undefined &&
          input.valueFrom === undefined,
      )
      .map((input: Data) => `inputs.parameters.${input.name}`),
    ...(called.inputs?.artifacts ?? [])
      .filter(
        (input: Data) =>
          !artifacts.has(input.name) && !isPlaced(input) && !input.optional,
      )
      .map((input: Data) => `inputs.artifacts.${input.name}`),
  ];
}
