import type { ProjectDetail } from '@backstage-mlops/mlops-core';

/** The pipeline that trains; where none is called so, the one that was run last, else the first. */
export function mainPipeline({
  pipelines,
  lastRun,
}: Pick<ProjectDetail, 'pipelines' | 'lastRun'>): string | undefined {
  return (
    pipelines.find(name => name === 'train') ??
    pipelines.find(name => name === lastRun?.pipeline) ??
    pipelines[0]
  );
}
