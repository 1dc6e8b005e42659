/* What git asks an engine outside of the portal to have of one project: its pipelines, its schedules, and the files they refer to. */
import {
  collectFiles,
  newWorkflow,
  type ParsedWorkflow,
} from '@backstage-mlops/argo-engine';
import type { EngineFile, ReadProject } from '@backstage-mlops/mlops-core';
import type { IndexedProject } from '../gitops/GitopsIndex';
import { pipelineOf } from '../projects/findPipeline';

export interface ToEngineFilesOptions {
  /** Address of the repository, as pods reach it. */
  repo: string;
  /** Longest time of a run, where a pipeline names none. */
  runSeconds: number;
}

/** Files of a project. One with a fault has no spec. */
export function toEngineFiles(
  { read, commit, signature }: IndexedProject,
  options: ToEngineFilesOptions,
): EngineFile[] {
  const common = { project: read.name, commit, signature };
  const set = { ...options, revision: commit, path: read.path };
  const shared = new Map<string, EngineFile>();
  const specOf = (
    { document, problems }: ReadProject['pipelines'][number],
    make: (document: ParsedWorkflow) => Record<string, any>,
  ) => {
    if (!document || problems.some(item => item.severity === 'error'))
      return {};
    try {
      for (const file of othersOf(document, read, { commit, signature }))
        shared.set(`${file.clusterScope}/${file.name}`, file);
      return { spec: make(document) };
    } catch (error) {
      // One file that cannot be had keeps no other from it.
      return { fault: `It cannot be had: ${(error as Error).message}.` };
    }
  };
  const pipelines = read.pipelines.map(item => ({
    ...common,
    kind: 'pipeline' as const,
    name: item.name,
    file: item.file,
    ...specOf(item, document => filled(document, set)),
  }));
  const schedules = read.schedules.map(item => ({
    ...common,
    kind: 'schedule' as const,
    name: item.name,
    pipeline: pipelineOf(item),
    file: item.file,
    ...specOf(item, document => cronSpec(document, set)),
  }));
  return [...pipelines, ...schedules, ...shared.values()];
}

// Files of the shared folder that a pipeline refers to, also through others.
function othersOf(
  { manifest, name }: ParsedWorkflow,
  read: ReadProject,
  common: Pick<EngineFile, 'commit' | 'signature'>,
): EngineFile[] {
  const { templates } = collectFiles(
    { metadata: { name }, spec: withoutLocks(manifest.spec) },
    read.templates,
  );
  const isOwn = (key: string) => read.pipelines.some(item => item.name === key);
  return Object.entries(templates)
    .filter(([key]) => !isOwn(key))
    .map(([key, { spec }]) => {
      const clusterScope = key.startsWith('cluster/');
      return {
        ...common,
        kind: 'shared' as const,
        name: clusterScope ? key.slice('cluster/'.length) : key,
        clusterScope,
        file: 'argo',
        spec,
      };
    });
}

// How many may hold a lock is for the cluster to look up.
const withoutLocks = (spec: Record<string, any>) =>
  JSON.parse(
    JSON.stringify(spec, (key, value) =>
      key === 'synchronization' ? undefined : value,
    ),
  );

type Set = ToEngineFilesOptions & { revision: string; path: string };

function filled(
  document: ParsedWorkflow,
  { runSeconds, ...values }: Set,
): Record<string, any> {
  const { spec } = newWorkflow({ document, name: document.name });
  // Parameters keep their enum and description: people who submit on the cluster see them there.
  const parameters = (document.manifest.spec.arguments?.parameters ?? []).map(
    (item: { name: string }) =>
      Object.hasOwn(values, item.name)
        ? { name: item.name, value: values[item.name as 'repo'] }
        : item,
  );
  return {
    ...spec,
    // A file without entrypoint holds templates for others.
    ...(spec.entrypoint
      ? { activeDeadlineSeconds: spec.activeDeadlineSeconds ?? runSeconds }
      : {}),
    arguments: { ...spec.arguments, parameters },
  };
}

function cronSpec(document: ParsedWorkflow, set: Set): Record<string, any> {
  const { workflowSpec, ...cron } = document.manifest.spec;
  return {
    ...cron,
    workflowSpec: workflowSpec?.workflowTemplateRef
      ? workflowSpec
      : filled(
          {
            ...document,
            manifest: { ...document.manifest, spec: workflowSpec ?? {} },
          },
          set,
        ),
  };
}
