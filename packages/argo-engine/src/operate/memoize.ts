/* What a step gave before stands for running it again. Source: memoize in executeTemplate of Argo's operator.go. */
import type { NodeStatus } from '../types';
import { goDuration } from './duration';
import { NodeFault, type Pass, type Template } from './Pass';

const keyPattern = /^[a-zA-Z0-9][-a-zA-Z0-9]*$/;

/** What a node says of the cache before it was asked. */
export const notCached = ({ memoize: { key, cache } }: Template) => ({
  hit: false,
  key: key as string,
  cacheName: (cache?.configMap?.name ?? 'default') as string,
});

/** Looks the key of a template up; on a hit the node has its outputs and is over. */
export function lookUp(
  pass: Pass,
  template: Template,
  present: NodeStatus | undefined,
  add: (phase: 'Pending' | 'Succeeded') => NodeStatus,
): NodeStatus {
  const { maxAge } = template.memoize;
  const { key, cacheName } = notCached(template);
  if (!keyPattern.test(key)) throw new NodeFault(`invalid cache key: ${key}`);
  const maxAgeMs = maxAge ? goDuration(maxAge) : undefined;
  if (maxAge && maxAgeMs === undefined)
    throw new NodeFault(`invalid maxAge: time: invalid duration "${maxAge}"`);
  const entry = pass.cached(cacheName, key);
  const isFresh =
    entry !== undefined &&
    (!maxAge || pass.nowMs - Date.parse(entry.createdAt) <= maxAgeMs!);
  const node = present ?? add(isFresh ? 'Succeeded' : 'Pending');
  node.memoizationStatus = {
    hit: isFresh,
    key,
    cacheName,
    ...(isFresh && entry.runId ? { fromRun: entry.runId } : {}),
  };
  if (isFresh) {
    if (entry.outputs) node.outputs = structuredClone(entry.outputs);
    else delete node.outputs;
    pass.tree.mark(node, 'Succeeded');
  }
  return node;
}
