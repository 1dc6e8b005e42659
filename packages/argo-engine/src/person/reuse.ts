/* A new run that takes over what an earlier one did. */
import { missingInputs } from '../lint/checkArguments';
import { nodeId } from '../operate/names';
import type { NodeStatus, Workflow, WorkflowState } from '../types';
import { pastAttempts, planRetry } from './planRetry';

/**
 * The state that a new run begins with when it keeps some steps of an earlier one: everything else runs again. Error when a
 * named node is none of the earlier run's, did not succeed, or when nothing is left to run.
 *
 * @public
 */
export function reuseNodes(
  earlier: { name: string; state: WorkflowState },
  kept: string[],
  next: { name: string; now: string },
): WorkflowState {
  const { nodes } = earlier.state;
  for (const id of kept) {
    if (!nodes[id])
      throw new Error(`run '${earlier.name}' has no node '${id}'`);
    if (nodes[id].phase !== 'Succeeded' && nodes[id].phase !== 'Skipped')
      throw new Error(
        `node '${nodes[id].displayName}' of run '${earlier.name}' is ${nodes[id].phase}; only what succeeded can be taken over`,
      );
  }
  const past = pastAttempts(nodes);
  const again = Object.values(nodes)
    .filter(
      node => isLeaf(node) && !kept.includes(node.id) && !past.has(node.id),
    )
    .map(node => node.id);
  if (again.length === 0) throw new Error('nothing is left to run');
  const { state } = planRetry(earlier.name, earlier.state, {
    nodes: again,
    now: next.now,
  });
  const lost = kept.find(id => isLeaf(nodes[id]) && !state.nodes[id]);
  if (lost)
    throw new Error(
      `node '${nodes[lost].displayName}' comes after one that is not taken over, so it cannot be, either`,
    );
  return renamed(state, earlier.name, next.name);
}

const isLeaf = ({ type }: NodeStatus) => ['Pod', 'Suspend'].includes(type);

// Names and ids of nodes begin with the name of their run.
function renamed(
  state: WorkflowState,
  from: string,
  to: string,
): WorkflowState {
  const nameOf = (name: string) => to + name.slice(from.length);
  const ids = new Map(
    Object.values(state.nodes).map(node => [
      node.id,
      nodeId(to, nameOf(node.name)),
    ]),
  );
  const move = (list: string[] | undefined) =>
    list?.flatMap(id => ids.get(id) ?? []);
  const nodes = Object.values(state.nodes).map((node): NodeStatus => {
    const outbound = move(node.outboundNodes);
    return {
      ...node,
      id: ids.get(node.id)!,
      name: nameOf(node.name),
      displayName: node.name === from ? to : node.displayName,
      ...(node.boundaryID ? { boundaryID: ids.get(node.boundaryID) } : {}),
      children: move(node.children)!,
      ...(outbound ? { outboundNodes: outbound } : {}),
    };
  });
  return {
    ...state,
    nodes: Object.fromEntries(nodes.map(node => [node.id, node])),
  };
}

/**
 * A workflow that runs one template alone, with the inputs that a node of an earlier run had. Error when the workflow has no
 * such template, or when it lacks an input.
 *
 * @public
 */
export function onlyTemplate(
  workflow: Workflow,
  template: string,
  inputs: NodeStatus['inputs'],
): Workflow {
  const templates: { name: string }[] = workflow.spec.templates ?? [];
  const called = templates.find(item => item.name === template);
  if (!called)
    throw new Error(
      `there is no template '${template}'. There are ${templates
        .map(item => item.name)
        .join(', ')}`,
    );
  const missing = missingInputs(called, inputs ?? workflow.spec.arguments);
  if (missing.length > 0)
    throw new Error(
      `template '${template}' needs ${missing.join(
        ', ',
      )}; name a step of an earlier run whose inputs it gets`,
    );
  if (!inputs)
    return { ...workflow, spec: { ...workflow.spec, entrypoint: template } };
  const name = `only-${template}`;
  return {
    ...workflow,
    spec: {
      ...workflow.spec,
      entrypoint: name,
      templates: [
        ...templates,
        {
          name,
          steps: [[{ name: template, template, arguments: placed(inputs) }]],
        },
      ],
    },
  };
}

// Values are final: what looks like a tag in them is the author's text, and stays as it was resolved before.
function placed({ parameters, artifacts }: NonNullable<NodeStatus['inputs']>) {
  return {
    ...(parameters
      ? { parameters: parameters.map(({ name, value }) => ({ name, value })) }
      : {}),
    ...(artifacts
      ? {
          artifacts: artifacts.map(({ path: _path, ...artifact }) => artifact),
        }
      : {}),
  };
}
