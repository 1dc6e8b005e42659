import { parseWorkflows, type Problem } from '@backstage-mlops/argo-engine';
import { isProjectFile, readProject } from '@backstage-mlops/mlops-core';

/** Faults of a file of our own kinds, by itself: what it says of other files is looked at by the portal. */
export function ownProblems(
  folder: string,
  path: string,
  text: string,
): Problem[] {
  const inside = path.slice(folder.length + 1);
  if (!path.startsWith(`${folder}/`) || !isProjectFile(inside)) return [];
  if (inside.startsWith('pipelines/'))
    return parseWorkflows(text, path).problems;
  const file = {
    path: inside,
    mode: '100644',
    sizeBytes: new TextEncoder().encode(text).length,
    text,
  };
  return readProject(folder, [file]).problems.filter(
    problem => problem.file === path,
  );
}
