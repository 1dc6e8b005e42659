/*
 * Takes a CronWorkflow away and leaves the runs that it began. Kubernetes' garbage collector lets them go free when it is asked to;
 * until it has, the object is still there and Argo would go on starting runs by it. A cluster whose collector does not work is
 * helped at a later look.
 */
import { mergePatch, type KubeClient } from '../kube/KubeClient';
import { listAll } from '../kube/listAll';
import type { KubeObject } from '../kube/ListWatch';
import { cronLabel } from '../workflows/labels';

/** Of the garbage collector: it removes this when nothing belongs to the object any more. */
const orphanFinalizer = 'orphan';
const collectorMs = 5_000;

export interface RemoveScheduleOptions {
  client: KubeClient;
  /** Path of what is in the namespace, as `/apis/argoproj.io/v1alpha1/namespaces/ml`. */
  base: string;
  /** Milliseconds since the epoch; for tests. */
  now?: number;
}

/** One step towards its end. KubeError 409 when somebody else wrote since the look. */
export async function removeSchedule(
  object: KubeObject,
  options: RemoveScheduleOptions,
): Promise<void> {
  const { metadata } = object;
  if (metadata.deletionTimestamp === undefined) await ask(object, options);
  else if (
    finalizersOf(object).includes(orphanFinalizer) &&
    (options.now ?? Date.now()) - Date.parse(metadata.deletionTimestamp) >
      collectorMs
  )
    await letGo(object, options);
}

async function ask(
  object: KubeObject,
  { client, base }: RemoveScheduleOptions,
): Promise<void> {
  const path = pathOf(base, 'cronworkflows', object);
  const quiet: KubeObject = object.spec.suspend
    ? object
    : await client.call({
        method: 'PUT',
        path,
        body: { ...object, spec: { ...object.spec, suspend: true } },
      });
  const { uid, resourceVersion } = quiet.metadata;
  await client.call({
    method: 'DELETE',
    path,
    body: {
      preconditions: { uid, resourceVersion },
      propagationPolicy: 'Orphan',
    },
  });
}

async function letGo(
  object: KubeObject,
  { client, base }: RemoveScheduleOptions,
): Promise<void> {
  const { name, uid } = object.metadata;
  const runs = await listAll(
    client,
    `${base}/workflows`,
    `${cronLabel}=${name}`,
  );
  for (const run of runs) {
    const owners = run.metadata.ownerReferences ?? [];
    if (owners.some(owner => owner.uid === uid))
      await client.call({
        method: 'PATCH',
        path: pathOf(base, 'workflows', run),
        contentType: mergePatch,
        body: {
          metadata: {
            resourceVersion: run.metadata.resourceVersion,
            ownerReferences: owners.filter(owner => owner.uid !== uid),
          },
        },
      });
  }
  await client.call({
    method: 'PUT',
    path: pathOf(base, 'cronworkflows', object),
    body: {
      ...object,
      metadata: {
        ...object.metadata,
        finalizers: finalizersOf(object).filter(
          item => item !== orphanFinalizer,
        ),
      },
    },
  });
}

const finalizersOf = ({ metadata }: KubeObject): string[] =>
  (metadata.finalizers as string[] | undefined) ?? [];

const pathOf = (base: string, plural: string, { metadata }: KubeObject) =>
  `${base}/${plural}/${encodeURIComponent(metadata.name)}`;
