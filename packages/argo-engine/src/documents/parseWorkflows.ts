import type { Problem } from '../types';
import type { FieldPath } from '../yaml/fieldPath';
import { readYaml, type YamlLimits } from '../yaml/readYaml';
import { readSpelledJson } from './spelledItems';

/** Kinds of documents that the engine reads. @public */
export type WorkflowKind =
  | 'Workflow'
  | 'WorkflowTemplate'
  | 'ClusterWorkflowTemplate'
  | 'CronWorkflow';

/** A Workflow, a file of templates or a schedule, as it was written. @public */
export interface ParsedWorkflow {
  file: string;
  kind: WorkflowKind;
  /** `metadata.name`, or `metadata.generateName` of a Workflow without a name. */
  name: string;
  /** The document as plain data. Its shape is checked by `lintWorkflow`, not here. */
  manifest: Record<string, any>;
  /** Place of a field in the file. 1-based. */
  locate(path: FieldPath): { line: number; column: number };
}

const kinds: WorkflowKind[] = [
  'Workflow',
  'WorkflowTemplate',
  'ClusterWorkflowTemplate',
  'CronWorkflow',
];

const refused: Record<string, string> = {
  WorkflowEventBinding: 'event bindings belong to a cluster',
};

/**
 * Reads the workflow documents of a file. Never throws: what cannot be read is a problem, and the other documents stay. A manifest
 * of another kind, such as a ConfigMap, is the problem `other-manifest`; Argo's own commands pass over it.
 *
 * @public
 */
export function parseWorkflows(
  text: string,
  file: string,
  limits?: YamlLimits,
): { documents: ParsedWorkflow[]; problems: Problem[] } {
  const { documents, problems } = readYaml(text, file, limits);
  const parsed: ParsedWorkflow[] = [];
  for (const document of documents) {
    const value = asSent(text) ?? document.value;
    const result = toWorkflow(value, file, document.locate);
    if ('manifest' in result) parsed.push(result);
    else problems.push(result);
  }
  if (documents.length === 0 && problems.length === 0)
    problems.push({
      file,
      line: 1,
      column: 1,
      code: 'empty-file',
      message: 'The file is empty.',
      severity: 'error',
    });
  return { documents: parsed, problems };
}

// A text of JSON keeps how its numbers are spelled.
function asSent(text: string): unknown {
  if (!/^\s*\{/.test(text) || !text.includes('"withItems"')) return undefined;
  try {
    return readSpelledJson(text);
  } catch {
    // It is YAML that only begins like JSON.
    return undefined;
  }
}

function toWorkflow(
  value: unknown,
  file: string,
  locate: ParsedWorkflow['locate'],
): ParsedWorkflow | Problem {
  const fault = (path: FieldPath, code: string, message: string): Problem => ({
    file,
    ...locate(path),
    path: path.join('.') || undefined,
    code,
    message,
    severity: 'error',
  });
  if (!isRecord(value))
    return fault(
      [],
      'not-an-object',
      'A workflow document must be an object with apiVersion, kind, metadata and spec.',
    );
  if (isOther(value))
    return fault(
      ['kind'],
      'other-manifest',
      `A ${show(value.kind)} of ${show(value.apiVersion)} is no workflow.`,
    );
  if (value.apiVersion !== 'argoproj.io/v1alpha1')
    return fault(
      ['apiVersion'],
      'wrong-api-version',
      `apiVersion must be 'argoproj.io/v1alpha1', not ${show(
        value.apiVersion,
      )}.`,
    );
  const kind = kinds.find(item => item === value.kind);
  if (!kind)
    return fault(
      ['kind'],
      'wrong-kind',
      `kind must be one of ${kinds.join(', ')}, not ${show(value.kind)}${
        refused[String(value.kind)] ? `: ${refused[String(value.kind)]}` : ''
      }.`,
    );
  const metadata = isRecord(value.metadata) ? value.metadata : {};
  const name =
    metadata.name ?? (kind === 'Workflow' ? metadata.generateName : undefined);
  if (typeof name !== 'string' || name === '')
    return fault(['metadata'], 'missing-name', 'metadata.name must be given.');
  if (!isRecord(value.spec))
    return fault(
      ['spec'],
      'missing-spec',
      'spec must be given, an object with entrypoint and templates.',
    );
  return { file, kind, name, manifest: value, locate };
}

// Something for a cluster that Argo's tools pass over, such as a ConfigMap.
function isOther({ apiVersion, kind }: Record<string, any>): boolean {
  return (
    typeof apiVersion === 'string' &&
    typeof kind === 'string' &&
    !apiVersion.startsWith('argoproj.io/') &&
    !kinds.some(item => item === kind) &&
    !Object.hasOwn(refused, kind)
  );
}

/** True for a plain object. */
export function isRecord(value: unknown): value is Record<string, any> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
