/* Inputs and outputs of a template, by its kind. Source: validateInputs and validateOutputs of Argo's validate.go. */
import type { FieldPath } from '../yaml/fieldPath';
import type { Findings } from './checkShape';
import { isLeaf, kindOf } from './kinds';
import { checkNames, valueNameFault } from './names';

type Data = Record<string, any>;

const kindNames: Record<string, string> = {
  container: 'Container',
  script: 'Script',
  steps: 'Steps',
  dag: 'DAG',
};

/** Checks what a template takes and gives. */
export function checkInputsAndOutputs(
  template: Data,
  path: FieldPath,
  findings: Findings,
): void {
  for (const side of ['inputs', 'outputs'] as const)
    for (const kind of ['parameters', 'artifacts'] as const)
      checkNames(
        template[side]?.[kind],
        {
          path: [...path, side, kind],
          what: `templates.${template.name}.${side}.${kind}`,
          fault: valueNameFault,
        },
        findings,
      );
  for (const side of ['inputs', 'outputs'] as const)
    (template[side]?.artifacts ?? []).forEach((artifact: Data, index: number) =>
      checkArtifact(
        { template, artifact, side },
        [...path, side, 'artifacts', index],
        findings,
      ),
    );
  for (const kind of ['parameters', 'artifacts'] as const)
    (template.outputs?.[kind] ?? []).forEach((output: Data, index: number) =>
      checkGlobalName(
        output,
        `templates.${template.name}.outputs.${kind}.${output.name}`,
        [...path, 'outputs', kind, index, 'globalName'],
        findings,
      ),
    );
  (template.outputs?.parameters ?? []).forEach(
    (parameter: Data, index: number) => {
      const fault = outputFault(template, parameter);
      if (fault)
        findings.add(
          [...path, 'outputs', 'parameters', index],
          'invalid-output',
          fault,
        );
    },
  );
}

// A name with a tag in it is made by the run.
function checkGlobalName(
  { globalName }: Data,
  field: string,
  place: FieldPath,
  findings: Findings,
): void {
  if (!globalName || globalName.includes('{{')) return;
  const fault = valueNameFault(globalName);
  if (fault)
    findings.add(place, 'invalid-name', `${field}.globalName: ${fault}`);
}

function checkArtifact(
  {
    template,
    artifact,
    side,
  }: { template: Data; artifact: Data; side: 'inputs' | 'outputs' },
  place: FieldPath,
  findings: Findings,
): void {
  const field = `templates.${template.name}.${side}.artifacts.${artifact.name}`;
  if (isLeaf(template)) {
    if (!artifact.path)
      findings.add(
        place,
        'missing-path',
        `error in ${field}: Artifact '${artifact.name}' did not specify a path`,
      );
    else if (!artifact.path.startsWith('/') && !/^\{\{/.test(artifact.path))
      findings.add(
        [...place, 'path'],
        'relative-path',
        `${field}.path '${artifact.path}' must be absolute`,
      );
    else if (artifact.path.split('/').includes('..'))
      findings.add(
        [...place, 'path'],
        'path-traversal',
        `error in ${field}: Artifact '${artifact.name}' attempted to use a path containing '..'. Directory traversal is not permitted`,
      );
  } else if (artifact.path)
    findings.add(
      [...place, 'path'],
      'path-not-allowed',
      `${field}.path only valid in container/script templates`,
    );
  if (side === 'inputs' && artifact.from !== undefined)
    findings.add(
      [...place, 'from'],
      'from-not-allowed',
      `${field}.from not valid in inputs`,
    );
  if (artifact.git && !artifact.git.repo)
    findings.add(
      [...place, 'git'],
      'missing-repo',
      `${field}.git.repo is required`,
    );
}

function outputFault(
  template: Data,
  { name, value, valueFrom }: Data,
): string | undefined {
  const field = `templates.${template.name}.outputs.parameters.${name}`;
  if (value !== undefined && valueFrom !== undefined)
    return `${field} has both valueFrom and value specified. Choose one.`;
  if (value !== undefined) return undefined;
  if (valueFrom === undefined)
    return `${field} does not have valueFrom or value specified`;
  const sources = ['path', 'parameter', 'expression', 'supplied'].filter(
    source => valueFrom[source] !== undefined && valueFrom[source] !== '',
  );
  const choices = 'choose one of: path, jqFilter, jsonPath, parameter, raw';
  if (sources.length === 0)
    return `${field}: valueFrom type unspecified. ${choices}, expression`;
  if (sources.length > 1)
    return `${field}: multiple valueFrom types specified. ${choices}`;
  const kind = kindOf(template);
  if ((kind === 'container' || kind === 'script') && sources[0] !== 'path')
    return `${field}.path must be specified for ${kindNames[kind]} templates`;
  if (
    (kind === 'steps' || kind === 'dag') &&
    !['parameter', 'expression'].includes(sources[0])
  )
    return `${field}.parameter or expression must be specified for ${kindNames[kind]} templates`;
  return undefined;
}
