/*
 * The objects of a run: immutable WorkflowTemplates with the pipeline and the files it refers to as the pinned commit has them, a
 * Workflow that refers to the first, and a Secret with the run's token. Names follow from ids and contents, so that the same run
 * asked for twice gives the same objects.
 */
import { InputError, type EngineRun } from '@backstage-mlops/mlops-core';
import { allowedSpec, type Allowed } from './allowed';
import { digestOf } from './digestOf';
import { dressed, restricted, type ClusterDefaults } from './dress';
import {
  commitAnnotation,
  creatorLabel,
  digestAnnotation,
  fileAnnotation,
  instanceLabel,
  kubernetesLabel,
  managedByLabel,
  namesAnnotation,
  pinnedLabel,
  pipelineLabel,
  portal,
  projectLabel,
  runLabel,
  startedByAnnotation,
  templateLabel,
  toLabelValue,
} from './labels';
import { pinnedName, secretName } from './names';
import { rebuild } from './rebuild';
import { renameRefs, toNamesText, type FileRef } from './templateRefs';
import { toPlural } from './toPlural';
import { toStrict } from './toStrict';

const apiVersion = 'argoproj.io/v1alpha1';

/** Objects of a run. */
export interface Manifests {
  /** The pipeline's own first. */
  templates: Record<string, any>[];
  workflow: Record<string, any>;
  secret: Record<string, any>;
}

/** Builds the objects of a run. InputError that names every field which a cluster is not asked for. */
export function toManifests(
  run: EngineRun,
  defaults: ClusterDefaults,
): Manifests {
  const labels = {
    [managedByLabel]: portal,
    [projectLabel]: run.project,
    [pipelineLabel]: run.pipeline,
    [kubernetesLabel]: run.project,
    ...(defaults.instanceId ? { [instanceLabel]: defaults.instanceId } : {}),
  };
  const spec = allowedOf(run.workflow.spec, run.file);
  const { arguments: given, suspend, ...kept } = spec;
  const { templates, names } = toTemplates(kept, { run, labels, defaults });
  const [{ metadata: template }] = templates;
  const workflowSpec = {
    ...(suspend ? { suspend } : {}),
    workflowTemplateRef: { name: template.name },
    entrypoint: spec.entrypoint,
    arguments: given,
    ...restricted(defaults),
  };
  return {
    templates,
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
          [templateLabel]: template.name,
        },
        annotations: {
          ...textsOf(run.workflow.metadata.annotations),
          [digestAnnotation]: digestOf(workflowSpec),
          [commitAnnotation]: run.commit,
          [fileAnnotation]: run.file,
          [startedByAnnotation]: run.by,
          ...(names.size > 0 ? { [namesAnnotation]: toNamesText(names) } : {}),
        },
      },
      spec: workflowSpec,
    },
    secret: toSecret(run.id, run, defaults),
  };
}

/** The Secret that the steps of a run read. */
export function toSecret(
  run: string,
  { environment, secrets }: Pick<EngineRun, 'environment' | 'secrets'>,
  { namespace }: ClusterDefaults,
): Record<string, any> {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: secretName(run),
      namespace,
      labels: { [managedByLabel]: portal, [runLabel]: run },
    },
    type: 'Opaque',
    stringData: { ...environment, ...secrets },
  };
}

/** A spec with plural fields and nothing in it that a cluster is not asked for. InputError that names every such field. */
export function allowedOf(
  spec: Record<string, any>,
  file: string,
  allowed: Allowed = allowedSpec,
): Record<string, any> {
  const refused: string[] = [];
  const built = rebuild(toStrict(toPlural(spec)), allowed, 'spec', refused);
  if (refused.length > 0)
    throw new InputError(
      `${file} asks the cluster for what is not allowed: ${refused
        .slice(0, 20)
        .join(', ')}.`,
      'invalid-file',
    );
  return built;
}

// The files that a run refers to carry one digest of them all: they may refer to each other in a circle.
function toTemplates(
  spec: Record<string, any>,
  {
    run,
    labels,
    defaults,
  }: {
    run: EngineRun;
    labels: Record<string, string>;
    defaults: ClusterDefaults;
  },
) {
  const values = [...Object.keys(run.environment), ...Object.keys(run.secrets)];
  const main = dressed(spec, values);
  const others = Object.entries(run.workflow.stored?.templates ?? {}).map(
    ([key, file]) => ({
      ref: toRef(key),
      spec: dressed(
        allowedOf(file.spec, `${key}, which ${run.file} uses,`),
        values,
      ),
    }),
  );
  const { project, pipeline } = run;
  const digest = digestOf({ project, pipeline, main, others });
  // A shared file of the whole cluster and one of the project may have the same name.
  const nameOf = ({ name, clusterScope }: FileRef) =>
    pinnedName(project, name, clusterScope ? digest.slice(10) : digest);
  const names = new Map(others.map(({ ref }) => [nameOf(ref), ref]));
  const known = (ref: FileRef) => {
    const name = nameOf(ref);
    return names.has(name) ? name : undefined;
  };
  const toTemplate = (name: string, own: Record<string, any>) => ({
    apiVersion,
    kind: 'WorkflowTemplate',
    metadata: {
      name,
      namespace: defaults.namespace,
      labels: { ...labels, [pinnedLabel]: 'true' },
      annotations: {
        [digestAnnotation]: digestOf(own),
        [commitAnnotation]: run.commit,
        [fileAnnotation]: run.file,
      },
    },
    spec: own,
  });
  return {
    names,
    templates: [
      toTemplate(
        // Of a pipeline that refers to itself, both are the same to the cluster.
        pinnedName(project, pipeline, digestOf({ digest, of: 'pipeline' })),
        renameRefs(main, known),
      ),
      ...others.map(({ ref, spec: own }) =>
        toTemplate(nameOf(ref), renameRefs(own, known)),
      ),
    ],
  };
}

const toRef = (key: string): FileRef =>
  key.startsWith('cluster/')
    ? { name: key.slice('cluster/'.length), clusterScope: true }
    : { name: key };

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
