/* eslint-disable no-control-regex -- colour codes are taken out of logs */
import type { NodeStatus } from '@backstage-mlops/argo-engine';

/** The node at the root of a failure: the first step that failed, not the groups around it. @public */
export function findCause(
  nodes: Record<string, NodeStatus>,
): NodeStatus | undefined {
  const broken = Object.values(nodes).filter(
    node => node.phase === 'Failed' || node.phase === 'Error',
  );
  // An attempt before one that succeeded is history.
  const forgiven = new Set(
    Object.values(nodes)
      .filter(node => node.type === 'Retry' && node.phase === 'Succeeded')
      .flatMap(node => node.children),
  );
  const leaves = broken.filter(
    node =>
      ['Pod', 'Suspend', 'Skipped'].includes(node.type) &&
      !forgiven.has(node.id),
  );
  return [...(leaves.length > 0 ? leaves : broken)].sort((a, b) =>
    (a.finishedAt ?? '') < (b.finishedAt ?? '') ? -1 : 1,
  )[0];
}

/** The line of a log that says what went wrong: the last error line, else the last line. At most 500 characters. @public */
export function errorLine(log: string): string | undefined {
  const lines = log
    .replace(/\u001b\[[0-9;]*m/g, '')
    .split('\n')
    .map(line => line.trim())
    .filter(
      line => line !== '' && !/^(at |Node\.js v\d|\^+$|throw )/.test(line),
    );
  const named = lines.filter(
    line =>
      /^(\w+\.)*\w*(Error|Exception)\b.*/.test(line) &&
      !/^\w+Error$/.test(line),
  );
  return (named[named.length - 1] ?? lines[lines.length - 1])?.slice(0, 500);
}
