import type { ProjectSummary } from '@backstage-mlops/mlops-core';
import { isStopped } from '../runs/runSentence';

/** What the person asked for; what is undefined does not matter. */
export interface ProjectFilter {
  text: string;
  owner?: string;
  state?: string;
}

/** States that projects can be filtered by. */
export const projectStates = [
  'Failed',
  'Running',
  'Succeeded',
  'Stopped',
  'never',
  'faulty',
] as const;

/** Why a project needs a person. */
export type Trouble = 'faulty' | 'failed';

/** Projects that match text, owner and state. Every word of the text must occur somewhere. */
export function filterProjects(
  items: ProjectSummary[],
  { text, owner, state }: ProjectFilter,
): ProjectSummary[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return items.filter(
    item =>
      words.every(word => contentOf(item).includes(word)) &&
      (owner === undefined || item.owner === owner) &&
      (state === undefined || statesOf(item).includes(state)),
  );
}

function contentOf(item: ProjectSummary): string {
  const models = item.models.flatMap(({ name, title }) => [name, title ?? '']);
  return [
    item.name,
    item.title,
    item.description ?? '',
    item.owner,
    item.lifecycle,
    ...item.tags,
    ...models,
  ]
    .join(' ')
    .toLowerCase();
}

function statesOf(item: ProjectSummary): string[] {
  const { phase } = item.lastRun ?? {};
  const faulty = item.state === 'faulty' ? ['faulty'] : [];
  // A stop by a person is no failure, although Argo calls it one.
  if (item.lastRun && isStopped(item.lastRun)) return ['Stopped', ...faulty];
  switch (phase) {
    case undefined:
      return ['never', ...faulty];
    case 'Error':
      return ['Failed', ...faulty];
    case 'Pending':
      return ['Running', ...faulty];
    default:
      return [phase, ...faulty];
  }
}

/** What is wrong with a project; faulty files weigh more than a failed run, since nothing can be run from them. */
export function troubleOf(item: ProjectSummary): Trouble | undefined {
  if (item.state === 'faulty') return 'faulty';
  return statesOf(item).includes('Failed') ? 'failed' : undefined;
}

/** Faulty files first, then failed runs, then what runs now, then the rest by title. */
export function byAttention(items: ProjectSummary[]): ProjectSummary[] {
  const rank = (item: ProjectSummary) => {
    const trouble = troubleOf(item);
    if (trouble) return trouble === 'faulty' ? 0 : 1;
    return statesOf(item).includes('Running') ? 2 : 3;
  };
  return [...items].sort(
    (a, b) => rank(a) - rank(b) || a.title.localeCompare(b.title),
  );
}
