/*
 * The engine's one decision, written as Argo's controller is: a pure, re-entrant function that walks the template tree from
 * the entrypoint, makes nodes that are missing and brings forward those that can move. Called again with the same facts it
 * changes nothing; a history played again gives the same tree.
 */
import { atMoment } from '../expressions/expr/time/clock';
import type {
  NodeStatus,
  OperateInput,
  OperateResult,
  WorkflowPhase,
  WorkflowState,
} from '../types';
import { replaceTagsIn } from '../expressions/tags';
import { executeTemplate } from './executeTemplate';
import { executeLifecycleHooks, exitHookOf, type HookPlace } from './hooks';
import { lockNames, tryAcquire } from './locks';
import { podName } from './names';
import { NodeFault, Pass } from './Pass';
import { messages, reconcilePods } from './pod';
import { told } from './references';
import { isWaiting } from './suspend';
import { isBroken, isFulfilled } from './Tree';

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
    return { state: input.state, start: [], stop: [], saves: [] };
  // Expressions that ask for the time get that of the pass.
  return atMoment(Date.parse(input.now), () => next(input));
}

function next(input: OperateInput): OperateResult {
  let pass = new Pass(input);
  walk(pass);
  // Argo would wait for ever for what nobody gives; here it is a fault.
  if (pass.hasUnresolved && isStill(pass)) {
    pass = new Pass(input, true);
    walk(pass);
  }
  if (isStill(pass)) giveUp(pass);
  const { state } = pass;
  if (isTerminal(state)) forgetLocks(state);
  else if (
    pass.tree.hasFault ||
    (pass.tree.hasChanged && (pass.hasUnresolved || isIdle(pass)))
  )
    pass.requeue(pass.nowMs);
  // Counted only when the pass moved something, as the controller does.
  if (pass.tree.hasChanged || state.phase !== input.state.phase)
    state.progress = progressOf(state);
  return {
    state,
    start: pass.start,
    stop: [...pass.stop],
    saves: pass.saves,
    ...(pass.nextLook && !isTerminal(state)
      ? { requeueAt: pass.nextLook }
      : {}),
  };
}

// All locks are given back. Until then a node that gave up says what it waited for, as the controller does.
function forgetLocks(state: WorkflowState): void {
  delete state.locks;
  for (const node of Object.values(state.nodes))
    delete node.synchronizationStatus;
}

// Nothing was moved, and nothing is under way that could move something later.
function isStill(pass: Pass): boolean {
  return (
    !pass.tree.hasChanged &&
    pass.state.phase === pass.input.state.phase &&
    isIdle(pass)
  );
}

// Argo would wait for ever here, too. What waits for nothing is a fault, from the inside out, so that exit handlers have their turn.
function giveUp(pass: Pass): void {
  const message = 'nothing is under way that it could wait for';
  const open = Object.values(pass.state.nodes).filter(
    node => !isFulfilled(node),
  );
  const inner = open.filter(node => !pass.tree.hasOpenBelow(node));
  for (const node of inner) pass.tree.mark(node, 'Error', message);
  if (open.length === 0) end(pass, 'Error', `the run cannot go on: ${message}`);
}

// Nothing is under way that would lead to another look.
function isIdle(pass: Pass): boolean {
  const { state } = pass;
  return (
    state.phase === 'Running' &&
    !state.suspended &&
    pass.start.length === 0 &&
    pass.nextLook === undefined &&
    Object.values(state.nodes).every(
      node =>
        isFulfilled(node) ||
        (['Steps', 'StepGroup', 'DAG', 'TaskGroup', 'Retry'].includes(
          node.type,
        ) &&
          node.phase === 'Running'),
    )
  );
}

