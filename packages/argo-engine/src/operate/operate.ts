/*
 * The engine's one decision, written as Argo's controller is: a pure, re-entrant function that walks the template tree from
 * the entrypoint, makes nodes that are missing and brings forward those that can move. Called again with the same facts it
 * changes nothing; a history played again gives the same tree.
 */
import type {
  NodeStatus,
  OperateInput,
  OperateResult,
  WorkflowPhase,
  WorkflowState,
} from '../types';
import { executeTemplate } from './executeTemplate';
import { Pass } from './Pass';
import { messages, reconcilePods } from './pod';
import { isFulfilled } from './Tree';

/** The state of a run that was submitted and not yet looked at. @public */
export function initialState(): WorkflowState {
  return { phase: 'Pending', nodes: {} };
}

/** True when the run is over: its state never changes again. @public */
export function isTerminal(state: WorkflowState): boolean {
  return state.phase !== 'Pending' && state.phase !== 'Running';
}

/**
 * Decides what comes next in a run. Does nothing itself: pods to start and to stop are in the answer.
 *
 * @public
 */
export function operate(input: OperateInput): OperateResult {
  if (isTerminal(input.state))
    return { state: input.state, start: [], stop: [] };
  const pass = new Pass(input);
  const { state } = pass;
  if (state.phase === 'Pending') {
    state.phase = 'Running';
    state.startedAt = input.now;
  }
  reconcilePods(pass);
  endOverdue(pass);
  const root = executeTemplate(pass, {
    nodeName: pass.name,
    displayName: pass.name,
    templateName: pass.spec.entrypoint,
    arguments: pass.spec.arguments ?? {},
    depth: 0,
  });
  if (isFulfilled(root)) finish(pass, root);
  state.progress = progressOf(state);
  return {
    state,
    start: pass.start,
    stop: [...pass.stop],
    ...(pass.nextLook && !isTerminal(state)
      ? { requeueAt: pass.nextLook }
      : {}),
  };
}

// Stop, terminate and the deadline of the whole run end what runs; pods that were never started fail at once.
function endOverdue(pass: Pass): void {
  const remaining = pass.remainingMs();
  const overdue = remaining !== undefined && remaining <= 0;
  if (remaining !== undefined && !overdue)
    pass.requeue(Date.parse(pass.now) + remaining);
  if (!overdue && !pass.shutdown) return;
  for (const node of Object.values(pass.state.nodes)) {
    if (node.type !== 'Pod' || isFulfilled(node)) continue;
    if (pass.input.pods[node.id]) pass.stop.add(node.id);
    else
      pass.tree.mark(
        node,
        'Failed',
        pass.shutdown
          ? messages.shutdown(pass.shutdown)
          : messages.stepDeadline,
      );
  }
}

function finish(pass: Pass, root: NodeStatus): void {
  const { state } = pass;
  const phases: Partial<Record<NodeStatus['phase'], WorkflowPhase>> = {
    Failed: 'Failed',
    Error: 'Error',
  };
  state.phase = phases[root.phase] ?? 'Succeeded';
  const message =
    pass.shutdown && state.phase !== 'Succeeded'
      ? messages.stopped(pass.shutdown)
      : root.message;
  if (message && state.phase !== 'Succeeded') state.message = message;
  if (pass.shutdown && state.phase === 'Error') state.phase = 'Failed';
  state.finishedAt = pass.now;
}

function progressOf(state: WorkflowState): string {
  const pods = Object.values(state.nodes).filter(node => node.type === 'Pod');
  return `${pods.filter(node => node.phase === 'Succeeded').length}/${
    pods.length
  }`;
}
