/* A step that waits for a person or for a time. Source: executeSuspend of Argo's operator.go. */
import { toText } from '../graph/listParameters';
import type { NodeStatus, Outputs } from '../types';
import { NodeFault, type Pass, type Template } from './Pass';
import { isFulfilled } from './Tree';

/** Brings a waiting node forward. */
export function executeSuspend(
  pass: Pass,
  node: NodeStatus,
  template: Template,
): NodeStatus {
  if (template.suspend.duration) {
    const end =
      Date.parse(node.startedAt) + pass.durationMs(template.suspend.duration);
    // Within a pass the clock moves by an instant, so a duration of zero is over at once.
    if (pass.nowMs >= end) {
      takeDefaults(node.outputs);
      return pass.tree.mark(node, 'Succeeded');
    }
    pass.requeue(end);
  }
  return pass.tree.mark(node, 'Running');
}

/** Outputs that a person supplies are named from the beginning. */
export function waitForValues(node: NodeStatus, template: Template): void {
  const supplied = (template.outputs?.parameters ?? []).filter(
    ({ value, valueFrom }: any) => value !== undefined || valueFrom?.supplied,
  );
  if (supplied.length > 0)
    node.outputs = {
      parameters: supplied.map((parameter: any) => ({
        name: parameter.name,
        ...(parameter.globalName ? { globalName: parameter.globalName } : {}),
        ...(parameter.value === undefined
          ? { value: null, valueFrom: withInputDefault(parameter, template) }
          : { value: toText(parameter.value) }),
      })),
    };
}

// Without a default of its own a supplied value has that of the input of its name.
function withInputDefault({ name, valueFrom }: any, template: Template) {
  const input = (template.inputs?.parameters ?? []).find(
    (item: any) => item.name === name,
  );
  return valueFrom.default === undefined && input?.default !== undefined
    ? { ...valueFrom, default: input.default }
    : valueFrom;
}

/** Values that nobody supplied take their default. NodeFault when one has none. */
export function takeDefaults(outputs: Outputs | undefined): void {
  for (const parameter of outputs?.parameters ?? []) {
    if (!parameter.valueFrom?.supplied) continue;
    const fallback = parameter.valueFrom.default;
    if (fallback === undefined)
      throw new NodeFault(
        `raw output parameter '${parameter.name}' has not been set and does not have a default value`,
      );
    parameter.value = toText(fallback);
    delete parameter.valueFrom;
  }
}

/** True for a node that waits for a person or a time. */
export const isWaiting = (node: NodeStatus) =>
  node.type === 'Suspend' && !isFulfilled(node) && node.phase === 'Running';