function walk(pass: Pass): void {
  const { state } = pass;
  if (!enterRun(pass)) return;
  if (state.phase === 'Pending') {
    state.phase = 'Running';
    delete state.message;
    state.startedAt ??= pass.now;
    if (pass.spec.suspend === true) state.suspended ??= true;
  }
  reconcilePods(pass);
  endOverdue(pass);
  if (state.suspended && !pass.shutdown) return;
  pass.activePods = pass.countActivePods();
  let root: NodeStatus | undefined;
  try {
    root = executeTemplate(pass, {
      nodeName: pass.name,
      displayName: pass.name,
      holder: { template: pass.spec.entrypoint },
      arguments: pass.spec.arguments ?? {},
      depth: 0,
    });
  } catch (error) {
    if (!(error instanceof NodeFault)) throw error;
    if (error.kind === 'parallelism') return;
    end(pass, 'Error', `error in entry template execution: ${error.message}`);
    return;
  }
  if (root) afterRoot(pass, root);
}

/** The lock of the whole run. False while it is waited for. */
function enterRun(pass: Pass): boolean {
  const names = lockNames(pass, pass.spec.synchronization);
  if (names.length === 0) return true;
  const { message } = tryAcquire(pass, pass.name, names);
  if (message === undefined) return true;
  if (pass.shutdown) {
    end(pass, 'Failed', messages.stopped(pass.shutdown));
    return false;
  }
  pass.state.message = message;
  return false;
}

// Stop, terminate and the deadline of the whole run end what runs at once; their processes are ended after.
function endOverdue(pass: Pass): void {
  const remaining = pass.remainingMs();
  const { isOverdue } = pass;
  if (remaining !== undefined && !isOverdue)
    pass.requeue(pass.nowMs + remaining);
  if (!isOverdue && !pass.shutdown) return;
  const open = Object.values(pass.state.nodes).filter(
    node => !isFulfilled(node),
  );
  const { nodes } = pass.state;
  for (const node of open)
    if (node.type === 'Pod') endPod(pass, node, isOverdue);
  // What waits is ended before the attempts that it is part of.
  const isAttempts = (node: NodeStatus) => node.type === 'Retry';
  for (const node of [
    ...open.filter(item => !isAttempts(item)),
    ...open.filter(isAttempts),
  ]) {
    if (isFulfilled(node)) continue;
    const ofExit = isOfExit(node, nodes);
    if (pass.shutdown && !pass.mayExecute(ofExit) && isEnded(pass, node))
      pass.tree.mark(node, 'Failed', messages.stopped(pass.shutdown));
    else if (
      isOverdue &&
      !ofExit &&
      (isWaiting(node) || node.phase === 'Pending')
    )
      pass.tree.mark(node, 'Failed', messages.stepDeadline);
  }
}

// Who waits for a person or a lock is over, and so are attempts of which nothing goes on.
const isEnded = (pass: Pass, node: NodeStatus) =>
  isWaiting(node) ||
  (node.phase === 'Pending' && Boolean(node.synchronizationStatus?.waiting)) ||
  (node.type === 'Retry' && pass.tree.isOverBelow(node));

// An exit handler, of the run or of a part, and what is inside it.
function isOfExit(node: NodeStatus, nodes: WorkflowState['nodes']): boolean {
  if (node.displayName.endsWith('.onExit')) return true;
  const boundary = node.boundaryID ? nodes[node.boundaryID] : undefined;
  return boundary !== undefined && isOfExit(boundary, nodes);
}

function endPod(pass: Pass, node: NodeStatus, isOverdue: boolean): void {
  const onExit = node.onExitPod === true;
  const isRequested = node.podRequested || pass.input.pods[node.id];
  if (pass.shutdown && isRequested && !pass.mayExecute(onExit)) {
    pass.stop.add(node.id);
    pass.tree.mark(node, 'Failed', messages.shutdown(pass.shutdown));
  } else if (isOverdue && !onExit) {
    if (isRequested) pass.stop.add(node.id);
    pass.tree.mark(node, 'Failed', messages.stepDeadline);
  }
}

const phaseOf = (node: NodeStatus): WorkflowPhase =>
  isBroken(node) ? (node.phase as WorkflowPhase) : 'Succeeded';

