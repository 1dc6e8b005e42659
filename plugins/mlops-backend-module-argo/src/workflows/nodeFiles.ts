/* Files have longer names on the cluster than in git, where a reader looks for them. Nodes are read with the ones and written with the others. */
import type { NodeStatus } from '@backstage-mlops/argo-engine';
import type { KubeObject } from '../kube/ListWatch';
import { namesAnnotation } from './labels';
import { parseNamesText, type FileRef } from './templateRefs';

type Nodes = Record<string, NodeStatus>;

const namesOf = ({ metadata }: KubeObject) =>
  parseNamesText(metadata.annotations?.[namesAnnotation]);
const keyOf = ({ name, clusterScope }: Partial<FileRef>) =>
  `${clusterScope ? 'cluster/' : ''}${name}`;

/** Nodes of an object, their files called as in git. */
export function asInGit(nodes: Nodes, object: KubeObject): Nodes {
  return withRefs(nodes, namesOf(object), ({ name = '' }, names) =>
    names.get(name),
  );
}

/** The opposite of `asInGit`. */
export function asOnCluster(nodes: Nodes, object: KubeObject): Nodes {
  const names = new Map(
    [...namesOf(object)].map(([name, ref]) => [
      keyOf(ref),
      { name, clusterScope: undefined },
    ]),
  );
  return withRefs(nodes, names, (ref, known) => known.get(keyOf(ref)));
}

function withRefs<R>(
  nodes: Nodes,
  names: Map<string, R>,
  find: (
    ref: NonNullable<NodeStatus['templateRef']>,
    names: Map<string, R>,
  ) => R | undefined,
): Nodes {
  if (names.size === 0) return nodes;
  return Object.fromEntries(
    Object.entries(nodes).map(([id, node]) => {
      const ref = node.templateRef && find(node.templateRef, names);
      return [
        id,
        ref ? { ...node, templateRef: { ...node.templateRef, ...ref } } : node,
      ];
    }),
  );
}
