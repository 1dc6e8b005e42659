/*
 * One call of a template: checks in Argo's order, then the kind of the template decides. Source: executeTemplate of Argo's
 * workflow/controller/operator.go.
 */
import { replaceTagsIn } from '../expressions/tags';
import type { NodeStatus, NodeType } from '../types';
import { executeDag } from './dag';
import { processInputs, type Processed } from './inputs';
import { acquireLock, releaseLock } from './locks';
import { lookUp, notCached } from './memoize';
import { NodeFault, type Call, type Pass, type Template } from './Pass';
import { checkParallelism } from './parallelism';
import { executePod } from './pod';
import {
  attemptTexts,
  continueRetries,
  policyOf,
  retryStrategyOf,
} from './retry';
import { told } from './references';
import { executeSteps } from './steps';
import { executeSuspend, waitForValues } from './suspend';
import { isFulfilled } from './Tree';

const tooDeep =
  'Maximum recursion depth exceeded. See https://argo-workflows.readthedocs.io/en/latest/scaling/#maximum-recursion-depth';

/**
 * Decides one call of a template: makes its node when there is none, and brings it forward. Undefined when the node could not be
 * made yet. A NodeFault is for the caller; the node says it already.
 */
export function executeTemplate(
  pass: Pass,
  call: Call,
): NodeStatus | undefined {
  const present = pass.tree.find(call.nodeName);
  if (call.depth + 1 >= pass.maxDepth)
    throw markFault(pass, call, new NodeFault(tooDeep, 'depth'));
  const processed = attempt(pass, call, () => {
    const { template, scope } = pass.resolve(call.holder, call.scope);
    return processInputs(pass, { ...call, scope }, template);
  });
  const { template } = processed;
  if (present && isFulfilled(present)) {
    releaseLock(pass, present, template);
    return present;
  }
  checkTimeout(pass, template, present);
  checkParallelism(pass, template, present, call.boundaryID);
  const node = attempt(pass, call, () => enter(pass, call, processed, present));
  if (node?.synchronizationStatus?.waiting) return node;
  // What the cache gave needs its locks no longer.
  if (node && isFulfilled(node)) {
    releaseLock(pass, node, template);
    return node;
  }
  const retry = retryStrategyOf(pass, template);
  if (retry) {
    const parent = node ?? addNode(pass, call, processed, 'Retry', 'Running');
    // A hook that is tried again has both flags, as its attempts have; one that waited before it has only its own.
    if (!present && call.nodeFlag)
      parent.nodeFlag = { ...call.nodeFlag, retried: true };
    return executeRetries(pass, call, processed, parent, retry);
  }
  try {
    const made = dispatch(pass, call, processed);
    if (made && givesLocksAtOnce(made)) releaseLock(pass, made, template);
    return made;
  } catch (error) {
    const broken = pass.tree.find(call.nodeName);
    if (broken) releaseLock(pass, broken, template);
    throw error;
  }
}

// What is over by now gives its locks to the next one in the same pass, but the controller sees the end of some kinds only later.
const givesLocksAtOnce = ({ type, phase }: NodeStatus) =>
  type === 'Steps' || (type === 'DAG' && phase === 'Succeeded');

/** Does what may fail before the template runs; a fault is written down on the node. */
function attempt<T>(pass: Pass, call: Call, work: () => T): T {
  try {
    return told(work);
  } catch (error) {
    if (!(error instanceof NodeFault)) throw error;
    throw markFault(pass, call, error);
  }
}

/** The lock and the cache of a template, before it runs. Gives the node when there is one by now. */
function enter(
  pass: Pass,
  call: Call,
  processed: Processed,
  present: NodeStatus | undefined,
): NodeStatus | undefined {
  const { template } = processed;
  const type = template.retryStrategy ? 'Retry' : typeOf(template);
  const add = (phase: 'Pending' | 'Succeeded', message?: string) =>
    addNode(pass, call, processed, type, phase, message);
  const lock = acquireLock(pass, call, template, present, add);
  if (lock.waits) return lock.node;
  if (!template.memoize || (present && !lock.justAcquired)) return present;
  return lookUp(pass, template, lock.node, add);
}

function checkTimeout(
  pass: Pass,
  template: Template,
  node: NodeStatus | undefined,
): void {
  if (!node || !template.timeout || node.phase !== 'Pending') return;
  const end = Date.parse(node.startedAt) + pass.durationMs(template.timeout);
  if (pass.nowMs < end) {
    pass.requeue(end);
    return;
  }
  pass.tree.force(node, 'Failed', 'timeout');
  throw new NodeFault('timeout', 'timeout');
}

