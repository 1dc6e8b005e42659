/*
 * What git asks a cluster to have, as objects: a WorkflowTemplate for every pipeline and every file that one refers to, a
 * CronWorkflow for every schedule. People start them with `argo submit --from`, the cluster's own clock starts schedules; both
 * become runs of the portal by the labels that their workflows get. Names follow from project and file.
 */
import type { EngineFile, EngineFiles } from '@backstage-mlops/mlops-core';
import { allowedCron } from '../workflows/allowed';
import { digestOf } from '../workflows/digestOf';
import { dressed, restricted, type ClusterDefaults } from '../workflows/dress';
import {
  commitAnnotation,
  digestAnnotation,
  fileAnnotation,
  instanceLabel,
  kubernetesLabel,
  managedByLabel,
  namesAnnotation,
  pipelineLabel,
  portal,
  projectLabel,
  scheduleLabel,
  sourceLabel,
} from '../workflows/labels';
import { cronName, sharedName, templateName } from '../workflows/names';
import {
  renameRefs,
  toNamesText,
  type FileRef,
} from '../workflows/templateRefs';
import { allowedOf } from '../workflows/toManifests';

/** Kinds of objects that files become. */
export type FilePlural = 'workflowtemplates' | 'cronworkflows';

/** The object that a file becomes. */
export interface FileObject {
  plural: FilePlural;
  name: string;
  file: EngineFile;
  /** Changes with everything but the commit. */
  digest?: string;
  /** The object as a commit has it; absent when the file cannot be read. */
  at?(commit: string): Record<string, any>;
  /** Why there can be no object. */
  fault?: string;
}

/** Value of the label that says which repository asks. */
export const toSourceLabel = (source: string) => digestOf(source).slice(0, 16);

/** Objects of all files. A file that asks for what is not allowed has a fault instead. */
export function toFileObjects(
  wanted: EngineFiles,
  defaults: ClusterDefaults,
): FileObject[] {
  const own = new Set(
    wanted.files
      .filter(({ kind }) => kind === 'pipeline')
      .map(({ project, name }) => `${project}/${name}`),
  );
  const taken = new Set<string>();
  return wanted.files.map(file => {
    const object = toFileObject(file, { wanted, defaults, own });
    const key = `${object.plural}/${object.name}`;
    if (!taken.has(key)) {
      taken.add(key);
      return object;
    }
    const { at: _at, ...rest } = object;
    return { ...rest, fault: `Another file is called '${object.name}' too.` };
  });
}

interface Context {
  wanted: EngineFiles;
  defaults: ClusterDefaults;
  /** Pipelines as `<project>/<name>`. */
  own: Set<string>;
}

function toFileObject(file: EngineFile, context: Context): FileObject {
  const { kind, name, project = '' } = file;
  const isCron = kind === 'schedule';
  const object: FileObject = {
    plural: isCron ? 'cronworkflows' : 'workflowtemplates',
    name: isCron
      ? cronName(project, name)
      : kind === 'shared'
      ? sharedName(name, Boolean(file.clusterScope))
      : templateName(project, name),
    file,
  };
  if (!file.spec)
    return file.fault === undefined ? object : { ...object, fault: file.fault };
  try {
    const built = isCron
      ? cronSpec(file, context)
      : templateSpec(file.spec, file, context);
    const digest = digestOf({
      kind,
      spec: withRevision(built.spec, ''),
      signature: file.signature,
      labels: labelsOf(file, context),
    });
    const at = (commit: string) =>
      toObject(object, { ...context, digest, commit, ...built });
    return { ...object, digest, at };
  } catch (error) {
    return { ...object, fault: (error as Error).message };
  }
}

interface BuiltSpec {
  spec: Record<string, any>;
  names: Map<string, FileRef>;
}

function templateSpec(
  given: Record<string, any>,
  file: EngineFile,
  { wanted, defaults, own }: Context,
): BuiltSpec {
  const names = new Map<string, FileRef>();
  const spec = renameRefs(
    dressed(allowedOf(given, file.file), wanted.values),
    ref => renamed(ref, file, { own, names }),
  );
  return { spec: { ...spec, ...restricted(defaults) }, names };
}

