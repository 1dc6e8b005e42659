/*
 * Semaphores take their limits from ConfigMaps of the cluster, which whoever runs it keeps there: the limit of a thing that many
 * share is not for one project to set. A workflow that names one which is not there waits for ever, so that is told before it runs.
 */
import type { KubeClient } from '../kube/KubeClient';
import { isStatus } from '../kube/KubeError';
import type { KubeObject } from '../kube/ListWatch';

/** A key of a ConfigMap. */
export interface ConfigKey {
  name: string;
  key: string;
}

/** ConfigMaps by name; undefined for one that is not there, absent for one that nobody may look at. */
export type ConfigMaps = Map<string, KubeObject | undefined>;

/** Where a spec takes limits from, at every depth; names that a run only learns by its parameters are left out. */
export function semaphoresOf(spec: unknown): ConfigKey[] {
  const found = new Map<string, ConfigKey>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { synchronization } = value as { synchronization?: any };
    for (const item of [
      synchronization?.semaphores ?? [],
      synchronization?.semaphore ?? [],
    ].flat()) {
      const { name, key } = item?.configMapKeyRef ?? {};
      const isElsewhere = item?.namespace !== undefined;
      if (!name || !key || isElsewhere || `${name}${key}`.includes('{{'))
        continue;
      found.set(`${name}/${key}`, { name, key });
    }
    Object.values(value).forEach(visit);
  };
  visit(spec);
  return [...found.values()];
}

/** What keeps a spec from getting its semaphores; undefined when nothing does. */
export function semaphoreFault(
  spec: unknown,
  maps: ConfigMaps,
  namespace: string,
): string | undefined {
  for (const { name, key } of semaphoresOf(spec)) {
    if (!maps.has(name)) continue;
    const map = maps.get(name);
    const limit = map?.data?.[key];
    const where = `The namespace '${namespace}' of the cluster`;
    const wanted = `a semaphore takes its limit from key '${key}' of ConfigMap '${name}'`;
    if (!map)
      return `${where} has no ConfigMap '${name}': ${wanted}, so runs would wait for ever.`;
    if (limit === undefined)
      return `${where} has a ConfigMap '${name}' without key '${key}': ${wanted}, so runs would wait for ever.`;
    if (!/^\d+$/.test(String(limit).trim()))
      return `${where} has '${String(limit).slice(
        0,
        50,
      )}' in key '${key}' of ConfigMap '${name}', which is no number: ${wanted}.`;
  }
  return undefined;
}

/** Reads the ConfigMaps that specs name. One that the portal may not read says nothing about a spec. */
export async function readConfigMaps(
  client: Pick<KubeClient, 'call'>,
  namespace: string,
  specs: unknown[],
): Promise<ConfigMaps> {
  const maps: ConfigMaps = new Map();
  const names = new Set(specs.flatMap(semaphoresOf).map(({ name }) => name));
  for (const name of names)
    try {
      maps.set(
        name,
        await client.call({
          path: `/api/v1/namespaces/${namespace}/configmaps/${encodeURIComponent(
            name,
          )}`,
        }),
      );
    } catch (error) {
      if (isStatus(error, 404)) maps.set(name, undefined);
      else if (!isStatus(error, 403)) throw error;
    }
  return maps;
}
