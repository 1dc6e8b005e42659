import type { ProjectSummary } from '@backstage-mlops/mlops-core';

/** What the person asked for; `all` means everything. */
export interface ProjectFilter {
  text: string;
  owner: string;
  state: string;
}

/** Projects that match text, owner and state. */
export function filterProjects(
  items: ProjectSummary[],
  { text, owner, state }: ProjectFilter,
): ProjectSummary[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return items.filter(item => {
    const content = [
      item.name,
      item.title,
      item.description,
      item.owner,
      ...item.tags,
      ...item.models.map(model => model.name),
    ]
      .join(' ')
      .toLowerCase();
    return (
      words.every(word => content.includes(word)) &&
      (owner === 'all' || item.owner === owner) &&
      (state === 'all' || stateOf(item).includes(state))
    );
  });
}

function stateOf(item: ProjectSummary): string[] {
  const phase = item.lastRun?.phase;
  return [
    phase === undefined
      ? 'none'
      : phase === 'Error'
      ? 'Failed'
      : phase === 'Pending'
      ? 'Running'
      : phase,
    ...(item.state === 'faulty' ? ['faulty'] : []),
  ];
}

/** Faulty files first, then failed runs, then what runs now, then the rest by name. */
export function byAttention(items: ProjectSummary[]): ProjectSummary[] {
  const rank = (item: ProjectSummary) =>
    item.state === 'faulty'
      ? 0
      : ['Failed', 'Error'].includes(item.lastRun?.phase ?? '')
      ? 1
      : ['Running', 'Pending'].includes(item.lastRun?.phase ?? '')
      ? 2
      : 3;
  return [...items].sort(
    (a, b) => rank(a) - rank(b) || a.title.localeCompare(b.title),
  );
}