// A node with a retry strategy is a parent of its attempts; its name is the call's, theirs have numbers.
function executeRetries(
  pass: Pass,
  call: Call,
  processed: Processed,
  parent: NodeStatus,
  strategy: Record<string, any>,
): NodeStatus {
  let goesOn: boolean;
  try {
    goesOn = continueRetries(pass, parent, strategy);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    pass.tree.force(parent, 'Error', error.message);
    throw new NodeFault(error.message);
  }
  if (!goesOn) return parent;
  const attempts = pass.tree.attemptsOf(parent);
  const last = attempts.at(-1);
  if (isFulfilled(parent) && pass.tree.isOverBelow(parent)) {
    if (last?.outputs) parent.outputs = structuredClone(last.outputs);
    releaseLock(pass, parent, processed.template);
    return parent;
  }
  const isOpen = last !== undefined && !isFulfilled(last);
  const number = isOpen ? attempts.length - 1 : attempts.length;
  const nodeName = isOpen ? last.name : `${call.nodeName}(${number})`;
  if (!isOpen) pass.tree.addChild(parent.id, nodeName);
  const child: Call = {
    ...call,
    nodeName,
    displayName: displayNameOf(nodeName, call),
    nodeFlag: { ...call.nodeFlag, retried: true },
  };
  const texts = attemptTexts(
    pass,
    parent,
    number,
    isOpen ? attempts[number - 1] : last,
  );
  const node = runAttempt(pass, child, processed, texts, strategy);
  if (node && isFulfilled(node) && !isFulfilled(parent))
    return lookAgain(pass, call, node);
  return parent;
}

// The attempt is over by now, and what comes next is decided at once. A fault of that is written on the attempt.
function lookAgain(pass: Pass, call: Call, node: NodeStatus): NodeStatus {
  try {
    return executeTemplate(pass, { ...call, depth: call.depth + 1 })!;
  } catch (error) {
    if (error instanceof NodeFault)
      pass.tree.force(node, 'Error', error.message);
    throw error;
  }
}

// A step's name in a group, a task's in a DAG, and the number of the attempt.
const displayNameOf = (nodeName: string, call: Call) =>
  call.displayName + nodeName.slice(call.nodeName.length);

function runAttempt(
  pass: Pass,
  call: Call,
  processed: Processed,
  texts: Record<string, string>,
  strategy: Record<string, any>,
): NodeStatus | undefined {
  const template = attempt(pass, call, () =>
    replaceTagsIn(processed.template, texts),
  );
  try {
    return dispatch(pass, call, {
      ...processed,
      template,
      texts: { ...processed.texts, ...texts },
    });
  } catch (error) {
    if (!(error instanceof NodeFault)) throw error;
    if (policyOf(strategy) === 'OnFailure') throw error;
    return pass.tree.find(call.nodeName);
  }
}

function dispatch(
  pass: Pass,
  call: Call,
  processed: Processed,
): NodeStatus | undefined {
  const { template } = processed;
  const type = typeOf(template);
  const node = () =>
    pass.tree.find(call.nodeName) ??
    addNode(
      pass,
      call,
      processed,
      type,
      type === 'Pod' || type === 'Suspend' ? 'Pending' : 'Running',
    );
  const boundary = () => {
    const made = node();
    pass.enter(made, call.scope);
    return made;
  };
  try {
    switch (type) {
      case 'Steps':
        return executeSteps(pass, call, boundary(), processed);
      case 'DAG':
        return executeDag(pass, call, boundary(), processed);
      case 'Suspend':
        return executeSuspend(pass, node(), template);
      default:
        return executePod(pass, call, node, processed);
    }
  } catch (error) {
    if (!(error instanceof NodeFault)) throw error;
    const broken = pass.tree.find(call.nodeName);
    if (broken) pass.tree.force(broken, 'Error', error.message);
    throw error;
  }
}

/** The type of node that a template makes. */
export function typeOf(template: Template): NodeType {
  if (template.steps) return 'Steps';
  if (template.dag) return 'DAG';
  if (template.suspend) return 'Suspend';
  if (template.container || template.script) return 'Pod';
  throw new NodeFault(
    `template ${template.name} has nothing to run: container, script, steps, dag or suspend`,
  );
}

function addNode(
  pass: Pass,
  call: Call,
  { inputs, template }: Processed,
  type: NodeType,
  phase: NodeStatus['phase'],
  message?: string,
): NodeStatus {
  const node = pass.tree.add({
    ...namesOf(call),
    type,
    phase,
    message,
    nodeFlag: call.nodeFlag,
  });
  if (inputs.parameters || inputs.artifacts)
    node.inputs = structuredClone(inputs);
  if (template.memoize) node.memoizationStatus = notCached(template);
  if (type === 'Suspend') waitForValues(node, template);
  return node;
}

/** What a node takes over from its call. */
export function namesOf(call: Call) {
  const { template, templateRef, inline } = call.holder;
  return {
    name: call.nodeName,
    displayName: call.displayName,
    ...(templateRef?.name && !inline
      ? { templateRef }
      : { templateName: inline ? undefined : template }),
    boundaryID: call.boundaryID,
  };
}

function markFault(pass: Pass, call: Call, fault: NodeFault): NodeFault {
  const present = pass.tree.find(call.nodeName);
  if (present) pass.tree.force(present, 'Error', fault.message);
  else
    pass.tree.add({
      ...namesOf(call),
      type: 'Skipped',
      phase: 'Error',
      message: fault.message,
      nodeFlag: call.nodeFlag,
    });
  return fault;
}
