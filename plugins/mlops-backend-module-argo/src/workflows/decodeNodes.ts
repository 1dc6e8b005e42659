/*
 * Nodes of a Workflow's status. Small ones are there as they are; large ones are packed (gzip, zstd or brotli, told apart by
 * their first bytes; source: Argo's util/file/fileutil.go), very large ones lie in Argo's own database.
 */
import type { NodeStatus } from '@backstage-mlops/argo-engine';
import {
  brotliDecompressSync,
  gunzipSync,
  zstdDecompressSync,
} from 'node:zlib';

/** Unpacked nodes of one workflow may have so many bytes. */
const maxOutputLength = 256 * 1024 * 1024;

/** Nodes, or the reason why there are none. */
export type DecodedNodes =
  | { nodes: Record<string, NodeStatus> }
  | { missing: string };

/** Reads the nodes of a status. Error when what is packed cannot be unpacked. */
export function decodeNodes(status: Record<string, any>): DecodedNodes {
  if (status.compressedNodes)
    return { nodes: complete(JSON.parse(unpack(status.compressedNodes))) };
  if (status.offloadedNodes) return { nodes: complete(status.offloadedNodes) };
  if (status.offloadNodeStatusVersion)
    return {
      missing:
        status.offloadedMissing ??
        'The steps of this workflow lie in the database of Argo, which this portal does not read (nodeStatusOffLoad): name it in `database` of the cluster.',
    };
  return { nodes: complete(status.nodes ?? {}) };
}

function unpack(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  const options = { maxOutputLength };
  const starts = (...head: number[]) =>
    head.every((byte, index) => bytes[index] === byte);
  if (starts(0x28, 0xb5, 0x2f, 0xfd))
    return zstdDecompressSync(bytes, options).toString('utf8');
  if (starts(0x1f, 0x8b)) return gunzipSync(bytes, options).toString('utf8');
  return brotliDecompressSync(bytes, options).toString('utf8');
}

// Argo leaves out empty lists.
function complete(nodes: Record<string, any>): Record<string, NodeStatus> {
  return Object.fromEntries(
    Object.entries(nodes).map(([id, node]) => [
      id,
      {
        ...node,
        children: node.children ?? [],
        phase: node.phase || 'Pending',
        startedAt: node.startedAt ?? '',
        finishedAt: node.finishedAt ?? undefined,
      },
    ]),
  );
}
