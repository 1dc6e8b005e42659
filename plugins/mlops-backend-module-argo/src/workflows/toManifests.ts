/*
 * The objects that a run becomes: an immutable WorkflowTemplate with the pipeline as the pinned commit has it, a Workflow that
 * refers to it, and a Secret with the run's token. Names follow from ids and contents, so that the same run asked for twice
 * gives the same objects.
 */
import { InputError, type EngineRun } from '@backstage-mlops/mlops-core';
import { createHash } from 'node:crypto';
import { allowedSpec } from './allowed';
import {
  commitAnnotation,
  creatorLabel,
  digestAnnotation,
  fileAnnotation,
  kubernetesLabel,
  pipelineLabel,
  projectLabel,
  runLabel,
  startedByAnnotation,
  templateLabel,
  toLabelValue,
} from './labels';
import { rebuild } from './rebuild';
import { toPlural } from './toPlural';

/** What all runs on one cluster share. */
export interface ClusterDefaults {
  namespace: string;
  /** Service account of pods; it needs to report results only. */
  serviceAccount: string;
  /** Label `workflows.argoproj.io/controller-instanceid` of the controller, when it has one. */
  instanceId?: string;
}

const apiVersion = 'argoproj.io/v1alpha1';
const instanceLabel = 'workflows.argoproj.io/controller-instanceid';

/** Objects of a run. */
export interface Manifests {
  template: Record<string, any>;
  workflow: Record<string, any>;
  secret: Record<string, any>;
}

/** Builds the objects of a run. InputError that names every field which a cluster is not asked for. */
export function toManifests(
  run: EngineRun,
  defaults: ClusterDefaults,
): Manifests {
  const refused: string[] = [];
  const spec = rebuild(
    toPlural(run.workflow.spec),
    allowedSpec,
    'spec',
    refused,
  );
  if (refused.length > 0)
    throw new InputError(
      `${run.file} asks the cluster for what is not allowed: ${refused
        .slice(0, 20)
        .join(', ')}.`,
      'invalid-file',
    );
  const { arguments: given, suspend, ...kept } = spec;
  const templateSpec = withEnvironment(kept, run);
  const digest = digestOf(templateSpec);
  const templateName = `${run.project}-${run.pipeline}`
    .slice(0, 52)
    .concat(`-${digest.slice(0, 10)}`);
  const labels = {
    [projectLabel]: run.project,
    [pipelineLabel]: run.pipeline,
    [kubernetesLabel]: run.project,
    ...(defaults.instanceId ? { [instanceLabel]: defaults.instanceId } : {}),
  };
  const workflowSpec = {
    ...(suspend ? { suspend } : {}),
    workflowTemplateRef: { name: templateName },
    entrypoint: spec.entrypoint,
    arguments: given,
    ...restricted(defaults),
  };
  return {
    template: {
      apiVersion,
      kind: 'WorkflowTemplate',
      metadata: {
        name: templateName,
        namespace: defaults.namespace,
        labels,
        annotations: {
          [digestAnnotation]: digest,
          [commitAnnotation]: run.commit,
          [fileAnnotation]: run.file,
        },
      },
      spec: templateSpec,
    },
    workflow: {
      apiVersion,
      kind: 'Workflow',
      metadata: {
        name: run.id,
        namespace: defaults.namespace,
        labels: {
          ...labels,
          [runLabel]: run.id,
          [creatorLabel]: toLabelValue(run.by),
          [templateLabel]: templateName,
        },
        annotations: {
          ...textsOf(run.workflow.metadata.annotations),
          [digestAnnotation]: digestOf(workflowSpec),
          [commitAnnotation]: run.commit,
          [fileAnnotation]: run.file,
          [startedByAnnotation]: run.by,
        },
      },
      spec: workflowSpec,
    },
    secret: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: secretName(run.id),
        namespace: defaults.namespace,
        labels: { [runLabel]: run.id },
      },
      type: 'Opaque',
      stringData: { ...run.environment, ...run.secrets },
    },
  };
}

/** Name of the Secret of a run. */
export const secretName = (run: string) => `mlops-${run}`;

// Only titles and descriptions go along; annotations steer the controller too.
function textsOf(annotations: Record<string, string> = {}) {
  const wanted = [
    'workflows.argoproj.io/title',
    'workflows.argoproj.io/description',
    'workflows.argoproj.io/scheduled-time',
  ];
  return Object.fromEntries(
    Object.entries(annotations).filter(([name]) => wanted.includes(name)),
  );
}

// Pods get what Kubernetes calls the restricted profile, and no token of the API but the executor's own.
function restricted({ serviceAccount }: ClusterDefaults) {
  return {
    serviceAccountName: serviceAccount,
    automountServiceAccountToken: false,
    executor: { serviceAccountName: serviceAccount },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    podGC: { strategy: 'OnWorkflowCompletion', deleteDelayDuration: '60s' },
    archiveLogs: false,
  };
}

const containerContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};

// The environment of a run is written into no template: it would change with every run. Steps read it from the run's Secret.
function withEnvironment(
  spec: Record<string, any>,
  run: EngineRun,
): Record<string, any> {
  const names = [...Object.keys(run.environment), ...Object.keys(run.secrets)];
  const env = names.sort().map(name => ({
    name,
    valueFrom: {
      secretKeyRef: { name: secretName('{{workflow.name}}'), key: name },
    },
  }));
  const dress = (template: any): any => {
    for (const part of ['container', 'script'])
      if (template[part]) {
        const { env: own = [], ...rest } = template[part];
        template[part] = {
          ...rest,
          // A step that sets a name itself means its own value.
          env: [
            ...env.filter(item => !own.some((o: any) => o.name === item.name)),
            ...own,
          ],
          securityContext: containerContext,
        };
      }
    for (const member of [
      ...(template.steps ?? []).flat(),
      ...(template.dag?.tasks ?? []),
    ])
      if (member.inline) dress(member.inline);
    return template;
  };
  return {
    ...spec,
    templates: (spec.templates ?? []).map(dress),
    ...(spec.templateDefaults
      ? { templateDefaults: dress(spec.templateDefaults) }
      : {}),
  };
}

/** Digest of a value, the order of keys aside. */
export const digestOf = (value: unknown) =>
  createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  );
}
