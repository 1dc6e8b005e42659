import type { ChangeSummary } from '@backstage-mlops/mlops-core';
import type { ResourceFinder } from './ResourceFinder';
import type { CallerRights } from './Rights';

/** What decides whether a caller may see a change of a list; undefined when they see all. */
export async function changeSight(
  { finder }: { finder: ResourceFinder },
  rights: CallerRights,
): Promise<((summary: ChangeSummary) => Promise<boolean>) | undefined> {
  await rights.load(['projectRead', 'changeRead']);
  const seesAll =
    (await rights.reach('projectRead')) === 'all' &&
    (await rights.reach('changeRead')) === 'all';
  if (seesAll) return undefined;
  return async ({ id, kind, project, author, reviewers }) => {
    const change = finder.ofChange({
      id,
      kind,
      project,
      authors: [author],
      reviewers,
    });
    const scope = { change, project: change.project };
    return (
      (await rights.may('projectRead', scope)) &&
      (await rights.may('changeRead', scope))
    );
  };
}
