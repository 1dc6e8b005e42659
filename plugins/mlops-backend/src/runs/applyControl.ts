import { resumeNode, type WorkflowState } from '@backstage-mlops/argo-engine';
import { ConflictError, InputError } from '@backstage-mlops/mlops-core';
import type { Control } from './ControlStore';

/** The state after what a person asked. InputError or ConflictError, in words for that person, when it cannot be. */
export function applyControl(
  state: WorkflowState,
  control: Control,
  now: string,
): WorkflowState {
  if (control.kind === 'suspend') {
    if (state.suspended)
      throw new ConflictError('The run is suspended already.', 'conflict');
    return { ...state, suspended: true };
  }
  const options = {
    parameters: control.parameters,
    fails: control.reject,
    message: control.reject ? 'rejected' : undefined,
    now,
  };
  try {
    if (control.node !== undefined)
      return resumeNode(state, control.node, options);
    const waiting = Object.values(state.nodes).filter(
      node => node.type === 'Suspend' && node.phase === 'Running',
    );
    if (!state.suspended && waiting.length === 0)
      throw new Error('nothing in this run waits for a person');
    const { suspended: _was, ...rest } = state;
    return waiting.reduce<WorkflowState>(
      (next, node) => resumeNode(next, node.id, options),
      rest,
    );
  } catch (error) {
    throw new InputError(
      `The run cannot be resumed: ${(error as Error).message}.`,
      'invalid-field',
    );
  }
}
