/*
 * A step that runs alone gets what it had in an earlier run; but what follows from the run's own parameters alone follows from those
 * of the new run, so that a person may try the step with another value.
 */
import { replaceTags, type Scope } from '../expressions/tags';
import type { NodeStatus, Workflow, WorkflowState } from '../types';

type Nodes = WorkflowState['nodes'];
type Given = { name: string; value?: unknown; valueFrom?: unknown }[];

/**
 * Inputs for a step that runs alone: those of a node of an earlier run, with the values that the workflow's own parameters give
 * now. What came from another step, from an item of a loop, or by a call that the workflow no longer has, stays as it was.
 *
 * @public
 */
export function freshInputs(
  workflow: Workflow,
  nodes: WorkflowState['nodes'],
  id: string,
): NodeStatus['inputs'] {
  const { inputs } = nodes[id];
  if (!inputs?.parameters) return inputs;
  const known = inputsNow(workflow, nodes, nodes[id]);
  return {
    ...inputs,
    parameters: inputs.parameters.map(parameter =>
      known.has(parameter.name)
        ? { ...parameter, value: known.get(parameter.name) }
        : parameter,
    ),
  };
}

/** Inputs of a node that are known before anything runs. */
function inputsNow(
  workflow: Workflow,
  nodes: Nodes,
  node: NodeStatus,
): Map<string, string> {
  const own: Given = workflow.spec.arguments?.parameters ?? [];
  const scope: Scope = {};
  for (const { name, value } of own)
    if (value !== undefined)
      scope[`workflow.parameters.${name}`] = String(value);
  let given: Given | undefined = own;
  const caller = node.boundaryID ? nodes[node.boundaryID] : undefined;
  if (caller) {
    given = argumentsOf(workflow, caller, node);
    for (const [name, value] of inputsNow(workflow, nodes, caller))
      scope[`inputs.parameters.${name}`] = value;
  }
  const declared: Given = templateOf(workflow, node)?.inputs?.parameters ?? [];
  const known = new Map<string, string>();
  for (const parameter of given ? declared : []) {
    const argument = given!.find(({ name }) => name === parameter.name);
    const value = valueOf(argument ?? parameter, scope);
    if (value !== undefined) known.set(parameter.name, value);
  }
  return known;
}

const templateOf = (workflow: Workflow, { templateName }: NodeStatus) =>
  (workflow.spec.templates ?? []).find(
    ({ name }: { name: string }) => name === templateName,
  );

/** What a node's caller gives it; undefined when the caller has no such call. */
function argumentsOf(
  workflow: Workflow,
  caller: NodeStatus,
  node: NodeStatus,
): Given | undefined {
  const { dag, steps } = templateOf(workflow, caller) ?? {};
  const calls: any[] = dag?.tasks ?? steps?.flat() ?? [];
  // Members of a loop and attempts of a retry have the name of their call, and more in brackets.
  const called = node.displayName.replace(/\([^]*$/, '');
  const call = calls.find(
    ({ name, template }) => name === called && template === node.templateName,
  );
  return call && (call.arguments?.parameters ?? []);
}

function valueOf({ value }: Given[number], scope: Scope): string | undefined {
  if (value === undefined) return undefined;
  const notKnown = () => {
    throw new Error('only another run could tell');
  };
  try {
    return replaceTags(String(value), scope, {
      onUnknown: notKnown,
      onAbsent: notKnown,
      onMissing: notKnown,
    });
  } catch {
    return undefined;
  }
}
