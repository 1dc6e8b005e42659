/* Commits of a branch done again on another commit, as `git rebase` does, without a work tree. */
import { ConflictError } from '@backstage-mlops/mlops-core';
import type { GitCommits } from './GitCommits';
import type { GitComparison } from './GitComparison';
import { gitLine, runGit } from '../gitops/runGit';

/** The newest commit after all commits of `head` were done again on `target`. ConflictError where they do not fit. */
export async function replay(
  from: { head: string; target: string; title: string; directory: string },
  commits: GitCommits,
  comparison: GitComparison,
): Promise<string> {
  const { head, target, directory } = from;
  const base = await comparison.mergeBase(target, head);
  if (base === target) return head;
  const list = await gitLine(directory, [
    'rev-list',
    '--reverse',
    '--topo-order',
    '--parents',
    `${target}..${head}`,
  ]);
  const own = list
    .split('\n')
    .filter(Boolean)
    .map(line => line.split(' '));
  // A branch that was merged with others has no single line of commits: it becomes one commit.
  const isLine = own.every(([, ...parents]) => parents.length === 1);
  if (!isLine || own.length === 0) {
    const { tree } = await fitting(comparison, target, head);
    return commits.commitTree(tree, [target], await wordsOf(directory, head));
  }
  let tip = target;
  for (const [commit, parent] of own) {
    const words = await wordsOf(directory, commit);
    // Two sides that part at the commit's parent: what came before, and the commit.
    const side = await commits.commitTree(
      await commits.treeOf(tip),
      [parent],
      words,
    );
    const { tree } = await fitting(comparison, side, commit);
    if (tree === (await commits.treeOf(tip))) continue;
    tip = await commits.commitTree(tree, [tip], words);
  }
  return tip;
}

async function fitting(
  comparison: GitComparison,
  ours: string,
  theirs: string,
): Promise<{ tree: string }> {
  const { tree, conflicts } = await comparison.merge(ours, theirs);
  if (conflicts.length > 0)
    throw new ConflictError(
      `The change does not fit the newest commit: ${conflicts
        .slice(0, 3)
        .join(', ')}. Solve it by hand and push the branch.`,
      'conflict',
    );
  return { tree };
}

async function wordsOf(directory: string, commit: string) {
  const { stdout } = await runGit(directory, [
    'log',
    '-1',
    '--format=%an%x00%ae%x00%aI%x00%B',
    commit,
  ]);
  const [name, email, authoredAt, message] = stdout.toString().split('\0');
  return { author: { name, email }, authoredAt, message };
}
