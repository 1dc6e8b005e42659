import type { Workflow, WorkflowState } from '@backstage-mlops/argo-engine';
import {
  ConflictError,
  NotFoundError,
  type Run,
  type RunSummary,
} from '@backstage-mlops/mlops-core';
import type { Knex } from 'knex';

/** A run as the engine needs it. */
export interface StoredRun {
  summary: RunSummary;
  workflow: Workflow;
  state: WorkflowState;
  isolation: 'namespaces' | 'none';
  experimentId: string;
  shutdown?: 'Stop' | 'Terminate';
}

/** A try to run one node. */
export interface StepAttemptRow {
  nodeId: string;
  attempt: number;
  directory: string;
}

/** What a list of runs is asked for. */
export interface RunQuery {
  project?: string;
  pipeline?: string;
  phases?: string[];
  text?: string;
  sort: 'newest' | 'oldest';
  cursor?: number;
  limit: number;
}

/** Runs and their step attempts in the database. */
export class RunStore {
  constructor(private readonly knex: Knex) {}

  /** Inserts a run and the key that makes a repeated call harmless, together. */
  async add(
    run: StoredRun,
    tokenHash: string,
    idempotency?: { caller: string; key: string; bodyHash: string },
  ): Promise<void> {
    const { summary } = run;
    await this.knex.transaction(async trx => {
      if (idempotency) {
        const { caller, key, bodyHash } = idempotency;
        const taken = await trx('mlops_idempotency')
          .insert({
            caller,
            key,
            body_hash: bodyHash,
            run_id: summary.id,
            created_at: summary.createdAt,
          })
          .onConflict(['caller', 'key'])
          .ignore()
          .returning('run_id');
        if (taken.length === 0)
          throw new ConflictError(
            `The Idempotency-Key '${key}' was used a moment ago; ask again.`,
            'idempotency-conflict',
          );
      }
      await trx('mlops_runs').insert({
        id: summary.id,
        project: summary.project,
        pipeline: summary.pipeline,
        phase: summary.phase,
        ref: summary.ref,
        commit: summary.commit,
        file: summary.file,
        parameters: JSON.stringify(summary.parameters),
        trigger_by: summary.trigger.by,
        tracking_run_id: summary.trackingRunId,
        experiment_id: run.experimentId,
        isolation: run.isolation,
        notes: JSON.stringify(summary.notes ?? []),
        token_hash: tokenHash,
        created_at: summary.createdAt,
        workflow: JSON.stringify(run.workflow),
        state: JSON.stringify(run.state),
      });
    });
  }

  async findByIdempotency(
    caller: string,
    key: string,
  ): Promise<{ runId: string; bodyHash: string } | undefined> {
    const row = await this.knex('mlops_idempotency')
      .where({ caller, key })
      .first();
    return row && { runId: row.run_id, bodyHash: row.body_hash };
  }

  async get(id: string): Promise<StoredRun> {
    const row = await this.knex('mlops_runs').where({ id }).first();
    if (!row)
      throw new NotFoundError(
        `There is no run '${id.slice(0, 128)}'.`,
        'not-found',
      );
    return toStored(row);
  }

  async getRun(id: string): Promise<Run> {
    const { summary, state } = await this.get(id);
    const nodes = Object.fromEntries(
      Object.entries(state.nodes).map(
        ([key, { podRequested: _hidden, ...node }]) => [key, node],
      ),
    );
    return { ...summary, nodes: nodes as Run['nodes'] };
  }

  /** Runs that are not over, oldest first. */
  async listActive(): Promise<string[]> {
    const rows = await this.knex('mlops_runs')
      .whereIn('phase', ['Pending', 'Running'])
      .orderBy('sequence')
      .select('id');
    return rows.map(row => row.id);
  }

  async isEmpty(): Promise<boolean> {
    return (await this.knex('mlops_runs').first('id')) === undefined;
  }

