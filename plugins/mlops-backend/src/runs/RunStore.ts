import type {
  CacheSave,
  Workflow,
  WorkflowState,
} from '@backstage-mlops/argo-engine';
import {
  ConflictError,
  NotFoundError,
  type Run,
  type RunSummary,
} from '@backstage-mlops/mlops-core';
import type { Knex } from 'knex';
import {
  AttemptStore,
  beginAttempts,
  endAttempts,
  type AttemptEnd,
  type StepAttemptRow,
} from './AttemptStore';
import { CacheStore } from './CacheStore';
import { ControlStore } from './ControlStore';
import { failpoint } from './failpoint';
import { LockStore, type HeldLock } from './LockStore';
import { activePhases, fenced, LeaseLostError, type Lease } from './Leases';
import { listRuns, type RunQuery } from './listRuns';
import { toStored, type StoredRun } from './StoredRun';
import { WriteGroup } from './WriteGroup';

/** What is written after a pass. */
export interface PassRecord {
  state: WorkflowState;
  cause?: { node: string; message: string };
  /** Attempts that begin with it. */
  begun?: StepAttemptRow[];
  ended?: AttemptEnd[];
  saves?: CacheSave[];
  hits?: { cacheName: string; key: string }[];
  /** Locks that the run holds; absent = it has none to do with. */
  locks?: HeldLock[];
  /** The cause that was written before stays. */
  keepsCause?: boolean;
  /** The run is over, and nobody goes on with it: the lease ends with the pass. */
  givesBack?: boolean;
  /** How many of the controls that were read are done. */
  controlsDone?: number;
}

/** Runs in the database. */
export class RunStore {
  /** What each run tried. */
  readonly attempts: AttemptStore;
  readonly caches: CacheStore;
  /** What people asked of runs. */
  readonly controls: ControlStore;
  readonly locks: LockStore;
  private readonly group: WriteGroup;

  constructor(private readonly knex: Knex) {
    this.group = new WriteGroup(knex);
    this.attempts = new AttemptStore(knex);
    this.controls = new ControlStore(knex);
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
      await insertRun(trx, run, tokenHash, lease);
    });
    failpoint('run-stored');
    return { runId: summary.id, owner: lease.owner, token: 1 };
  }

  /** As `add`, together with what other runs write. */
  async addInGroup(
    run: StoredRun,
    tokenHash: string,
    lease: { owner: string; until: Knex.Raw },
  ): Promise<Lease> {
    await this.group.write(trx => insertRun(trx, run, tokenHash, lease));
    return { runId: run.summary.id, owner: lease.owner, token: 1 };
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
      .whereNotIn('trigger_kind', ['person', 'change', 'first-run'])
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

  /** A page of runs. */
  list(query: RunQuery): Promise<{ items: RunSummary[]; nextCursor?: string }> {
    return listRuns(this.knex, query);
  }

  /** Writes what a pass led to. LeaseLostError when another portal goes on with the run. */
  async savePass(lease: Lease, pass: PassRecord): Promise<void> {
    await this.knex.transaction(trx => this.writePass(trx, lease, pass));
  }

  /** As `savePass`, together with what other runs write. */
  async savePassInGroup(lease: Lease, pass: PassRecord): Promise<void> {
    await this.group.write(trx => this.writePass(trx, lease, pass));
  }

  // The lease is looked at by the first write: when it is lost, nothing is written.
  private async writePass(
    trx: Knex.Transaction,
    lease: Lease,
    pass: PassRecord,
  ): Promise<void> {
    const { state, cause, begun = [], ended = [] } = pass;
    const { saves = [], hits = [] } = pass;
    const over = !activePhases.includes(state.phase);
    await fenced(trx, lease, {
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
      ...(pass.givesBack ? { lease_owner: null, lease_until: null } : {}),
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
      await this.controls.finish(trx, lease.runId, pass.controlsDone);
    await beginAttempts(trx, lease.runId, begun);
    await endAttempts(trx, lease.runId, ended);
  }

  /** LeaseLostError when another portal goes on with the run. */
  async checkLease({ runId, owner, token }: Lease): Promise<void> {
    const row = await this.knex('mlops_runs')
      .where({ id: runId, lease_owner: owner, lease_token: token })
      .first('id');
    if (!row) throw new LeaseLostError(runId);
  }

  /**
   * Keeps how much a run that is over takes on disk. Looking takes a while, for which the lease was given back: when somebody
   * has taken the run since, for a retry, the figure is old and not written.
   */
  async setStorage({ runId, token }: Lease, bytes: number): Promise<void> {
    await this.group.write(async trx => {
      await trx('mlops_runs')
        .where({ id: runId, lease_token: token })
        .whereNotIn('phase', activePhases)
        .update({ storage_bytes: bytes });
    });
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
      fenced(trx, lease, {
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
}

async function projectOf(trx: Knex, id: string): Promise<string> {
  return (await trx('mlops_runs').where({ id }).first('project')).project;
}

async function insertRun(
  trx: Knex.Transaction,
  run: StoredRun,
  tokenHash: string,
  lease: { owner: string; until: Knex.Raw },
): Promise<void> {
  const { summary } = run;
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
      summary.trigger.kind === 'schedule' ? summary.trigger.scheduledFor : null,
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
}
