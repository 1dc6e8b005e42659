import type { WorkflowState } from '@backstage-mlops/argo-engine';

/**
 * Keys of the artifacts that a run put into its engine's store and nobody else reads. What a step remembers (`memoize`) is not among them:
 * later runs stand on it for as long as its entry counts. Nor is what lies elsewhere than below the run's own name.
 */
export function ownKeys(id: string, { nodes }: WorkflowState): string[] {
  const own = new Set<string>();
  const remembered = new Set<string>();
  for (const { outputs, memoizationStatus } of Object.values(nodes))
    for (const { s3 } of outputs?.artifacts ?? [])
      if (s3?.key) (memoizationStatus ? remembered : own).add(s3.key);
  return [...own].filter(
    key => key.split('/').slice(0, -1).includes(id) && !remembered.has(key),
  );
}
