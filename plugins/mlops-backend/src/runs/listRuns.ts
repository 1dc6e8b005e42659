/* Lists of runs, a page at a time. */
import type { RunSummary } from '@backstage-mlops/mlops-core';
import type { Knex } from 'knex';
import { toSummary } from './StoredRun';

/** What a list of runs is asked for. */
export interface RunQuery {
  project?: string;
  /** Runs of these projects alone. */
  projects?: string[];
  pipeline?: string;
  phases?: string[];
  text?: string;
  /** Name of the schedule that started them. */
  schedule?: string;
  /** Only those that ran all steps themselves: no single step, nothing taken over. */
  whole?: boolean;
  /** Without those that only check a proposed change. */
  withoutChecks?: boolean;
  /** Branch, tag or commit that was asked for. */
  ref?: string;
  sort: 'newest' | 'oldest';
  cursor?: number;
  limit: number;
}

/** A page of runs, and where the next one begins. */
export async function listRuns(
  knex: Knex,
  query: RunQuery,
): Promise<{ items: RunSummary[]; nextCursor?: string }> {
  const select = knex('mlops_runs')
    .orderBy('sequence', query.sort === 'newest' ? 'desc' : 'asc')
    .limit(query.limit + 1);
  select.select(
    'sequence',
    'id',
    'project',
    'pipeline',
    'engine',
    'phase',
    'message',
    'cause_node',
    'cause_message',
    'ref',
    'commit',
    'file',
    'parameters',
    'trigger_kind',
    'trigger_by',
    'trigger_change',
    'scheduled_for',
    'removed',
    'tracking_run_id',
    'notes',
    'origin',
    'created_at',
    'started_at',
    'finished_at',
  );
  if (query.project) select.where('project', query.project);
  if (query.projects) select.whereIn('project', query.projects);
  if (query.pipeline) select.where('pipeline', query.pipeline);
  if (query.whole) select.whereNull('basis');
  if (query.withoutChecks) select.whereNot('trigger_kind', 'change');
  if (query.ref) select.where('ref', query.ref);
  if (query.phases?.length) select.whereIn('phase', query.phases);
  if (query.schedule)
    select.where({ trigger_kind: 'schedule', trigger_by: query.schedule });
  if (query.cursor !== undefined)
    select.where('sequence', query.sort === 'newest' ? '<' : '>', query.cursor);
  if (query.text) {
    const like = `%${query.text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
    select.where(inner => {
      for (const column of [
        'id',
        'project',
        'pipeline',
        'ref',
        'commit',
        'trigger_by',
        'message',
      ])
        inner.orWhereRaw(`lower(??) like ? escape '\\'`, [column, like]);
    });
  }
  const rows = await select;
  const items = rows.slice(0, query.limit);
  return {
    items: items.map(toSummary),
    ...(rows.length > query.limit
      ? { nextCursor: String(items[items.length - 1].sequence) }
      : {}),
  };
}
