/*
 * Names and ids of nodes. Source: Argo's NodeID (workflow_types.go) and pod_name.go; the hash is FNV-1a, 32 bits, over UTF-8.
 */

/** FNV-1a, 32 bits. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // Most names are their own bytes, and a large run asks for very many of them.
    if (code > 127) return hashOf(new TextEncoder().encode(text));
    hash = Math.imul(hash ^ code, 0x01000193);
  }
  return hash >>> 0;
}

function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Id of a node: the workflow's name for the root, else with the hash of the node's name. @public */
export function nodeId(workflowName: string, nodeName: string): string {
  return nodeName === workflowName
    ? workflowName
    : `${workflowName}-${fnv1a32(nodeName)}`;
}

/** Name of a node's pod (format v2). @public */
export function podName(
  workflowName: string,
  nodeName: string,
  templateName: string,
): string {
  if (nodeName === workflowName) return workflowName;
  const prefix = templateName
    ? `${workflowName}-${templateName}`
    : workflowName;
  return `${prefix.slice(0, 242)}-${fnv1a32(nodeName)}`;
}

/** Name of a loop's child: `name(index:item)`. Parentheses of the item are dropped. */
export function loopName(name: string, index: number, label: string): string {
  return `${name}(${index}:${label.replace(/[()]/g, '')})`;
}
