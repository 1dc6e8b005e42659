/*
 * What has to be written so that a cluster has the objects of git, and how each file stands before that. Pure. An object that is
 * not of this portal and this repository is never touched, whatever it is called.
 */
import type { EngineFile, EngineFileState } from '@backstage-mlops/mlops-core';
import type { KubeObject } from '../kube/ListWatch';
import { digestOf } from '../workflows/digestOf';
import {
  commitAnnotation,
  digestAnnotation,
  managedByLabel,
  pinnedLabel,
  portal,
  sourceLabel,
  usedAnnotation,
} from '../workflows/labels';
import {
  toSourceLabel,
  type FileObject,
  type FilePlural,
} from './toFileObjects';

/** One write. `version` is the object's that it was decided on, `actual` that object. */
export type FileWrite = { plural: FilePlural; name: string } & (
  | { do: 'create'; object: Record<string, any>; file: EngineFile }
  | {
      do: 'replace';
      object: Record<string, any>;
      file: EngineFile;
      version: string;
    }
  | { do: 'delete'; actual: KubeObject }
);

export interface PlanFilesOptions {
  objects: FileObject[];
  source: string;
  /** Everything of both kinds that the namespace has. */
  found: Record<FilePlural, KubeObject[]>;
  /** Specs that the server keeps in other words than they were written, by the digest of what it keeps. */
  keptAs: Map<string, string>;
}

/** Decides. */
export function planFiles(options: PlanFilesOptions): {
  writes: FileWrite[];
  states: EngineFileState[];
} {
  const { objects, source, found } = options;
  const known = new Map(
    (['workflowtemplates', 'cronworkflows'] as const).flatMap(plural =>
      found[plural].map(
        item => [`${plural}/${item.metadata.name}`, item] as const,
      ),
    ),
  );
  const decided = objects.map(object =>
    decide(object, known.get(`${object.plural}/${object.name}`), options),
  );
  const wanted = new Set(
    objects.map(({ plural, name }) => `${plural}/${name}`),
  );
  const gone = [...known].filter(
    ([key, item]) =>
      !wanted.has(key) &&
      isOurs(item, source) &&
      item.metadata.labels?.[pinnedLabel] === undefined,
  );
  return {
    states: decided.map(({ state }) => state),
    writes: [
      ...decided.flatMap(({ write }) => write ?? []),
      ...gone.map(([key, actual]) => ({
        do: 'delete' as const,
        plural: key.split('/')[0] as FilePlural,
        name: actual.metadata.name,
        actual,
      })),
    ],
  };
}

function decide(
  object: FileObject,
  actual: KubeObject | undefined,
  { source, keptAs }: PlanFilesOptions,
): { state: EngineFileState; write?: FileWrite } {
  const { plural, name, file, digest, at, fault } = object;
  const state: EngineFileState = {
    kind: file.kind,
    name: file.name,
    ...(file.project === undefined ? {} : { project: file.project }),
  };
  const kind = plural === 'cronworkflows' ? 'CronWorkflow' : 'WorkflowTemplate';
  if (actual && !isOurs(actual, source))
    return {
      state: {
        ...state,
        fault: `The cluster has another ${kind} '${name}', which this portal did not make.`,
      },
    };
  const stands = {
    ...state,
    ...(actual
      ? { commit: actual.metadata.annotations?.[commitAnnotation] }
      : {}),
    ...(actual && plural === 'cronworkflows' ? clockOf(actual) : {}),
  };
  if (fault !== undefined) return { state: { ...stands, fault } };
  if (!at) return { state: stands };
  const next = at(file.commit);
  // What is on its way out is made anew when it is gone.
  if (actual?.metadata.deletionTimestamp)
    return { state: stands, write: { do: 'delete', plural, name, actual } };
  if (!actual)
    return {
      state: stands,
      write: { do: 'create', plural, name, object: next, file },
    };
  if (isSame(actual, { digest, at, keptAs }))
    return { state: { ...stands, commit: file.commit } };
  return {
    state: stands,
    write: {
      do: 'replace',
      plural,
      name,
      file,
      version: actual.metadata.resourceVersion,
      object: over(actual, next),
    },
  };
}

// What others keep in the object stays: a CronWorkflow's status is the memory of the cluster's clock.
const over = (
  actual: KubeObject,
  next: Record<string, any>,
): Record<string, any> => ({
  ...actual,
  apiVersion: next.apiVersion,
  kind: next.kind,
  spec: next.spec,
  metadata: {
    ...actual.metadata,
    labels: { ...actual.metadata.labels, ...next.metadata.labels },
    annotations: {
      ...actual.metadata.annotations,
      ...next.metadata.annotations,
    },
  },
});

const isOurs = ({ metadata: { labels = {} } }: KubeObject, source: string) =>
  labels[managedByLabel] === portal &&
  labels[sourceLabel] === toSourceLabel(source);

// Somebody may have changed the spec and left the annotation as it was.
function isSame(
  { metadata, spec }: KubeObject,
  {
    digest,
    at,
    keptAs,
  }: Required<Pick<FileObject, 'at'>> &
    Pick<FileObject, 'digest'> &
    Pick<PlanFilesOptions, 'keptAs'>,
): boolean {
  const { annotations = {} } = metadata;
  if (annotations[digestAnnotation] !== digest) return false;
  const asked = digestOf(at(annotations[commitAnnotation] ?? '').spec);
  const actual = digestOf(spec);
  return actual === asked || keptAs.get(actual) === asked;
}

/** How a CronWorkflow goes on. */
function clockOf({
  status = {},
  metadata,
}: KubeObject): Pick<
  EngineFileState,
  'fault' | 'stoppedAt' | 'lastScheduledAt'
> {
  const broken = (status.conditions ?? []).find(
    (item: { type?: string; status?: string }) =>
      /Error$/.test(item.type ?? '') && item.status === 'True',
  );
  const last: string | undefined = status.lastScheduledTime ?? undefined;
  const isStopped =
    status.phase === 'Stopped' ||
    metadata.labels?.['cronworkflows.argoproj.io/completed'] === 'true';
  return {
    ...(broken ? { fault: String(broken.message ?? broken.type) } : {}),
    ...(last ? { lastScheduledAt: last } : {}),
    ...(isStopped
      ? { stoppedAt: last ?? metadata.creationTimestamp ?? '' }
      : {}),
  };
}

/** Templates of a commit that no workflow refers to any more and no run asked for since a while. */
export function unusedTemplates(
  templates: KubeObject[],
  { used, now, idleMs }: { used: Set<string>; now: number; idleMs: number },
): KubeObject[] {
  return templates.filter(({ metadata }) => {
    const { labels = {}, annotations = {}, creationTimestamp } = metadata;
    if (labels[managedByLabel] !== portal || labels[pinnedLabel] !== 'true')
      return false;
    const last = Date.parse(annotations[usedAnnotation] ?? creationTimestamp);
    return !used.has(metadata.name) && now - last > idleMs;
  });
}
