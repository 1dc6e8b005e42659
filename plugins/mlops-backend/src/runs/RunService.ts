/* Takes a wish for a run, refuses it with every reason at once, or pins it to a commit and hands it to the engine. */
import {
  collectFiles,
  initialState,
  newWorkflow,
  onlyTemplate,
  planRetry,
  reuseNodes,
  submitProblems,
  type NodeStatus,
  type ParsedWorkflow,
  type RetryPlan,
  type Workflow,
  type WorkflowState,
} from '@backstage-mlops/argo-engine';
import {
  ConflictError,
  InputError,
  LimitError,
  ServiceUnavailableError,
  portalParameters,
  toPipelineParameters,
  type RetryPreview,
  type RetryRequest,
  type ArtifactStore,
  type Run,
  type RunBasis,
  type RunRequest,
  type ReadProject,
  type RunTrigger,
  type SharedFiles,
} from '@backstage-mlops/mlops-core';
import {
  probeControlGroups,
  probeIsolation,
  type LocalStepRunner,
} from '@backstage-mlops/mlops-executor';
import type { TrackingService } from '@backstage-mlops/mlops-tracking';
import { createHash, randomInt, randomUUID } from 'node:crypto';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import type { GitRepository } from '../gitops/GitRepository';
import { failpoint } from './failpoint';
import { documentOf, type Runnable } from '../projects/findPipeline';
import type { ClusterRuns } from './ClusterRuns';
import type { Lease, Leases } from './Leases';
import type { RunSupervisor } from './RunSupervisor';
import type { RunQueue } from './RunQueue';
import type { RunStore } from './RunStore';
import type { StoredRun } from './StoredRun';
import { checkSameInputs, digestInputs, takenOver } from './runInputs';
import { hashToken, type RunTokens } from './token';

export interface RunServiceOptions {
  index: GitopsIndex;
  repository: GitRepository;
  gitopsUrl: string;
  store: RunStore;
  leases: Leases;
  engine: RunSupervisor;
  runner: LocalStepRunner;
  tracking: TrackingService;
  artifacts: ArtifactStore;
  tokens: RunTokens;
  trust: string[];
  queue: RunQueue;
  clusters: ClusterRuns;
  /** Engine of runs that name none. */
  defaultEngine: string;
  limits: RunLimits;
  /** Whether runs may begin on this machine. */
  engineIsOn: boolean;
}

/** What one run may take. */
export interface RunLimits {
  queuedRuns: number;
  argumentBytes: number;
  runSeconds: number;
}

