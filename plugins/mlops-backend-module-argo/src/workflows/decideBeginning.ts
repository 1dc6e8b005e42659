/*
 * A workflow that Argo's controller ended before it began, because it had not heard of its WorkflowTemplate. The controller reads
 * templates from a copy of its own, which is late after a restart, or when the API server is busy, and takes what it does not have for
 * wrong. Source: fetchWorkflowSpec in workflow/controller/operator.go, and the errors of its listers.
 */
import type { KubeObject } from '../kube/ListWatch';
import {
  archivingLabel,
  begunAgainAnnotation,
  completedLabel,
  namesAnnotation,
  phaseLabel,
  runLabel,
} from './labels';
import { parseNamesText } from './templateRefs';

/** Seconds before each further beginning; a controller that lost its watch is back within half a minute. */
const waits = [0, 1, 2, 4, 8, 16, 30, 30];

/** Name of the template that the controller did not know; undefined when the workflow is none of ours, or ended otherwise. */
export function unheardTemplate({
  metadata: { name, labels = {}, annotations = {}, deletionTimestamp },
  spec,
  status,
}: KubeObject): string | undefined {
  const isOurs = labels[runLabel] === name && !deletionTimestamp;
  const { phase, message, nodes, ...packed } = status ?? {};
  const hasBegun =
    Object.keys(nodes ?? {}).length > 0 ||
    packed.compressedNodes ||
    packed.offloadNodeStatusVersion;
  if (!isOurs || hasBegun || spec.shutdown) return undefined;
  if (!['Error', 'Failed'].includes(phase)) return undefined;
  const [, missing, other] =
    /workflowtemplates?(?:\.argoproj\.io)? "([^"]+)" not found|Informer cannot find WorkflowTemplate of name "([^"]+)"/.exec(
      message ?? '',
    ) ?? [];
  const known = [
    spec.workflowTemplateRef?.name,
    ...parseNamesText(annotations[namesAnnotation]).keys(),
  ];
  return known.find(
    template => template && [missing, other].includes(template),
  );
}

/** Milliseconds until such a workflow begins again; undefined when it did so often enough. */
export function waitToBegin({ metadata }: KubeObject): number | undefined {
  const seconds = waits[timesBegunAgain(metadata.annotations)];
  return seconds === undefined ? undefined : seconds * 1000;
}

/** The workflow as it was submitted; an annotation counts how often it began again. */
export function asSubmitted(object: KubeObject): KubeObject {
  const { status: _ended, ...whole } = object;
  const labels = { ...object.metadata.labels };
  for (const label of [completedLabel, archivingLabel, phaseLabel])
    delete labels[label];
  const { annotations } = object.metadata;
  return {
    ...whole,
    metadata: {
      ...object.metadata,
      labels,
      annotations: {
        ...annotations,
        [begunAgainAnnotation]: String(timesBegunAgain(annotations) + 1),
      },
    },
  };
}

/** What is told of it until it begins again. */
export const waitingToBegin = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    // Other than the end that it may still come to.
    resourceVersion: `${object.metadata.resourceVersion}-waits`,
  },
  status: {
    phase: 'Pending',
    message:
      "Argo's controller has not heard of the run's WorkflowTemplate yet; the run begins when it has.",
  },
});

const timesBegunAgain = (annotations: Record<string, string> = {}) =>
  Number(annotations[begunAgainAnnotation] ?? 0);