  async list(
    query: RunQuery,
  ): Promise<{ items: RunSummary[]; nextCursor?: string }> {
    const select = this.knex('mlops_runs')
      .orderBy('sequence', query.sort === 'newest' ? 'desc' : 'asc')
      .limit(query.limit + 1);
    select.select(
      'sequence',
      'id',
      'project',
      'pipeline',
      'phase',
      'message',
      'cause_node',
      'cause_message',
      'ref',
      'commit',
      'file',
      'parameters',
      'trigger_by',
      'tracking_run_id',
      'notes',
      'created_at',
      'started_at',
      'finished_at',
    );
    if (query.project) select.where('project', query.project);
    if (query.pipeline) select.where('pipeline', query.pipeline);
    if (query.phases?.length) select.whereIn('phase', query.phases);
    if (query.cursor !== undefined)
      select.where(
        'sequence',
        query.sort === 'newest' ? '<' : '>',
        query.cursor,
      );
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

  /** Writes the state after a pass. */
  async saveState(
    id: string,
    state: WorkflowState,
    cause?: { node: string; message: string },
  ): Promise<void> {
    const over = !['Pending', 'Running'].includes(state.phase);
    await this.knex('mlops_runs')
      .where({ id })
      .update({
        state: JSON.stringify(state),
        phase: state.phase,
        message: state.message ?? null,
        cause_node: cause?.node ?? null,
        cause_message: cause?.message ?? null,
        started_at: state.startedAt ?? null,
        finished_at: state.finishedAt ?? null,
        // The token of the steps dies with the run.
        ...(over ? { token_hash: null } : {}),
      });
  }

  /** Records that a person wants the end of a run. ConflictError when it is over. */
  async requestShutdown(
    id: string,
    shutdown: 'Stop' | 'Terminate',
  ): Promise<void> {
    const changed = await this.knex('mlops_runs')
      .where({ id })
      .whereIn('phase', ['Pending', 'Running'])
      .update({ shutdown });
    if (changed === 0) {
      const { summary } = await this.get(id);
      throw new ConflictError(
        `Run '${id}' is over: it is ${summary.phase}.`,
        'terminal-run',
      );
    }
  }

  async findByToken(
    tokenHash: string,
  ): Promise<
    { project: string; trackingRunId: string; experimentId: number } | undefined
  > {
    const row = await this.knex('mlops_runs')
      .where({ token_hash: tokenHash })
      .first('project', 'tracking_run_id', 'experiment_id');
    return (
      row && {
        project: row.project,
        trackingRunId: row.tracking_run_id,
        experimentId: Number(row.experiment_id),
      }
    );
  }

  async addAttempt(
    runId: string,
    attempt: StepAttemptRow,
    createdAt: string,
  ): Promise<void> {
    await this.knex('mlops_step_attempts').insert({
      run_id: runId,
      node_id: attempt.nodeId,
      attempt: attempt.attempt,
      directory: attempt.directory,
      created_at: createdAt,
    });
  }

  async attempts(runId: string): Promise<StepAttemptRow[]> {
    const rows = await this.knex('mlops_step_attempts')
      .where({ run_id: runId })
      .orderBy('attempt');
    return rows.map(row => ({
      nodeId: row.node_id,
      attempt: row.attempt,
      directory: row.directory,
    }));
  }
}

function toSummary(row: any): RunSummary {
  return {
    id: row.id,
    project: row.project,
    pipeline: row.pipeline,
    engine: 'local',
    phase: row.phase,
    ...(row.message ? { message: row.message } : {}),
    ...(row.cause_node
      ? { cause: { node: row.cause_node, message: row.cause_message ?? '' } }
      : {}),
    ref: row.ref,
    commit: row.commit,
    file: row.file,
    parameters: JSON.parse(row.parameters),
    trigger: { kind: 'person', by: row.trigger_by },
    createdAt: row.created_at,
    ...(row.started_at ? { startedAt: row.started_at } : {}),
    ...(row.finished_at ? { finishedAt: row.finished_at } : {}),
    trackingRunId: row.tracking_run_id,
    notes: JSON.parse(row.notes),
  };
}

function toStored(row: any): StoredRun {
  return {
    summary: toSummary(row),
    workflow: JSON.parse(row.workflow),
    state: JSON.parse(row.state),
    isolation: row.isolation,
    experimentId: row.experiment_id,
    shutdown: row.shutdown ?? undefined,
  };
}