/** Hooks of the run and its exit handler, then the end. */
function afterRoot(pass: Pass, root: NodeStatus): void {
  // How the root stands before its hooks: a fault of theirs is written on it, and looked at in the next pass.
  const isOver = isFulfilled(root);
  const phase = phaseOf(root);
  const { message } = root;
  pass.globals['workflow.status'] = isOver ? phase : root.phase;
  pass.globals['workflow.failures'] = failuresOf(pass);
  const place: HookPlace = {
    hooks: pass.spec.hooks,
    values: { texts: pass.globals, artifacts: {} },
    depth: -1,
  };
  let hooksAreOver: boolean;
  try {
    hooksAreOver = executeLifecycleHooks(pass, root, place);
  } catch (error) {
    if (!(error instanceof NodeFault)) throw error;
    pass.tree.force(root, 'Error', error.message);
    hooksAreOver = true;
  }
  if (!isOver || !hooksAreOver) return;
  let exit: NodeStatus | undefined;
  try {
    exit = executeExitHandler(pass, root);
  } catch (error) {
    if (!(error instanceof NodeFault)) throw error;
    if (error.kind === 'parallelism') return;
    end(pass, 'Error', `error in exit template execution : ${error.message}`);
    return;
  }
  if (exit && !isFulfilled(exit)) return;
  if (phase === 'Succeeded') {
    if (exit && isBroken(exit)) end(pass, phaseOf(exit), exit.message);
    else end(pass, 'Succeeded', undefined);
    return;
  }
  end(pass, phase, pass.shutdown ? messages.stopped(pass.shutdown) : message);
}

function executeExitHandler(
  pass: Pass,
  root: NodeStatus,
): NodeStatus | undefined {
  const hook = exitHookOf(pass, pass.spec);
  // A handler that has begun is looked at to its end, also when nothing new may begin.
  const hasBegun = pass.tree.find(`${pass.name}.onExit`) !== undefined;
  if (!hook || !(hasBegun || pass.mayExecute(true))) return undefined;
  pass.globals['workflow.status'] = phaseOf(root);
  return executeTemplate(pass, {
    nodeName: `${pass.name}.onExit`,
    displayName: `${pass.name}.onExit`,
    holder: hook,
    // The run's own arguments are values; what a hook is written with may say how the run ended.
    arguments:
      hook.arguments === pass.spec.arguments
        ? hook.arguments ?? {}
        : told(() => replaceTagsIn(hook.arguments, pass.globals)),
    onExit: true,
    nodeFlag: { hooked: true },
    depth: 0,
  });
}

// A JSON text that is quoted once more, so that it can stand in a shell's arguments as it is.
function failuresOf({ state, name }: Pass): string {
  const failed = Object.values(state.nodes)
    .filter(isBroken)
    .map(node => ({
      displayName: node.displayName,
      message: node.message ?? '',
      templateName: templateNameOf(node),
      phase: node.phase,
      podName: podName(name, node.name, templateNameOf(node)),
      finishedAt: node.finishedAt?.replace(/\.\d+Z$/, 'Z') ?? null,
    }));
  return JSON.stringify(JSON.stringify(failed.length > 0 ? failed : null));
}

const templateNameOf = ({ templateName, templateRef }: NodeStatus) =>
  templateName ?? templateRef?.template ?? '';

function end(
  pass: Pass,
  phase: WorkflowPhase,
  message: string | undefined,
): void {
  const { state } = pass;
  state.phase = phase;
  if (message) state.message = message;
  else delete state.message;
  const entry = pass.tree.find(pass.name);
  if (phase === 'Error' && entry?.phase === 'Running')
    pass.tree.mark(entry, 'Error', 'Workflow operation error');
  state.finishedAt = pass.now;
}

function progressOf(state: WorkflowState): string {
  const pods = Object.values(state.nodes).filter(node =>
    ['Pod', 'Suspend'].includes(node.type),
  );
  return `${pods.filter(node => node.phase === 'Succeeded').length}/${
    pods.length
  }`;
}
