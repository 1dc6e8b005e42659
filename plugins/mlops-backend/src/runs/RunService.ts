/* Takes a wish for a run, refuses it with every reason at once, or pins it to a commit and hands it to the engine. */
import {
  ConflictError,
  InputError,
  LimitError,
  ServiceUnavailableError,
  type Run,
  type RunRequest,
} from '@backstage-mlops/mlops-core';
import { createHash } from 'node:crypto';
import type { GitRepository } from '../gitops/GitRepository';
import type { Runnable } from '../projects/findPipeline';
import { failpoint } from './failpoint';
import type { Leases } from './Leases';
import type { RunSupervisor } from './RunSupervisor';
import { RunAdmission, type RunAdmissionOptions } from './RunAdmission';
import { RunBuilder, type RunBuilderOptions } from './RunBuilder';
import { checkSameInputs } from './runInputs';
import type { RunQueue } from './RunQueue';
import { RunRetries } from './RunRetries';
import type { RunStore } from './RunStore';
import type { StoredRun } from './StoredRun';
import { hashToken, type RunTokens } from './token';

export interface RunServiceOptions
  extends RunAdmissionOptions,
    Omit<RunBuilderOptions, 'admission'> {
  repository: GitRepository;
  store: RunStore;
  leases: Leases;
  engine: RunSupervisor;
  tokens: RunTokens;
  queue: RunQueue;
}

/** Begins runs. */
export class RunService {
  readonly retries: RunRetries;
  private readonly builder: RunBuilder;

  constructor(private readonly options: RunServiceOptions) {
    const admission = new RunAdmission(options);
    this.builder = new RunBuilder({ ...options, admission });
    this.retries = new RunRetries({ ...options, admission });
  }

  /** Submits a run. InputError with all faults; ConflictError when the idempotency key stands for another request. */
  async submit(
    request: RunRequest,
    by: string,
    idempotencyKey?: string,
  ): Promise<Run> {
    const bodyHash = createHash('sha256')
      .update(
        JSON.stringify([
          request.project,
          request.pipeline,
          request.ref ?? null,
          Object.entries(request.parameters ?? {}).sort(),
          request.entrypoint ?? null,
          request.engine ?? null,
          request.reuse ?? null,
        ]),
      )
      .digest('hex');
    const idempotency =
      idempotencyKey === undefined
        ? undefined
        : { caller: by, key: idempotencyKey, bodyHash };
    const repeated = idempotency && (await this.findRepeated(idempotency));
    if (repeated) return repeated;
    return this.begin(
      await this.builder.build(request, { kind: 'person', by }),
      idempotency,
    );
  }

  /**
   * The same again: commit, parameters and taken-over inputs of an earlier run, some parameters changed. ConflictError when an
   * input is no longer what it was.
   */
  async resubmit(
    id: string,
    parameters: Record<string, string>,
    by: string,
  ): Promise<Run> {
    const { summary } = await this.options.store.get(id);
    if (!summary.file)
      throw new InputError(
        `Run '${id}' was started on the cluster with a spec of its own; there is no file in git to run again.`,
        'invalid-field',
      );
    const before = Object.fromEntries(
      summary.parameters.map(({ name, value }) => [name, value]),
    );
    const run = await this.builder.build(
      {
        project: summary.project,
        pipeline: summary.pipeline,
        ref: summary.commit,
        engine: summary.engine,
        parameters: { ...before, ...parameters },
        entrypoint: summary.basis?.entrypoint,
        reuse: summary.basis?.reuse,
      },
      { kind: 'person', by },
    );
    checkSameInputs(id, summary.basis, run.summary.basis);
    run.summary.ref = summary.ref;
    run.summary.origin = { kind: 'resubmit', run: id };
    return this.begin(run);
  }

  /**
   * The run that a schedule asks for at one of its times. The same time gives the same run, however often and by whichever portal
   * it is asked for.
   */
  async submitScheduled(
    { project, name }: { project: string; name: string },
    scheduledFor: string,
  ): Promise<Run> {
    const key = {
      caller: `schedule:${project}/${name}`,
      key: scheduledFor,
      bodyHash: 'schedule',
    };
    const known = await this.findRepeated(key);
    if (known) return known;
    return this.begin(
      await this.builder.build(
        { project, pipeline: name },
        { kind: 'schedule', by: name, scheduledFor },
      ),
      key,
    );
  }

  /** The run that a portal without runs begins by itself; once, however many portals there are. */
  async submitFirst(request: RunRequest): Promise<Run> {
    const key = { caller: 'portal', key: 'first-run', bodyHash: 'first-run' };
    const known = await this.findRepeated(key);
    if (known) return known;
    return this.begin(
      await this.builder.build(request, { kind: 'first-run', by: 'portal' }),
      key,
    );
  }

  /**
   * A run that checks a proposed change: a pipeline of the project, or a document that the portal made. The same key gives the
   * same run.
   */
  async submitForChange(
    request: RunRequest & { ref: string },
    asked: { by: string; change: string; key: string; document?: Runnable },
  ): Promise<Run> {
    const key = {
      caller: `change:${asked.change}`,
      key: asked.key,
      bodyHash: 'change',
    };
    const known = await this.findRepeated(key);
    if (known) return known;
    const { by, change, document } = asked;
    return this.begin(
      await this.builder.build(
        request,
        { kind: 'change', by, change },
        document,
      ),
      key,
    );
  }

  private async begin(
    run: StoredRun,
    idempotency?: { caller: string; key: string; bodyHash: string },
  ): Promise<Run> {
    const { store, engine, leases, tokens, queue, limits } = this.options;
    const hold = await queue.space.complaint();
    if (hold) throw new ServiceUnavailableError(hold, 'unavailable');
    const waiting = await queue.waiting();
    if (waiting >= limits.queuedRuns)
      throw new LimitError(
        `${waiting} runs wait already; at most ${limits.queuedRuns} may (mlops.limits.queuedRuns). Try again when some of them have begun.`,
        'queue-full',
      );
    // The commit of a run stays, whatever becomes of its branch; it is held first, so no run is ever without it.
    await this.options.repository.keep(
      `refs/mlops/runs/${run.summary.id}`,
      run.summary.commit,
    );
    const lease = await store
      .add(
        run,
        hashToken(tokens.of(run.summary.id)),
        { owner: leases.owner, until: leases.until() },
        idempotency,
      )
      .catch(error => {
        if (error.code === 'idempotency-conflict') return undefined;
        throw error;
      });
    // The same request came twice at once; the other was first.
    if (!lease) return (await this.findRepeated(idempotency!))!;
    await engine.openTracking(run);
    failpoint('tracking-opened');
    engine.start(run, lease);
    return store.getRun(run.summary.id);
  }

  private async findRepeated({
    caller,
    key,
    bodyHash,
  }: {
    caller: string;
    key: string;
    bodyHash: string;
  }): Promise<Run | undefined> {
    const known = await this.options.store.findByIdempotency(caller, key);
    if (!known) return undefined;
    if (known.bodyHash !== bodyHash)
      throw new ConflictError(
        `The Idempotency-Key '${key}' was used for another request, run '${known.runId}'.`,
        'idempotency-conflict',
      );
    return this.options.store.getRun(known.runId);
  }
}
