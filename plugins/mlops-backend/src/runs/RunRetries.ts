/* Goes on with a run that is over, and says before what that means. */
import {
  planRetry,
  type RetryPlan,
  type WorkflowState,
} from '@backstage-mlops/argo-engine';
import {
  ConflictError,
  InputError,
  type ArtifactStore,
  type RetryPreview,
  type RetryRequest,
  type Run,
} from '@backstage-mlops/mlops-core';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import { documentOf } from '../projects/findPipeline';
import type { ClusterRuns } from './ClusterRuns';
import { failpoint } from './failpoint';
import type { Lease, Leases } from './Leases';
import type { RunSupervisor } from './RunSupervisor';
import type { RunAdmission } from './RunAdmission';
import { checkInputsKept } from './runInputs';
import type { RunStore } from './RunStore';
import type { StoredRun } from './StoredRun';
import { hashToken, type RunTokens } from './token';

export interface RunRetriesOptions {
  admission: RunAdmission;
  index: GitopsIndex;
  store: RunStore;
  leases: Leases;
  engine: RunSupervisor;
  tokens: RunTokens;
  clusters: ClusterRuns;
  artifacts: ArtifactStore;
}

/** Retries of runs. */
export class RunRetries {
  constructor(private readonly options: RunRetriesOptions) {}

  /** What a retry would do. InputError when there is nothing to retry. */
  async plan(id: string, request: RetryRequest): Promise<RetryPreview> {
    const run = await this.options.store.get(id);
    const { state } = run;
    const { again, kept } = planned(id, state, request);
    await this.checkInputs(run, again);
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
    const { state, again } = planned(id, before.state, request);
    await this.checkInputs(before, again);
    const { workflow, parameters } = withParameters(before, request.parameters);
    await this.checkOtherValues(before, request.parameters);
    this.options.admission.limited(workflow);
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

  // The bytes of a cluster's runs are in its own store.
  private async checkInputs(run: StoredRun, again: string[]): Promise<void> {
    if (!this.options.clusters.engineOf(run.summary.engine))
      await checkInputsKept(run, again, this.options.artifacts);
  }

  // Other values are held against the pipeline as it was at the commit of the run.
  private async checkOtherValues(
    { summary }: StoredRun,
    given: Record<string, string> = {},
  ): Promise<void> {
    const { project, pipeline, commit, trigger } = summary;
    if (Object.keys(given).length === 0 || trigger.kind === 'cluster') return;
    const { admission, index } = this.options;
    const read = await index.readAt(project, commit);
    const document = admission.checked(
      documentOf(read, pipeline, trigger.kind),
    );
    admission.checkArguments(document, {
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
