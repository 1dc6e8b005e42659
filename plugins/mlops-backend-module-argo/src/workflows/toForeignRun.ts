import type { ForeignRun } from '@backstage-mlops/mlops-core';
import type { KubeObject } from '../kube/ListWatch';
import {
  creatorLabel,
  cronLabel,
  kubernetesLabel,
  pipelineLabel,
  projectLabel,
  scheduledAnnotation,
  scheduleLabel,
  startedByAnnotation,
  templateLabel,
} from './labels';

/** A workflow that somebody started beside the portal; undefined when nothing says which project it is of. */
export function toForeignRun(object: KubeObject): ForeignRun | undefined {
  const { name, labels = {}, annotations = {} } = object.metadata;
  const project = labels[projectLabel] ?? labels[kubernetesLabel];
  if (!project) return undefined;
  const spec = object.status?.storedWorkflowTemplateSpec ?? object.spec;
  const template =
    labels[pipelineLabel] ??
    labels[templateLabel] ??
    object.spec.workflowTemplateRef?.name ??
    labels[cronLabel] ??
    object.metadata.generateName;
  return {
    id: name,
    project,
    pipeline: withoutProject(String(template ?? name), project),
    by:
      annotations[startedByAnnotation] ??
      labels[creatorLabel] ??
      'someone beside the portal',
    ...scheduleOf(object),
    createdAt:
      object.metadata.creationTimestamp ?? object.status?.startedAt ?? '',
    workflow: {
      metadata: { name, labels, annotations },
      spec: {
        ...spec,
        arguments: { parameters: [], ...object.spec.arguments },
      },
    },
  };
}

// A schedule of git says which one it is; one that somebody made on the cluster is a stranger's.
function scheduleOf({
  metadata: { labels = {}, annotations = {}, creationTimestamp = '' },
}: KubeObject): Pick<ForeignRun, 'schedule'> {
  const name = labels[scheduleLabel];
  if (!name || !labels[cronLabel]) return {};
  return {
    schedule: {
      name,
      scheduledFor: annotations[scheduledAnnotation] ?? creationTimestamp,
    },
  };
}

// Templates of the portal are called `<project>.<pipeline>`, those of one commit `<project>.<pipeline>-<digest>`.
const withoutProject = (template: string, project: string) =>
  template.startsWith(`${project}.`)
    ? template.slice(project.length + 1).replace(/-[0-9a-f]{10}$/, '')
    : template.replace(/-$/, '');