export class RunService {
  constructor(private readonly options: RunServiceOptions) {}

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
      await this.prepare(request, { kind: 'person', by }),
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
    const run = await this.prepare(
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
      await this.prepare(
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
      await this.prepare(request, { kind: 'first-run', by: 'portal' }),
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
      await this.prepare(request, { kind: 'change', by, change }, document),
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

  /** What a retry would do. InputError when there is nothing to retry. */
  async planRetry(id: string, request: RetryRequest): Promise<RetryPreview> {
    const { state } = await this.options.store.get(id);
    const { again, kept } = planned(id, state, request);
    const named = (ids: string[]) =>
      ids.map(node => ({
        id: node,
        displayName: state.nodes[node].displayName,
      }));
    return { again: named(again), kept: named(kept) };
  }

  /** Goes on with a run that is over: what failed, and what the caller names, runs again; the rest stays. */
  async retry(id: string, request: RetryRequest): Promise<Run> {
    const { store, engine, leases, tokens } = this.options;
    const before = await store.get(id);
    const { state } = planned(id, before.state, request);
    const { workflow, parameters } = withParameters(before, request.parameters);
    await this.checkOtherValues(before, request.parameters);
    this.limited(workflow);
    if ((await store.attempts.listUnsettled()).includes(id))
      throw new ConflictError(
        `Steps of run '${id}' are still ending; ask again in a moment.`,
        'conflict',
      );
    failpoint('retry-planned');
    const lease = await leases.take(id);
    if (!lease)
      throw new ConflictError(
        `Run '${id}' is taken by another portal now; ask again.`,
        'conflict',
      );
    await this.retryThere(
      before,
      { state, parameters: request.parameters },
      lease,
    );
    await store.reopen(lease, {
      state,
      workflow,
      parameters,
      tokenHash: hashToken(tokens.of(id)),
    });
    failpoint('run-reopened');
    const run = await store.get(id);
    await engine.openTracking(run);
    engine.start(run, lease);
    return store.getRun(id);
  }

  // Other values are held against the pipeline as it was at the commit of the run.
  private async checkOtherValues(
    { summary }: StoredRun,
    given: Record<string, string> = {},
  ): Promise<void> {
    const { project, pipeline, commit, trigger } = summary;
    if (Object.keys(given).length === 0 || trigger.kind === 'cluster') return;
    const read = await this.options.index.readAt(project, commit);
    const document = this.checked(documentOf(read, pipeline, trigger.kind));
    this.checkArguments(document, {
      ...Object.fromEntries(
        summary.parameters.map(({ name, value }) => [name, value]),
      ),
      ...given,
    });
  }

  // The cluster before the record: a portal that dies in between finds a run that goes on there, and goes on with it.
  private async retryThere(
    { summary }: StoredRun,
    plan: { state: WorkflowState; parameters?: Record<string, string> },
    lease: Lease,
  ): Promise<void> {
    try {
      await this.options.clusters
        .engineOf(summary.engine)
        ?.retry(summary.id, plan);
    } catch (error) {
      await this.options.leases.release(lease);
      throw error;
    }
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

  private async prepare(
    request: RunRequest,
    trigger: Exclude<RunTrigger, { kind: 'cluster' }>,
    made?: Runnable,
  ): Promise<StoredRun> {
    const { index, repository, tracking } = this.options;
    const ref = request.ref ?? index.branch;
    const commit = await repository.resolve(ref);
    const read = await index.readAt(request.project, commit);
    const runnable = made ?? documentOf(read, request.pipeline, trigger.kind);
    const document = this.checked(runnable);
    const given = request.parameters ?? {};
    this.checkArguments(document, given);
    const engine = this.engineFor(request, read);
    const { isolation, notes } =
      engine === 'local'
        ? await this.onThisMachine(request.project, document)
        : this.onCluster(request);
    const id = newRunId(runnable.pipeline);
    const set = this.portalArguments(document, commit, read.path);
    const createdAt = new Date().toISOString();
    const fresh = newWorkflow({
      document,
      name: id,
      uid: randomUUID(),
      arguments: { ...given, ...set },
      creationTimestamp: createdAt,
      ...(trigger.kind === 'schedule'
        ? {
            annotations: {
              'workflows.argoproj.io/scheduled-time': trigger.scheduledFor,
            },
          }
        : {}),
    });
    const { workflow, state } = await this.reused(request, {
      name: id,
      now: createdAt,
      workflow: this.limited(
        withFiles(fresh, read.templates, await index.sharedAt(commit)),
      ),
    });
    const { runId: trackingRunId, experimentId } = await tracking.planRun(
      request.project,
    );
    const visible = new Set(
      toPipelineParameters(document).map(parameter => parameter.name),
    );
    const parameters = workflow.spec.arguments.parameters.filter(
      (parameter: { name: string }) => visible.has(parameter.name),
    );
    const summary = {
      id,
      project: request.project,
      pipeline: runnable.pipeline,
      engine,
      phase: 'Pending' as const,
      ref,
      commit,
      file: runnable.file,
      parameters,
      trigger,
      createdAt,
      trackingRunId,
      notes: [...notes, ...warningsOf(runnable)],
      ...(await this.basisOf(request)),
      ...(request.reuse
        ? { origin: { kind: 'reuse' as const, run: request.reuse.run } }
        : {}),
    };
    return {
      summary,
      workflow,
      state,
      isolation,
      experimentId,
    };
  }

  private engineFor({ engine }: RunRequest, read: ReadProject): string {
    const name =
      engine ?? read.project?.spec.engine ?? this.options.defaultEngine;
    this.options.clusters.engineOf(name);
    return name;
  }

  private async onThisMachine(project: string, document: ParsedWorkflow) {
    if (!this.options.engineIsOn)
      throw new InputError(
        'No run can begin: the engine of this machine is off in production. Set mlops.local.enabled to let steps run here.',
        'engine-off',
      );
    this.checkSteps(document);
    const { isolation, notes } = await this.isolationFor(project);
    const { cpu, reason } = await probeControlGroups();
    const asks = document.manifest.spec.templates?.some(
      ({ container, script }: any) =>
        (container ?? script)?.resources?.limits?.cpu !== undefined,
    );
    return {
      isolation,
      notes:
        asks && !cpu
          ? [
              ...notes,
              `Nothing holds the steps to resources.limits.cpu here: ${reason}.`,
            ]
          : notes,
    };
  }

  private onCluster({ reuse }: RunRequest) {
    this.options.clusters.checkReachable(this.options.gitopsUrl);
    if (reuse)
      throw new InputError(
        'reuse is for runs of this machine: a cluster takes over nothing of an earlier run.',
        'invalid-field',
      );
    return { isolation: 'none' as const, notes: [] };
  }

  // Another entrypoint, and what is taken over of an earlier run of the same pipeline.
  private async reused(
    { project, pipeline, entrypoint, reuse }: RunRequest,
    next: { name: string; now: string; workflow: Workflow },
  ): Promise<{ workflow: Workflow; state: WorkflowState }> {
    const { workflow } = next;
    const earlier = reuse && (await this.options.store.get(reuse.run));
    if (
      earlier &&
      (earlier.summary.project !== project ||
        earlier.summary.pipeline !== pipeline)
    )
      throw new InputError(
        `reuse.run '${reuse.run}' is a run of ${earlier.summary.project}/${earlier.summary.pipeline}, not of ${project}/${pipeline}.`,
        'invalid-field',
      );
    try {
      if (entrypoint !== undefined)
        return {
          workflow: onlyTemplate(
            workflow,
            entrypoint,
            earlier && inputsOf(earlier, reuse!.nodes),
          ),
          state: initialState(),
        };
      if (!earlier) return { workflow, state: initialState() };
      return {
        workflow,
        state: reuseNodes(
          { name: earlier.summary.id, state: earlier.state },
          reuse!.nodes,
          next,
        ),
      };
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(
        `The run cannot begin so: ${(error as Error).message}.`,
        'invalid-field',
      );
    }
  }

  private async basisOf({
    entrypoint,
    reuse,
  }: RunRequest): Promise<{ basis?: RunBasis }> {
    if (entrypoint === undefined && !reuse) return {};
    const { store, artifacts } = this.options;
    return {
      basis: {
        ...(entrypoint === undefined ? {} : { entrypoint }),
        ...(reuse ? { reuse } : {}),
        inputs: reuse
          ? await digestInputs(
              takenOver(await store.get(reuse.run), reuse.nodes, entrypoint),
              artifacts,
            )
          : [],
      },
    };
  }

  private checked({ document, problems, file }: Runnable): ParsedWorkflow {
    const errors = problems.filter(problem => problem.severity === 'error');
    if (document && errors.length === 0) {
      if (document.manifest.spec.entrypoint) return document;
      throw new InputError(
        `${file} has no entrypoint: its templates are for others to call.`,
        'invalid-file',
      );
    }
    const lines = errors
      .slice(0, 20)
      .map(
        problem =>
          `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`,
      );
    throw new InputError(
      `The pipeline cannot run: ${
        lines.join('; ') || `${file} cannot be read`
      }`,
      'invalid-file',
    );
  }

  // What is over a limit is refused with its number; a run without a deadline gets the longest one.
  private limited(workflow: Workflow): Workflow {
    const { limits } = this.options;
    const bytes = Buffer.byteLength(
      JSON.stringify(workflow.spec.arguments?.parameters ?? []),
    );
    if (bytes > limits.argumentBytes)
      throw new InputError(
        `parameters have ${bytes} bytes; at most ${limits.argumentBytes} are taken (mlops.limits.argumentBytes).`,
        'limit-exceeded',
      );
    const seconds = Number(workflow.spec.activeDeadlineSeconds);
    if (seconds > limits.runSeconds)
      throw new InputError(
        `spec.activeDeadlineSeconds is ${seconds}; at most ${limits.runSeconds} are allowed (mlops.limits.runSeconds).`,
        'limit-exceeded',
      );
    return {
      ...workflow,
      spec: {
        ...workflow.spec,
        activeDeadlineSeconds:
          workflow.spec.activeDeadlineSeconds ?? limits.runSeconds,
      },
    };
  }

  private checkArguments(
    document: ParsedWorkflow,
    given: Record<string, string>,
  ): void {
    const own = Object.keys(given).find(name =>
      portalParameters.includes(name),
    );
    if (own)
      throw new InputError(
        `parameters.${own} is set by the portal and cannot be given.`,
        'invalid-field',
      );
    const problems = submitProblems(document, {
      ...Object.fromEntries(
        portalParameters
          .filter(name =>
            document.manifest.spec.arguments?.parameters?.some(
              (item: any) => item.name === name,
            ),
          )
          .map(name => [name, '']),
      ),
      ...given,
    });
    if (problems.length > 0)
      throw new InputError(
        problems
          .map(problem => `parameters.${problem.parameter}: ${problem.message}`)
          .join(' '),
        'invalid-field',
      );
  }

  // What the steps of this machine cannot do is said before the run, not by a step in the middle of it.
  private checkSteps(document: ParsedWorkflow): void {
    const templates: any[] = document.manifest.spec.templates ?? [];
    templates.forEach((template, position) => {
      if (!template.container && !template.script) return;
      const [problem] = this.options.runner.problemsOf(template);
      if (!problem) return;
      const { line, column } = document.locate([
        'spec',
        'templates',
        position,
        ...problem.path
          .split(/[.[\]]+/)
          .filter(part => part !== '')
          .map(part => (/^\d+$/.test(part) ? Number(part) : part)),
      ]);
      throw new InputError(
        `${document.file}:${line}:${column}: spec.templates[${position}].${problem.path}: ${problem.message}`,
        problem.code,
      );
    });
  }

  private async isolationFor(
    project: string,
  ): Promise<{ isolation: 'namespaces' | 'none'; notes: string[] }> {
    const { available, reason } = await probeIsolation();
    if (available) return { isolation: 'namespaces', notes: [] };
    if (!this.options.trust.includes(project))
      throw new InputError(
        `Steps cannot be isolated here (${reason}), and project '${project}' is not listed in mlops.local.trust, so it may not run.`,
        'untrusted-project',
      );
    return {
      isolation: 'none',
      notes: [
        `Steps run without isolation: ${reason}, and the project is listed in mlops.local.trust.`,
      ],
    };
  }

  private portalArguments(
    document: ParsedWorkflow,
    commit: string,
    path: string,
  ): Record<string, string> {
    const values: Record<string, string> = {
      repo: this.options.gitopsUrl,
      revision: commit,
      path,
    };
    const declared = new Set(
      (document.manifest.spec.arguments?.parameters ?? []).map(
        (item: { name: string }) => item.name,
      ),
    );
    return Object.fromEntries(
      Object.entries(values).filter(([name]) => declared.has(name)),
    );
  }
}

// What lets the run begin and may end it.
const warningsOf = ({ problems }: Runnable): string[] =>
  problems
    .filter(problem => problem.severity === 'warning')
    .slice(0, 20)
    .map(
      ({ file, line, column, message }) =>
        `${file}:${line}:${column}: ${message}.`,
    );

// What the workflow refers to in other files is taken along.
function withFiles(
  workflow: Workflow,
  templates: SharedFiles['templates'],
  shared: SharedFiles,
): Workflow {
  try {
    const stored = collectFiles(workflow, templates, shared.config);
    const isEmpty =
      Object.keys(stored.templates).length +
        Object.keys(stored.limits).length ===
      0;
    return isEmpty ? workflow : { ...workflow, stored };
  } catch (error) {
    throw new InputError(
      `The pipeline cannot run: ${(error as Error).message}.`,
      'invalid-file',
    );
  }
}

function inputsOf(
  { summary, state }: StoredRun,
  nodes: string[],
): NodeStatus['inputs'] {
  const [id] = nodes;
  if (nodes.length !== 1 || !state.nodes[id])
    throw new InputError(
      `reuse.nodes must name one node of run '${summary.id}' whose inputs are taken.`,
      'invalid-field',
    );
  return state.nodes[id].inputs;
}

function planned(
  id: string,
  state: WorkflowState,
  { nodes }: RetryRequest,
): RetryPlan {
  try {
    return planRetry(id, state, { nodes, now: new Date().toISOString() });
  } catch (error) {
    throw new InputError(
      `Run '${id}' cannot be retried: ${(error as Error).message}.`,
      'invalid-field',
    );
  }
}

// The run's own parameters with other values; those that the portal sets stay.
function withParameters(
  { workflow, summary }: StoredRun,
  given: Record<string, string> = {},
): {
  workflow: StoredRun['workflow'];
  parameters: { name: string; value: string }[];
} {
  const names = summary.parameters.map(parameter => parameter.name);
  const unknown = Object.keys(given).find(name => !names.includes(name));
  if (unknown !== undefined)
    throw new InputError(
      `parameters.${unknown} is no parameter of this run. It has ${
        names.join(', ') || 'none'
      }.`,
      'invalid-field',
    );
  const change = (parameter: { name: string; value: string }) => ({
    ...parameter,
    value: given[parameter.name] ?? parameter.value,
  });
  const { spec } = workflow;
  return {
    workflow: {
      ...workflow,
      spec: {
        ...spec,
        arguments: {
          ...spec.arguments,
          parameters: spec.arguments.parameters.map(change),
        },
      },
    },
    parameters: summary.parameters.map(change),
  };
}

const letters = 'bcdfghjklmnpqrstvwxz2456789';

function newRunId(pipeline: string): string {
  const tail = Array.from(
    { length: 8 },
    () => letters[randomInt(letters.length)],
  ).join('');
  return `${pipeline
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .slice(0, 40)}-${tail}`;
}
