import { takeDefaults } from '../operate/suspend';
import type { NodeStatus, WorkflowState } from '../types';

/** What a person says to a step that waits. @public */
export interface ResumeOptions {
  /** Values of outputs that are supplied, by name. */
  parameters?: Record<string, string>;
  /** Leaves outputs without a value as they are instead of giving them their default. */
  keepsUnset?: boolean;
  /** Ends the step as Failed, as a reviewer's no does. */
  fails?: boolean;
  message?: string;
  /** ISO 8601. */
  now: string;
}

/**
 * Ends a step that waits for a person. Outputs that nobody supplied take their default, or the value of the input of their
 * name. Error when the node does not wait, when a value is for no supplied output, when it is not in its enum, or when an output
 * has no value at all.
 *
 * @public
 */
export function resumeNode(
  state: WorkflowState,
  nodeId: string,
  options: ResumeOptions,
): WorkflowState {
  const next = structuredClone(state);
  const node = next.nodes[nodeId];
  if (!node) throw new Error(`there is no node '${nodeId}'`);
  if (node.type !== 'Suspend' || node.phase !== 'Running')
    throw new Error(
      `node '${node.displayName}' does not wait for a person: it is ${node.phase}`,
    );
  supply(node, options.parameters ?? {});
  if (!options.fails && !options.keepsUnset) {
    takeInputs(node);
    takeDefaults(node.outputs);
  }
  node.phase = options.fails ? 'Failed' : 'Succeeded';
  if (options.message) node.message = options.message;
  node.finishedAt = options.now;
  for (const parameter of node.outputs?.parameters ?? [])
    if (parameter.globalName && parameter.value) addGlobal(next, parameter);
  return next;
}

function supply(node: NodeStatus, values: Record<string, string>): void {
  for (const [name, value] of Object.entries(values)) {
    const parameter = node.outputs?.parameters?.find(
      item => item.name === name,
    );
    if (!parameter || (parameter.value !== null && !parameter.valueFrom))
      throw new Error(
        `node '${node.displayName}' has no output '${name}' that is supplied by a person`,
      );
    const choices = node.inputs?.parameters?.find(
      item => item.name === name,
    )?.enum;
    if (choices?.length && !choices.includes(value))
      throw new Error(
        `parameters.${name} is '${value}'; it must be one of ${choices.join(
          ', ',
        )}`,
      );
    parameter.value = value;
    delete parameter.valueFrom;
  }
}

function takeInputs(node: NodeStatus): void {
  for (const parameter of node.outputs?.parameters ?? []) {
    if (!parameter.valueFrom?.supplied || parameter.valueFrom.default) continue;
    const input = node.inputs?.parameters?.find(
      item => item.name === parameter.name,
    );
    if (typeof input?.value !== 'string') continue;
    parameter.value = input.value;
    delete parameter.valueFrom;
  }
}

function addGlobal(
  state: WorkflowState,
  { globalName, value }: { globalName?: string; value?: string | null },
): void {
  state.outputs ??= {};
  const list = (state.outputs.parameters ??= []);
  const at = list.findIndex(item => item.name === globalName);
  const entry = { name: globalName!, value };
  if (at >= 0) list[at] = entry;
  else list.push(entry);
}
