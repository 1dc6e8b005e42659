import type { NodeStatus, NodeType } from '../types';
import { executeDag } from './dag';
import { processInputs, type Processed } from './inputs';
import { NodeFault, type Call, type Pass, type Template } from './Pass';
import { executePod } from './pod';
import { executeSteps } from './steps';
import { isFulfilled } from './Tree';

const maxDepth = 100;

/** Decides one call of a template: makes its node when there is none, and brings it forward. */
export function executeTemplate(pass: Pass, call: Call): NodeStatus {
  const present = pass.tree.find(call.nodeName);
  if (present && isFulfilled(present)) return present;
  try {
    if (call.depth > maxDepth)
      throw new NodeFault(
        'Maximum recursion depth exceeded. See https://argoproj.github.io/argo-workflows/scaling/#maximum-recursion-depth',
      );
    return dispatch(pass, call, processInputs(pass, call));
  } catch (error) {
    if (!(error instanceof NodeFault)) throw error;
    return markError(pass, call, error.message);
  }
}

function dispatch(pass: Pass, call: Call, processed: Processed): NodeStatus {
  const type = typeOf(processed.template);
  const node =
    pass.tree.find(call.nodeName) ?? addNode(pass, call, type, processed);
  switch (type) {
    case 'Steps':
      return executeSteps(pass, call, node, processed);
    case 'DAG':
      return executeDag(pass, call, node, processed);
    default:
      return executePod(pass, call, node, processed);
  }
}

function typeOf(template: Template): NodeType {
  if (template.steps) return 'Steps';
  if (template.dag) return 'DAG';
  if (template.container || template.script) return 'Pod';
  throw new NodeFault(
    `template ${template.name} has nothing to run: container, script, steps or dag`,
  );
}

function addNode(
  pass: Pass,
  call: Call,
  type: NodeType,
  { inputs }: Processed,
): NodeStatus {
  const node = pass.tree.add({
    name: call.nodeName,
    displayName: call.displayName,
    type,
    phase: type === 'Pod' ? 'Pending' : 'Running',
    templateName: call.templateName,
    boundaryID: call.boundaryID,
  });
  if (inputs.parameters || inputs.artifacts)
    node.inputs = structuredClone(inputs);
  return node;
}

function markError(pass: Pass, call: Call, message: string): NodeStatus {
  const present = pass.tree.find(call.nodeName);
  if (present) return pass.tree.mark(present, 'Error', message);
  return pass.tree.add({
    name: call.nodeName,
    displayName: call.displayName,
    type: 'Skipped',
    phase: 'Error',
    message,
    templateName: call.templateName,
    boundaryID: call.boundaryID,
  });
}
