import type { NodeStatus, PipelineGraph } from '@backstage-mlops/argo-engine';
import type {
  Change,
  Effect,
  ModelVersion,
  Pipeline,
  ProjectDetail,
  ProjectSummary,
  Run,
} from '@backstage-mlops/mlops-core';

const commit = 'c0ffee00'.repeat(5);

/** A project that is well and never ran. */
export function projectOf(
  changes: Partial<ProjectSummary> = {},
): ProjectSummary {
  const name = changes.name ?? 'leaves';
  return {
    name,
    title: name,
    owner: 'group:default/botany',
    lifecycle: 'experimental',
    tags: [],
    commit,
    state: 'ok',
    problems: [],
    pipelines: ['train'],
    models: [],
    datasets: [],
    ...changes,
  };
}

/** The same with what its own page shows. */
export function detailOf(changes: Partial<ProjectDetail> = {}): ProjectDetail {
  return {
    ...projectOf(changes),
    path: 'ml-projects/leaves',
    schedules: [],
    allowed: { run: true, control: true, propose: true },
    ...changes,
  };
}

/** The last run of a project. */
export function lastRunOf(
  phase: Run['phase'],
  message?: string,
): ProjectSummary['lastRun'] {
  const { id, pipeline, createdAt, trigger } = runOf();
  return { id, pipeline, createdAt, trigger, phase, message };
}

/** A run of two steps that goes on. */
export function runOf(changes: Partial<Run> = {}): Run {
  return {
    id: 'train-1',
    project: 'leaves',
    pipeline: 'train',
    engine: 'local',
    phase: 'Running',
    ref: 'main',
    commit,
    file: 'ml-projects/leaves/pipelines/train.yaml',
    parameters: [],
    trigger: { kind: 'person', by: 'user:default/jen' },
    createdAt: '2026-01-01T10:00:00.000Z',
    startedAt: '2026-01-01T10:00:00.000Z',
    nodes: {},
    trackingRunId: 'abc',
    ...changes,
  };
}

/** A node as Argo writes it; its id is its display name. */
export function nodeOf(
  displayName: string,
  changes: Partial<NodeStatus> = {},
): NodeStatus {
  return {
    id: displayName,
    name: `train-1.${displayName}`,
    displayName,
    type: 'Pod',
    phase: 'Succeeded',
    templateName: displayName,
    boundaryID: 'train-1',
    children: [],
    startedAt: '2026-01-01T10:00:00.000Z',
    finishedAt: '2026-01-01T10:00:01.000Z',
    ...changes,
  };
}

/** Nodes by id, below the node of the entrypoint. */
export function nodesOf(...nodes: NodeStatus[]): Record<string, NodeStatus> {
  const root = nodeOf('train-1', {
    name: 'train-1',
    type: 'DAG',
    templateName: 'main',
    boundaryID: undefined,
  });
  return Object.fromEntries([root, ...nodes].map(node => [node.id, node]));
}

type Plan = PipelineGraph['nodes'][number];

/** A graph of `main` with the steps named, one after the other. */
export function graphOf(
  ...steps: (Partial<Plan> & { name: string })[]
): PipelineGraph {
  const nodes = steps.map(step => ({
    id: `main.${step.name}`,
    template: step.name,
    type: 'Pod' as const,
    parent: 'main',
    ...step,
  }));
  return {
    nodes: [
      { id: 'main', name: 'main', template: 'main', type: 'DAG' },
      ...nodes,
    ],
    edges: nodes
      .slice(1)
      .map((node, i) => ({ from: nodes[i].id, to: node.id })),
  };
}

/** A pipeline that takes nothing. */
export function pipelineOf(changes: Partial<Pipeline> = {}): Pipeline {
  return {
    project: 'leaves',
    name: 'train',
    ref: 'main',
    commit,
    file: 'ml-projects/leaves/pipelines/train.yaml',
    parameters: [],
    graph: graphOf({ name: 'fit' }),
    problems: [],
    source: 'kind: WorkflowTemplate\n',
    ...changes,
  };
}

/** A registered version. */
export function versionOf(changes: Partial<ModelVersion> = {}): ModelVersion {
  return {
    version: '1',
    digest: 'sha256:00',
    createdAt: '2026-01-01T10:00:00.000Z',
    metrics: {},
    parameters: {},
    ...changes,
  };
}

/** A request that is open, checked and waits for nothing. */
export function changeOf(changes: Partial<Change> = {}): Change {
  return {
    id: '7',
    project: 'leaves',
    kind: 'change',
    title: 'Fewer epochs',
    state: 'open',
    draft: false,
    branch: 'mlops/7-fewer-epochs',
    target: 'main',
    base: commit,
    head: 'beef0001'.repeat(5),
    author: 'user:default/jen',
    reviewers: [],
    createdAt: '2026-01-01T10:00:00.000Z',
    updatedAt: '2026-01-01T10:00:00.000Z',
    checksState: 'none',
    message: '',
    files: [],
    commits: [],
    checks: [],
    reviews: [],
    comments: [],
    mergeable: true,
    blockedBy: [],
    requiredReviewers: [],
    allowed: {
      review: true,
      merge: true,
      close: true,
      update: true,
      promote: false,
    },
    ...changes,
  };
}

/** An edit that does nothing. */
export function effectOf(changes: Partial<Effect> = {}): Effect {
  return {
    base: commit,
    files: [],
    graph: { added: [], removed: [], changed: [] },
    parameters: [],
    rerun: [],
    cached: [],
    affected: {
      pipelines: [],
      models: [],
      datasets: [],
      teams: [],
      projects: [],
    },
    findings: [],
    pipelines: [],
    ...changes,
  };
}
