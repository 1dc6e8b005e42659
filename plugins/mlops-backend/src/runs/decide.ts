/*
 * One pass of the pure engine with what it may ask of the world: caches, locks of other runs, and what people wished meanwhile.
 * Everything that follows from it is written down together.
 */
import {
  isTerminal,
  lookupOf,
  operate,
  type OperateResult,
  type PodObservation,
  type WorkflowState,
} from '@backstage-mlops/argo-engine';
import { applyControl } from './applyControl';
import type { StoredCacheEntry } from './CacheStore';
import type { HeldLock } from './LockStore';
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
  let result: OperateResult;
  // What the engine asks for and is not known yet is fetched, and the pass done again: it changes nothing by itself.
  for (;;) {
    const wanted: { cacheName: string; key: string }[] = [];
    result = operate({
      workflow: run.workflow,
      state,
      pods: input.pods,
      now,
      shutdown: state.tooLarge ? 'Terminate' : input.shutdown,
      // The first call over the limit is made, and told; not those below it.
      maxDepth: input.size.depthPerRun + 1,
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
  result = withinLimit(result, input);
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
function withinLimit(result: OperateResult, input: PassInput): OperateResult {
  const { size, state: before, run, pods } = input;
  const tooLarge = excessOf(result.state.nodes, size);
  if (!tooLarge || excessOf(before.nodes, size))
    return ended(result, before.tooLarge);
  const stopped = operate({
    workflow: run.workflow,
    state: { ...before, tooLarge },
    pods,
    now: new Date().toISOString(),
    shutdown: 'Terminate',
    templates: lookupOf(run.workflow.stored),
  });
  return ended(stopped, tooLarge);
}

function ended(
  result: OperateResult,
  tooLarge: string | undefined,
): OperateResult {
  if (tooLarge === undefined) return result;
  const { state } = result;
  return isTerminal(state)
    ? { ...result, state: { ...state, phase: 'Error', message: tooLarge } }
    : result;
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
