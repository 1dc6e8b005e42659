/* A run as a row of the database, and as the engine and the pages need it. */
import type { Workflow, WorkflowState } from '@backstage-mlops/argo-engine';
import type { RunSummary } from '@backstage-mlops/mlops-core';

/** A run as the engine needs it. */
export interface StoredRun {
  summary: RunSummary;
  workflow: Workflow;
  state: WorkflowState;
  isolation: 'namespaces' | 'none';
  experimentId: string;
  shutdown?: 'Stop' | 'Terminate';
}

/** What lists and pages show of a run. */
export function toSummary(row: any): RunSummary {
  return {
    id: row.id,
    project: row.project,
    pipeline: row.pipeline,
    engine: row.engine,
    phase: row.phase,
    ...(row.message ? { message: row.message } : {}),
    ...(row.cause_node
      ? { cause: { node: row.cause_node, message: row.cause_message ?? '' } }
      : {}),
    ref: row.ref,
    commit: row.commit,
    file: row.file,
    parameters: JSON.parse(row.parameters),
    trigger:
      row.trigger_kind === 'schedule'
        ? {
            kind: 'schedule',
            by: row.trigger_by,
            scheduledFor: row.scheduled_for,
          }
        : row.trigger_kind === 'change'
        ? { kind: 'change', by: row.trigger_by, change: row.trigger_change }
        : { kind: row.trigger_kind, by: row.trigger_by },
    createdAt: row.created_at,
    ...(row.origin ? { origin: JSON.parse(row.origin) } : {}),
    ...(row.basis ? { basis: JSON.parse(row.basis) } : {}),
    ...(row.started_at ? { startedAt: row.started_at } : {}),
    ...(row.finished_at ? { finishedAt: row.finished_at } : {}),
    trackingRunId: row.tracking_run_id,
    notes: JSON.parse(row.notes),
    ...(row.removed ? { removed: JSON.parse(row.removed) } : {}),
  };
}

/** What the engine needs of a run. */
export function toStored(row: any): StoredRun {
  return {
    summary: toSummary(row),
    workflow: JSON.parse(row.workflow),
    state: JSON.parse(row.state),
    isolation: row.isolation,
    experimentId: row.experiment_id,
    shutdown: row.shutdown ?? undefined,
  };
}
