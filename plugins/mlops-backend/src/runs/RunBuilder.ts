/* Makes a run of a wish: pins it to a commit, takes along what its pipeline refers to and what it takes over of an earlier run. */
import {
  collectFiles,
  freshInputs,
  initialState,
  newWorkflow,
  onlyTemplate,
  reuseNodes,
  type NodeStatus,
  type ParsedWorkflow,
  type Workflow,
  type WorkflowState,
} from '@backstage-mlops/argo-engine';
import {
  InputError,
  toPipelineParameters,
  type ArtifactStore,
  type ReadProject,
  type RunBasis,
  type RunRequest,
  type RunTrigger,
  type SharedFiles,
} from '@backstage-mlops/mlops-core';
import type { TrackingService } from '@backstage-mlops/mlops-tracking';
import { randomInt, randomUUID } from 'node:crypto';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import type { GitRepository } from '../gitops/GitRepository';
import { documentOf, type Runnable } from '../projects/findPipeline';
import type { ClusterRuns } from './ClusterRuns';
import { warningsOf, type RunAdmission } from './RunAdmission';
import { digestInputs, takenOver } from './runInputs';
import type { RunStore } from './RunStore';
import type { StoredRun } from './StoredRun';

export interface RunBuilderOptions {
  admission: RunAdmission;
  index: GitopsIndex;
  repository: GitRepository;
  gitopsUrl: string;
  store: RunStore;
  tracking: TrackingService;
  artifacts: ArtifactStore;
  clusters: ClusterRuns;
  /** Engine of runs that name none. */
  defaultEngine: string;
}

/** Makes runs that nobody has stored yet. */
export class RunBuilder {
  constructor(private readonly options: RunBuilderOptions) {}

  /** A run as it is to be stored. InputError with every reason why it cannot be. */
  async build(
    request: RunRequest,
    trigger: Exclude<RunTrigger, { kind: 'cluster' }>,
    made?: Runnable,
  ): Promise<StoredRun> {
    const { admission, index, repository, tracking } = this.options;
    const ref = request.ref ?? index.branch;
    const commit = await repository.resolve(ref);
    const read = await index.readAt(request.project, commit);
    const runnable = made ?? documentOf(read, request.pipeline, trigger.kind);
    const document = admission.checked(runnable);
    const given = request.parameters ?? {};
    admission.checkArguments(document, given);
    const engine = this.engineFor(request, read);
    const { isolation, notes } =
      engine === 'local'
        ? await admission.onThisMachine(request.project, document)
        : admission.onCluster(request);
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
      workflow: admission.limited(
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
            earlier && inputsOf(earlier, reuse!.nodes, workflow),
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
  workflow: Workflow,
): NodeStatus['inputs'] {
  const [id] = nodes;
  if (nodes.length !== 1 || !state.nodes[id])
    throw new InputError(
      `reuse.nodes must name one node of run '${summary.id}' whose inputs are taken.`,
      'invalid-field',
    );
  return freshInputs(workflow, state.nodes, id);
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
