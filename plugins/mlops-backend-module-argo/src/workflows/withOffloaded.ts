import type { KubeObject } from '../kube/ListWatch';
import type { OffloadedNodes } from './OffloadedNodes';

/** True when the nodes of an object lie in Argo's database alone. */
export const isOffloaded = ({ status }: KubeObject): boolean =>
  Boolean(status?.offloadNodeStatusVersion) && !status.compressedNodes;

/** An object with the nodes that lie in Argo's database; when they cannot be read, with the sentence that says why. */
export async function withOffloaded(
  object: KubeObject,
  database: Pick<OffloadedNodes, 'find'>,
): Promise<KubeObject> {
  const { uid } = object.metadata;
  const { offloadNodeStatusVersion: version } = object.status;
  const missing = (why: string): KubeObject => ({
    ...object,
    status: {
      ...object.status,
      offloadedMissing: `The steps of this workflow lie in the database of Argo (nodeStatusOffLoad), and ${why}.`,
    },
  });
  try {
    const nodes = await database.find(uid, version);
    if (nodes === undefined) return missing('are not in it any more');
    return {
      ...object,
      status: { ...object.status, offloadedNodes: JSON.parse(nodes) },
    };
  } catch (error) {
    return missing(`it cannot be read: ${(error as Error).message}`);
  }
}
