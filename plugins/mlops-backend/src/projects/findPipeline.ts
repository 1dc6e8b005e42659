import {
  NotFoundError,
  type ProjectPipeline,
  type ReadProject,
} from '@backstage-mlops/mlops-core';

/** A pipeline of a project that was read. NotFoundError when there is none of that name. */
export function findPipeline(
  read: ReadProject,
  name: string,
): { read: ReadProject; pipeline: ProjectPipeline } {
  const pipeline = read.pipelines.find(item => item.name === name);
  if (!pipeline)
    throw new NotFoundError(
      `Project '${read.name}' has no pipeline '${name.slice(0, 100)}'.`,
      'not-found',
    );
  return { read, pipeline };
}
