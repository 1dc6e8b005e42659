/* Takes a wish for a run, refuses it with every reason at once, or pins it to a commit and hands it to the engine. */
import {
  initialState,
  newWorkflow,
  submitProblems,
  type ParsedWorkflow,
  type Problem,
} from '@backstage-mlops/argo-engine';
import {
  ConflictError,
  InputError,
  portalParameters,
  toPipelineParameters,
  type Run,
  type RunRequest,
} from '@backstage-mlops/mlops-core';
import {
  probeIsolation,
  type LocalStepRunner,
} from '@backstage-mlops/mlops-executor';
import type { TrackingService } from '@backstage-mlops/mlops-tracking';
import { createHash, randomInt, randomUUID } from 'node:crypto';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import type { GitRepository } from '../gitops/GitRepository';
import { findPipeline } from '../projects/findPipeline';
import type { Leases } from './Leases';
import type { LocalWorkflowEngine } from './LocalWorkflowEngine';
import type { RunStore, StoredRun } from './RunStore';
import { hashToken, type RunTokens } from './token';

export interface RunServiceOptions {
  index: GitopsIndex;
  repository: GitRepository;
  gitopsUrl: string;
  store: RunStore;
  leases: Leases;
  engine: LocalWorkflowEngine;
  runner: LocalStepRunner;
  tracking: TrackingService;
  tokens: RunTokens;
  trust: string[];
}

export class RunService {
  constructor(private readonly options: RunServiceOptions) {}

  /** Submits a run. InputError with all faults; ConflictError when the idempotency key stands for another request. */
  async submit(
    request: RunRequest,
    by: string,
    idempotencyKey?: string,
  ): Promise<Run> {
    const { store, engine, leases } = this.options;
    const bodyHash = createHash('sha256')
      .update(
        JSON.stringify([
          request.project,
          request.pipeline,
          request.ref ?? null,
          Object.entries(request.parameters ?? {}).sort(),
        ]),
      )
      .digest('hex');
    const idempotency =
      idempotencyKey === undefined
        ? undefined
        : { caller: by, key: idempotencyKey, bodyHash };
    const repeated = idempotency && (await this.findRepeated(idempotency));
    if (repeated) return repeated;
    const run = await this.prepare(request, by);
    const lease = await store.add(
      run,
      hashToken(this.options.tokens.of(run.summary.id)),
      { owner: leases.owner, until: leases.until() },
      idempotency,
    );
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

  private async prepare(request: RunRequest, by: string): Promise<StoredRun> {
    const { index, repository, tracking } = this.options;
    const ref = request.ref ?? index.branch;
    const commit = await repository.resolve(ref);
    const { read, pipeline } = findPipeline(
      await index.readAt(request.project, commit),
      request.pipeline,
    );
    const document = this.checked(
      pipeline.document,
      pipeline.problems,
      pipeline.file,
    );
    const given = request.parameters ?? {};
    this.checkArguments(document, given);
    this.checkSteps(document);
    const { isolation, notes } = await this.isolationFor(request.project);
    const id = newRunId(request.pipeline);
    const set = this.portalArguments(document, commit, read.path);
    const createdAt = new Date().toISOString();
    const workflow = newWorkflow({
      document,
      name: id,
      uid: randomUUID(),
      arguments: { ...given, ...set },
      creationTimestamp: createdAt,
    });
    const { runId: trackingRunId, experimentId } = await tracking.startRun({
      experiment: request.project,
      runName: id,
      user: by,
      tags: {
        'mlops.run': id,
        'mlops.project': request.project,
        'mlops.pipeline': request.pipeline,
        'mlops.commit': commit,
      },
    });
    const visible = new Set(
      toPipelineParameters(document).map(parameter => parameter.name),
    );
    const parameters = workflow.spec.arguments.parameters.filter(
      (parameter: { name: string }) => visible.has(parameter.name),
    );
    const summary = {
      id,
      project: request.project,
      pipeline: request.pipeline,
      engine: 'local' as const,
      phase: 'Pending' as const,
      ref,
      commit,
      file: pipeline.file,
      parameters,
      trigger: { kind: 'person' as const, by },
      createdAt,
      trackingRunId,
      notes,
    };
    return {
      summary,
      workflow,
      state: initialState(),
      isolation,
      experimentId,
    };
  }

  private checked(
    document: ParsedWorkflow | undefined,
    problems: Problem[],
    file: string,
  ): ParsedWorkflow {
    const errors = problems.filter(problem => problem.severity === 'error');
    if (document && errors.length === 0) return document;
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
    const templates: any[] = document.manifest.spec.templates;
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
