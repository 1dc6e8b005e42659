import type { WorkflowPhase } from '@backstage-mlops/argo-engine';
import type { EngineObservation } from '@backstage-mlops/mlops-core';
import type { KubeObject } from '../kube/ListWatch';
import { decodeNodes } from './decodeNodes';
import { asInGit } from './nodeFiles';

/** What a Workflow object says of its run. */
export function toObservation(object: KubeObject): EngineObservation {
  const status = object.status ?? {};
  const decoded = decodeNodes(status);
  return {
    version: `${object.metadata.uid}/${object.metadata.resourceVersion}`,
    ...('missing' in decoded ? { nodesMissing: decoded.missing } : {}),
    state: {
      phase: (status.phase || 'Pending') as WorkflowPhase,
      message: status.message || undefined,
      progress: status.progress,
      startedAt: status.startedAt ?? undefined,
      finishedAt: status.finishedAt ?? undefined,
      nodes: 'nodes' in decoded ? asInGit(decoded.nodes, object) : {},
      outputs: status.outputs,
      ...(object.spec?.suspend ? { suspended: true } : {}),
    },
  };
}
