import type {
  CacheSave,
  Workflow,
  WorkflowState,
} from '@backstage-mlops/argo-engine';
import {
  ConflictError,
  NotFoundError,
  type ResumeRequest,
  type Run,
  type RunSummary,
} from '@backstage-mlops/mlops-core';
import type { StepUsage } from '@backstage-mlops/mlops-executor';
import type { Knex } from 'knex';
import os from 'node:os';
import { CacheStore } from './CacheStore';
import { failpoint } from './failpoint';
import { LockStore, type HeldLock } from './LockStore';
import { activePhases, LeaseLostError, type Lease } from './Leases';

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
  /** 0 for the first. */
  attempt: number;
  directory: string;
  state: 'open' | 'ended' | 'abandoned';
  /** Name of the machine whose disk holds the directory. */
  host?: string;
  /** ISO 8601. */
  createdAt: string;
  usage?: StepUsage;
}

/** The end of an attempt, told together with the state that it led to. */
export interface AttemptEnd {
  nodeId: string;
  attempt: number;
  state: 'ended' | 'abandoned';
  usage?: StepUsage;
}

/** What is written after a pass. */
export interface PassRecord {
  state: WorkflowState;
  cause?: { node: string; message: string };
  ended?: AttemptEnd[];
  saves?: CacheSave[];
  hits?: { cacheName: string; key: string }[];
  /** Locks that the run holds; absent = it has none to do with. */
  locks?: HeldLock[];
  /** The cause that was written before stays. */
  keepsCause?: boolean;
  /** How many of the controls that were read are done. */
  controlsDone?: number;
}

/** What a person asked of a run that goes on. */
export type Control =
  | { kind: 'suspend' }
  | ({ kind: 'resume' } & ResumeRequest);

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

/** Runs and their step attempts in the database. */
export class RunStore {
  readonly caches: CacheStore;
  readonly locks: LockStore;

  constructor(private readonly knex: Knex) {
    this.caches = new CacheStore(knex);
    this.locks = new LockStore(knex);
  }

