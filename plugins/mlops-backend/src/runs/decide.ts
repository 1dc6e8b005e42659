/*
 * One pass of the pure engine with what it may ask of the world: caches, locks of other runs, and what people wished meanwhile.
 * Everything that follows from it is written down together.
 */
import {
  lookupOf,
  operate,
  TooManyNodesError,
  type OperateInput,
  type OperateResult,
  type PodObservation,
  type WorkflowState,
} from '@backstage-mlops/argo-engine';
import { applyControl } from './applyControl';
import type { StoredCacheEntry } from './CacheStore';
import type { HeldLock } from './LockStore';
import { activePhases } from './Leases';
import { mentions } from './mentions';
import type { PassRecord, RunStore } from './RunStore';
import type { StoredRun } from './StoredRun';
import { excessOf, type RunSize } from './runSize';

/** What a pass is given. */
export interface PassInput {
  run: StoredRun;
  state: WorkflowState;
  pods: Record<string, PodObservation>;
  shutdown?: 'Stop' | 'Terminate';
  /** Whether somebody asked something of the run. */
  controlled: boolean;
  /** Told of a wish that cannot be done any more. */
  onRefused(message: string): void;
  /** How large the run may grow. */
  size: RunSize;
}

const lockPollMs = 1000;

/** Decides what comes next, and what has to be written with it. */
export async function decide(
  store: RunStore,
  input: PassInput,
): Promise<{
  result: OperateResult;
  record: Pick<PassRecord, 'saves' | 'hits' | 'locks' | 'controlsDone'>;
}> {
  const now = new Date().toISOString();
  const { state, controlsDone } = await controlled(store, input, now);
  const { run } = input;
  const usesLocks = mentions(run.workflow, 'synchronization');
  const held = usesLocks
    ? await store.locks.heldByOthers(run.summary.id)
    : new Map<string, number>();
  const limits = run.workflow.stored?.limits ?? {};
  const known = new Map<string, StoredCacheEntry | undefined>();
  let passed: OperateResult | TooManyNodesError;
  // What the engine asks for and is not known yet is fetched, and the pass done again: it changes nothing by itself.
  for (;;) {
    const wanted: { cacheName: string; key: string }[] = [];
    passed = operated({
      workflow: run.workflow,
      state,
      pods: input.pods,
      now,
      shutdown: input.shutdown,
      // The first call over the limit is made, and told; not those below it.
      maxDepth: input.size.depthPerRun + 1,
      // A pass that goes far beyond the limit is not done to its end only to tell the number.
      maxNodes: 2 * input.size.nodesPerRun + 1000,
      lock: name => ({ held: held.get(name) ?? 0, limit: limits[name] }),
      templates: lookupOf(run.workflow.stored),
      cached: (cacheName, key) => {
        const name = JSON.stringify([cacheName, key]);
        if (!known.has(name)) wanted.push({ cacheName, key });
        return known.get(name);
      },
    });
    if (wanted.length === 0) break;
    for (const { cacheName, key } of wanted)
      known.set(
        JSON.stringify([cacheName, key]),
        await store.caches.find(run.summary.project, cacheName, key),
      );
  }
  const result = withinLimit(passed, input);
  const waits = Object.values(result.state.locks ?? {}).some(
    lock => lock.waiting.length > 0,
  );
  return {
    result: waits
      ? { ...result, requeueAt: sooner(result.requeueAt, lockPollMs) }
      : result,
    record: {
      saves: result.saves,
      hits: newHits(state, result.state),
      controlsDone,
      ...(usesLocks ? { locks: locksOf(result.state, limits) } : {}),
    },
  };
}

/** A run that grows over its limit is ended: with a message that says so, and without the nodes over it. */
function withinLimit(
  result: OperateResult | TooManyNodesError,
  { size, state: before, pods }: PassInput,
): OperateResult {
  if (result instanceof TooManyNodesError)
    return endedAt(
      { before, nodes: before.nodes, pods },
      `${result.message}; at most ${size.nodesPerRun} are allowed (mlops.limits.nodesPerRun)`,
    );
  const { nodes } = result.state;
  const tooLarge = excessOf(nodes, size);
  return tooLarge && !excessOf(before.nodes, size)
    ? endedAt({ before, nodes, pods }, tooLarge)
    : result;
}

/** The end of a run with the nodes that it had before the pass: what is open ends with it, and says why. */
function endedAt(
  {
    before,
    nodes: found,
    pods,
  }: Pick<PassInput, 'pods'> & {
    before: WorkflowState;
    nodes: WorkflowState['nodes'];
  },
  message: string,
): OperateResult {
  const finishedAt = new Date().toISOString();
  const isKept = (id: string) => Object.hasOwn(before.nodes, id);
  const stop: string[] = [];
  const nodes = Object.keys(before.nodes).map(id => {
    const node = structuredClone(found[id]);
    node.children = node.children.filter(isKept);
    if (node.outboundNodes)
      node.outboundNodes = node.outboundNodes.filter(isKept);
    if (!activePhases.includes(node.phase)) return node;
    const observed = pods[id]?.phase;
    const isOver = observed && !activePhases.includes(observed);
    if (node.type === 'Pod' && !isOver) stop.push(id);
    Object.assign(
      node,
      isOver ? { phase: observed } : { phase: 'Failed', message },
      { finishedAt },
    );
    delete node.podRequested;
    delete node.synchronizationStatus;
    return node;
  });
  const { locks: _locks, ...state } = before;
  return {
    state: {
      ...state,
      startedAt: state.startedAt ?? finishedAt,
      nodes: Object.fromEntries(nodes.map(node => [node.id, node])),
      phase: 'Error',
      message,
      finishedAt,
    },
    start: [],
    stop,
    saves: [],
  };
}

function operated(input: OperateInput): OperateResult | TooManyNodesError {
  try {
    return operate(input);
  } catch (error) {
    if (error instanceof TooManyNodesError) return error;
    throw error;
  }
}

async function controlled(
  store: RunStore,
  { run, state, controlled: any, onRefused }: PassInput,
  now: string,
): Promise<{ state: WorkflowState; controlsDone?: number }> {
  if (!any) return { state };
  const controls = await store.controls.list(run.summary.id);
  let next = state;
  for (const control of controls)
    try {
      next = applyControl(next, control, now);
    } catch (error) {
      onRefused((error as Error).message);
    }
  return { state: next, controlsDone: controls.length };
}

function newHits(before: WorkflowState, after: WorkflowState) {
  return Object.values(after.nodes).flatMap(
    ({ id, memoizationStatus: status }) =>
      status?.hit && !before.nodes[id]?.memoizationStatus ? [status] : [],
  );
}

const locksOf = (
  state: WorkflowState,
  limits: Record<string, number>,
): HeldLock[] =>
  Object.entries(state.locks ?? {})
    .filter(([, lock]) => lock.holding.length > 0)
    .map(([name, lock]) => ({
      name,
      count: lock.holding.length,
      limit: limits[name] ?? 1,
    }));

function sooner(at: string | undefined, ms: number): string {
  const soon = new Date(Date.now() + ms).toISOString();
  return at !== undefined && at < soon ? at : soon;
}
