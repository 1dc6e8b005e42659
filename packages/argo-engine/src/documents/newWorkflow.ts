import { listParameters } from '../graph/listParameters';
import type { Workflow } from '../types';
import type { ParsedWorkflow } from './parseWorkflows';

/** What makes a run of a template. @public */
export interface NewWorkflowOptions {
  document: ParsedWorkflow;
  name: string;
  namespace?: string;
  uid?: string;
  /** Values by parameter name; they win over the template's. */
  arguments?: Record<string, string>;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  /** ISO 8601. */
  creationTimestamp?: string;
}

/** A Workflow from a template and a submitter's arguments. Values and defaults of parameters become plain values. @public */
export function newWorkflow(options: NewWorkflowOptions): Workflow {
  const { document, name, namespace, uid, labels, creationTimestamp } = options;
  const given = options.arguments ?? {};
  const { metadata = {}, spec } = document.manifest;
  const parameters = listParameters(document).map(parameter => ({
    name: parameter.name,
    value: given[parameter.name] ?? parameter.value ?? parameter.default,
  }));
  return {
    metadata: {
      name,
      namespace: namespace ?? 'default',
      ...(uid ? { uid } : {}),
      labels: { ...metadata.labels, ...labels },
      annotations: { ...metadata.annotations, ...options.annotations },
      ...(creationTimestamp ? { creationTimestamp } : {}),
    },
    spec: {
      ...structuredClone(spec),
      arguments: { ...structuredClone(spec.arguments ?? {}), parameters },
    },
  };
}