  /** Inserts a run and the key that makes a repeated call harmless, together. */
  async add(
    run: StoredRun,
    tokenHash: string,
    lease: { owner: string; until: Knex.Raw },
    idempotency?: { caller: string; key: string; bodyHash: string },
  ): Promise<Lease> {
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
        engine: summary.engine,
        phase: summary.phase,
        ref: summary.ref,
        commit: summary.commit,
        file: summary.file,
        parameters: JSON.stringify(summary.parameters),
        trigger_kind: summary.trigger.kind,
        trigger_by: summary.trigger.by,
        trigger_change:
          summary.trigger.kind === 'change' ? summary.trigger.change : null,
        scheduled_for:
          summary.trigger.kind === 'schedule'
            ? summary.trigger.scheduledFor
            : null,
        origin: summary.origin ? JSON.stringify(summary.origin) : null,
        basis: summary.basis ? JSON.stringify(summary.basis) : null,
        tracking_run_id: summary.trackingRunId,
        experiment_id: run.experimentId,
        isolation: run.isolation,
        notes: JSON.stringify(summary.notes ?? []),
        token_hash: tokenHash,
        created_at: summary.createdAt,
        workflow: JSON.stringify(run.workflow),
        state: JSON.stringify(run.state),
        lease_owner: lease.owner,
        lease_token: 1,
        lease_until: lease.until,
      });
    });
    failpoint('run-stored');
    return { runId: summary.id, owner: lease.owner, token: 1 };
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
    if (!row) throw this.notThere(id);
    return toStored(row);
  }

  /** The answer for a run that is not there, and for one that the caller may not know of. */
  notThere(id: string): NotFoundError {
    return new NotFoundError(
      `There is no run '${id.slice(0, 128)}'.`,
      'not-found',
    );
  }

  /** Place of a run in the order of all, as the cursor of a list has it. */
  async sequenceOf(id: string): Promise<number | undefined> {
    const row = await this.knex('mlops_runs').where({ id }).first('sequence');
    return row && Number(row.sequence);
  }

  /** The newest run of a project that nobody started by hand. */
  async newestFired(
    project: string,
  ): Promise<{ id: string; by: string; at: string } | undefined> {
    const row = await this.knex('mlops_runs')
      .where({ project })
      .whereNotIn('trigger_kind', ['person', 'change'])
      .orderBy('sequence', 'desc')
      .first('id', 'trigger_by', 'created_at');
    return row && { id: row.id, by: row.trigger_by, at: row.created_at };
  }

  /** Name of the project of a run, if there is such a run. */
  async findProject(id: string): Promise<string | undefined> {
    const row = await this.knex('mlops_runs').where({ id }).first('project');
    return row?.project;
  }

  /** As `get`; undefined when there is none. */
  async find(id: string): Promise<StoredRun | undefined> {
    const row = await this.knex('mlops_runs').where({ id }).first();
    return row && toStored(row);
  }

  async getRun(id: string): Promise<Run> {
    const { summary, state } = await this.get(id);
    const nodes = Object.fromEntries(
      Object.entries(state.nodes).map(
        ([
          key,
          {
            podRequested: _requested,
            onExitPod: _onExit,
            globalNames: _names,
            cacheSaved: _saved,
            ...node
          },
        ]) => [key, node],
      ),
    );
    return {
      ...summary,
      ...(state.suspended ? { suspended: true } : {}),
      nodes: nodes as Run['nodes'],
    };
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

  /** Writes what a pass led to. LeaseLostError when another portal goes on with the run. */
  async savePass(lease: Lease, pass: PassRecord): Promise<void> {
    const { state, cause, ended = [], saves = [], hits = [] } = pass;
    const over = !activePhases.includes(state.phase);
    await this.knex.transaction(async trx => {
      await this.fenced(trx, lease, {
        state: JSON.stringify(state),
        phase: state.phase,
        message: state.message ?? null,
        ...(pass.keepsCause
          ? {}
          : {
              cause_node: cause?.node ?? null,
              cause_message: cause?.message ?? null,
            }),
        started_at: state.startedAt ?? null,
        finished_at: state.finishedAt ?? null,
        // The token of the steps dies with the run.
        ...(over ? { token_hash: null } : {}),
      });
      // Nothing that is over holds a lock, however it ended.
      if (over || pass.locks)
        await this.locks.hold(trx, lease.runId, (!over && pass.locks) || []);
      if (saves.length + hits.length > 0)
        await this.caches.record(
          trx,
          { project: await projectOf(trx, lease.runId), runId: lease.runId },
          saves,
          hits,
        );
      if (pass.controlsDone)
        await writeControls(
          trx,
          lease.runId,
          (await readControls(trx, lease.runId)).slice(pass.controlsDone),
        );
      await endAttempts(trx, lease.runId, ended);
    });
  }

  /** LeaseLostError when another portal goes on with the run. */
  async checkLease({ runId, owner, token }: Lease): Promise<void> {
    const row = await this.knex('mlops_runs')
      .where({ id: runId, lease_owner: owner, lease_token: token })
      .first('id');
    if (!row) throw new LeaseLostError(runId);
  }

  private async fenced(
    trx: Knex.Transaction,
    { runId, owner, token }: Lease,
    values: Record<string, unknown>,
  ): Promise<void> {
    const changed = await trx('mlops_runs')
      .where({ id: runId, lease_owner: owner, lease_token: token })
      .update(values);
    if (changed === 0) throw new LeaseLostError(runId);
  }

  /**
   * Keeps how much a run that is over takes on disk. Looking takes a while, for which the lease was given back: when somebody
   * has taken the run since, for a retry, the figure is old and not written.
   */
  async setStorage({ runId, token }: Lease, bytes: number): Promise<void> {
    await this.knex('mlops_runs')
      .where({ id: runId, lease_token: token })
      .whereNotIn('phase', activePhases)
      .update({ storage_bytes: bytes });
  }

  /** The newest runs of a pipeline that succeeded. */
  async succeeded(
    project: string,
    pipeline: string,
    limit: number,
  ): Promise<RunSummary[]> {
    const { items } = await this.list({
      project,
      pipeline,
      phases: ['Succeeded'],
      whole: true,
      sort: 'newest',
      limit,
    });
    return items;
  }

  /** Records that a person wants the end of a run. ConflictError when it is over. */
  async requestShutdown(
    id: string,
    shutdown: 'Stop' | 'Terminate',
  ): Promise<void> {
    const changed = await this.knex('mlops_runs')
      .where({ id })
      .whereIn('phase', activePhases)
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

  /** Writes down what a person asked of a run. ConflictError when it is over. */
  async addControl(id: string, control: Control): Promise<void> {
    await this.knex.transaction(async trx => {
      const row = await trx('mlops_runs')
        .where({ id })
        .forUpdate()
        .first('phase');
      if (!row || !activePhases.includes(row.phase))
        throw new ConflictError(
          `Run '${id}' is over: it is ${row?.phase}.`,
          'terminal-run',
        );
      const controls = await readControls(trx, id);
      await writeControls(trx, id, [...controls, control]);
    });
  }

  /** What people asked of a run and its owner has not done yet, oldest first. */
  controls(id: string): Promise<Control[]> {
    return readControls(this.knex, id);
  }

  /** Opens a run that is over. LeaseLostError when another portal was quicker. */
  async reopen(
    lease: Lease,
    {
      state,
      workflow,
      parameters,
      tokenHash,
    }: {
      state: WorkflowState;
      workflow: Workflow;
      parameters: { name: string; value: string }[];
      tokenHash: string;
    },
  ): Promise<void> {
    await this.knex.transaction(trx =>
      this.fenced(trx, lease, {
        state: JSON.stringify(state),
        workflow: JSON.stringify(workflow),
        parameters: JSON.stringify(parameters),
        phase: state.phase,
        message: null,
        cause_node: null,
        cause_message: null,
        finished_at: null,
        shutdown: null,
        controls: null,
        token_hash: tokenHash,
      }),
    );
  }

  /** Runs of an owner that a person asked something of. */
  async listControlled(owner: string): Promise<string[]> {
    const rows = await this.knex('mlops_runs')
      .where({ lease_owner: owner })
      .whereIn('phase', activePhases)
      .whereNotNull('controls')
      .select('id');
    return rows.map(row => row.id);
  }

  /** What people asked of the runs of an owner. */
  async listShutdowns(
    owner: string,
  ): Promise<{ id: string; shutdown: 'Stop' | 'Terminate' }[]> {
    return this.knex('mlops_runs')
      .where({ lease_owner: owner })
      .whereIn('phase', activePhases)
      .whereNotNull('shutdown')
      .select('id', 'shutdown');
  }

  /** Writes an attempt down before its process starts; gives its number. LeaseLostError as `savePass`. */
  async addAttempt(
    lease: Lease,
    nodeId: string,
    directoryOf: (attempt: number) => string,
  ): Promise<StepAttemptRow> {
    return this.knex.transaction(async trx => {
      await this.fenced(trx, lease, { lease_token: lease.token });
      const { last } = (await trx('mlops_step_attempts')
        .where({ run_id: lease.runId, node_id: nodeId })
        .max('attempt as last')
        .first())!;
      const attempt = last === null || last === undefined ? 0 : last + 1;
      const row = {
        nodeId,
        attempt,
        directory: directoryOf(attempt),
        state: 'open' as const,
        host: os.hostname(),
        createdAt: new Date().toISOString(),
      };
      await trx('mlops_step_attempts').insert({
        run_id: lease.runId,
        node_id: nodeId,
        attempt,
        directory: row.directory,
        state: row.state,
        host: row.host,
        created_at: row.createdAt,
      });
      return row;
    });
  }

  /** Runs of this machine that are over while a step of them was still ending when its portal went. */
  async listUnsettled(): Promise<string[]> {
    const rows = await this.knex('mlops_step_attempts')
      .join('mlops_runs', 'mlops_runs.id', 'mlops_step_attempts.run_id')
      .where('mlops_step_attempts.state', 'open')
      .where('mlops_runs.engine', 'local')
      .whereNotIn('mlops_runs.phase', activePhases)
      .distinct('mlops_runs.id as id');
    return rows.map(row => row.id);
  }

  /** Writes down how attempts of a run ended that was over before them. LeaseLostError as `savePass`. */
  async settle(lease: Lease, ended: AttemptEnd[]): Promise<void> {
    await this.knex.transaction(async trx => {
      await this.fenced(trx, lease, { lease_token: lease.token });
      await endAttempts(trx, lease.runId, ended);
    });
  }

  async attempts(runId: string): Promise<StepAttemptRow[]> {
    const rows = await this.knex('mlops_step_attempts')
      .where({ run_id: runId })
      .orderBy([{ column: 'created_at' }, { column: 'attempt' }]);
    return rows.map(row => ({
      nodeId: row.node_id,
      attempt: row.attempt,
      directory: row.directory,
      state: row.state,
      host: row.host ?? undefined,
      createdAt: row.created_at,
      usage: row.usage ? JSON.parse(row.usage) : undefined,
    }));
  }
}

async function endAttempts(
  trx: Knex.Transaction,
  runId: string,
  ended: AttemptEnd[],
): Promise<void> {
  for (const { nodeId, attempt, state, usage } of ended)
    await trx('mlops_step_attempts')
      .where({ run_id: runId, node_id: nodeId, attempt })
      .update({
        state,
        ended_at: new Date().toISOString(),
        usage: usage ? JSON.stringify(usage) : null,
      });
}

async function projectOf(trx: Knex, id: string): Promise<string> {
  return (await trx('mlops_runs').where({ id }).first('project')).project;
}

async function readControls(knex: Knex, id: string): Promise<Control[]> {
  const row = await knex('mlops_runs').where({ id }).first('controls');
  return row?.controls ? JSON.parse(row.controls) : [];
}

async function writeControls(
  trx: Knex,
  id: string,
  controls: Control[],
): Promise<void> {
  await trx('mlops_runs')
    .where({ id })
    .update({
      controls: controls.length > 0 ? JSON.stringify(controls) : null,
    });
}

function toSummary(row: any): RunSummary {
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
