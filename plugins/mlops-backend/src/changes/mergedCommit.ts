/* The commit that a merge puts on the main branch. */
import {
  ConflictError,
  type HostActor,
  type MergeMethod,
} from '@backstage-mlops/mlops-core';
import type { GitCommits } from './GitCommits';
import type { GitComparison } from './GitComparison';
import type { StoredPullRequest } from './PullRequestStore';

/** Makes it; the branch stays where it is. ConflictError where the two sides do not fit. */
export async function mergedCommit(
  row: StoredPullRequest,
  target: string,
  how: { by: HostActor; method: MergeMethod; head: string },
  git: { commits: GitCommits; comparison: GitComparison },
): Promise<string> {
  const { by, method, head } = how;
  const { commits, comparison } = git;
  const { tree, conflicts } = await comparison.merge(target, head);
  if (conflicts.length > 0)
    throw new ConflictError(
      `The change does not fit ${row.target}: ${conflicts
        .slice(0, 3)
        .join(', ')}. Rebase it first.`,
      'conflict',
    );
  const base = (await comparison.mergeBase(target, head)) ?? target;
  const [first] = await comparison.commits(base, head);
  return commits.commitTree(
    tree,
    method === 'squash' ? [target] : [target, head],
    {
      author:
        (method === 'squash' &&
          first &&
          (await comparison.authorOf(first.commit))) ||
        by,
      message: mergeMessage(row, { method, by }),
    },
  );
}

/** What the commit on the main branch says. */
function mergeMessage(
  request: { number: number; title: string; message: string; branch: string },
  { method, by }: { method: MergeMethod; by: HostActor },
): string {
  const title =
    method === 'squash'
      ? `${request.title} (#${request.number})`
      : `Merge request #${request.number}: ${request.title}`;
  return [
    title,
    ...(request.message ? ['', request.message] : []),
    '',
    `Change: ${request.number}`,
    `Merged-by: ${by.name.replace(/[\r\n]+/g, ' ')} <${by.ref}>`,
    '',
  ].join('\n');
}