// A project's own file goes before a shared one of the same name, as it does where git is read.
function renamed(
  ref: FileRef,
  { project }: EngineFile,
  { own, names }: { own: Set<string>; names: Map<string, FileRef> },
): string {
  const isOwn =
    project !== undefined &&
    !ref.clusterScope &&
    own.has(`${project}/${ref.name}`);
  const name = isOwn
    ? templateName(project, ref.name)
    : sharedName(ref.name, Boolean(ref.clusterScope));
  names.set(name, {
    name: ref.name,
    ...(ref.clusterScope ? { clusterScope: true } : {}),
  });
  return name;
}

function cronSpec(file: EngineFile, context: Context): BuiltSpec {
  const { schedule, ...given } = file.spec!;
  const { workflowSpec, ...cron } = allowedOf(
    {
      ...given,
      schedules: given.schedules ?? [schedule].filter(Boolean),
    },
    file.file,
    allowedCron,
  );
  const { workflowTemplateRef: ref, ...inner } = workflowSpec ?? {};
  const built = templateSpec(inner, file, context);
  return {
    names: built.names,
    spec: {
      // A run that the cluster takes away before the portal saw its end would have none.
      successfulJobsHistoryLimit: 20,
      failedJobsHistoryLimit: 20,
      ...cron,
      workflowSpec: {
        ...built.spec,
        ...(ref
          ? {
              workflowTemplateRef: {
                name: renamed(ref, file, {
                  own: context.own,
                  names: built.names,
                }),
              },
            }
          : {}),
      },
    },
  };
}

const labelsOf = (
  { project, kind, name, pipeline = name }: EngineFile,
  { wanted, defaults }: Context,
) => ({
  [managedByLabel]: portal,
  [sourceLabel]: toSourceLabel(wanted.source),
  ...(project === undefined
    ? {}
    : {
        [projectLabel]: project,
        [pipelineLabel]: pipeline,
        [kubernetesLabel]: project,
      }),
  ...(kind === 'schedule' ? { [scheduleLabel]: name } : {}),
  ...(defaults.instanceId ? { [instanceLabel]: defaults.instanceId } : {}),
});

function toObject(
  { plural, name, file }: FileObject,
  context: Context & BuiltSpec & { digest: string; commit: string },
): Record<string, any> {
  const { spec, names, digest, commit, defaults } = context;
  const labels = labelsOf(file, context);
  const annotations = {
    [commitAnnotation]: commit,
    [fileAnnotation]: file.file,
  };
  const {
    [managedByLabel]: _managed,
    [sourceLabel]: _source,
    [instanceLabel]: _instance,
    ...onWorkflows
  } = labels;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: plural === 'cronworkflows' ? 'CronWorkflow' : 'WorkflowTemplate',
    metadata: {
      name,
      namespace: defaults.namespace,
      labels,
      annotations: { ...annotations, [digestAnnotation]: digest },
    },
    spec: {
      ...withRevision(spec, commit),
      ...(file.project === undefined
        ? {}
        : {
            workflowMetadata: {
              labels: onWorkflows,
              annotations: {
                ...annotations,
                ...(names.size > 0
                  ? { [namesAnnotation]: toNamesText(names) }
                  : {}),
              },
            },
          }),
    },
  };
}

// What the portal sets is the same for every commit that changed nothing a run reads, so it makes no new object.
function withRevision(
  spec: Record<string, any>,
  commit: string,
): Record<string, any> {
  const parameters = spec.arguments?.parameters;
  const changed = Array.isArray(parameters)
    ? {
        ...spec,
        arguments: {
          ...spec.arguments,
          parameters: parameters.map((item: any) =>
            item.name === 'revision' ? { ...item, value: commit } : item,
          ),
        },
      }
    : spec;
  return spec.workflowSpec
    ? { ...changed, workflowSpec: withRevision(spec.workflowSpec, commit) }
    : changed;
}
