/*
 * What runs beside and after a node: lifecycle hooks while it runs, an exit hook when it is over. Source: executeTmplLifeCycleHook
 * and runOnExitNode of Argo's hooks.go and exit_handler.go.
 */
import { evaluateBoolean } from '../expressions/expr/evaluate';
import { environmentOf, replaceTagsIn } from '../expressions/tags';
import type { NodeStatus, Outputs } from '../types';
import { executeTemplate } from './executeTemplate';
import {
  NodeFault,
  type Call,
  type Pass,
  type TemplateScope,
  type Values,
} from './Pass';
import { isFulfilled } from './Tree';

/** Where hooks are: those of a step or task, or of the whole run. */
export interface HookPlace {
  hooks?: Record<string, any>;
  onExit?: string;
  boundaryID?: string;
  scope?: TemplateScope;
  /** What the hooked node is called in words, as `steps.a`. */
  prefix: string;
  values: Values;
  depth: number;
}

/** Begins hooks whose expression is true. False while one of them is not over. */
export function executeLifecycleHooks(
  pass: Pass,
  node: NodeStatus,
  place: HookPlace,
): boolean {
  const begun: (NodeStatus | undefined)[] = [];
  for (const name of Object.keys(place.hooks ?? {}).sort()) {
    if (name === 'exit') continue;
    const hook = place.hooks![name];
    const nodeName = `${node.name}.hooks.${name}`;
    const present = pass.tree.find(nodeName);
    if (!hook.expression)
      throw new NodeFault(`Expression required for hook ${nodeName}`);
    const isOpen = present !== undefined && !isFulfilled(present);
    if (!isTrue(hook.expression, place) && !isOpen) continue;
    const args = argumentsOf(
      pass,
      hook,
      place.prefix,
      pass.tree.giver(node).outputs,
      place.values,
    );
    const made = callHook(pass, hook, nodeName, place, args, false);
    pass.tree.addChild(node.id, nodeName);
    begun.push(made);
  }
  return begun.every(hook => hook !== undefined && isFulfilled(hook));
}

/** Runs the exit hook of a node that is over. False while it is not over itself. */
export function executeExitHook(
  pass: Pass,
  node: NodeStatus,
  place: HookPlace,
): boolean {
  const hook = exitHookOf(pass, place);
  if (!hook || !pass.mayExecute(true)) return true;
  if (hook.expression && !isTrue(hook.expression, place)) return true;
  const nodeName = `${node.name}.onExit`;
  const args = argumentsOf(
    pass,
    hook,
    place.prefix,
    pass.tree.giver(node).outputs ?? {},
    place.values,
  );
  try {
    const made = callHook(pass, hook, nodeName, place, args, true);
    return made !== undefined && isFulfilled(made);
  } finally {
    pass.tree.addChild(node.id, nodeName);
  }
}

/** The exit hook of a run, step or task; without arguments of its own it gets the run's. */
export function exitHookOf(
  pass: Pass,
  { onExit, hooks }: { onExit?: string; hooks?: Record<string, any> },
): Record<string, any> | undefined {
  const args = pass.spec.arguments ?? {};
  if (onExit) return { template: onExit, arguments: args };
  const hook = hooks?.exit;
  if (!hook) return undefined;
  const isEmpty =
    !hook.arguments?.parameters?.length && !hook.arguments?.artifacts?.length;
  return isEmpty ? { ...hook, arguments: args } : hook;
}

function isTrue(expression: string, { values }: HookPlace): boolean {
  try {
    return evaluateBoolean(expression, environmentOf(values.texts));
  } catch (error) {
    throw new NodeFault((error as Error).message);
  }
}

function callHook(
  pass: Pass,
  hook: Record<string, any>,
  nodeName: string,
  { boundaryID, scope, depth }: HookPlace,
  args: Call['arguments'],
  onExit: boolean,
): NodeStatus | undefined {
  return executeTemplate(pass, {
    nodeName,
    displayName: nodeName.slice(
      boundaryID ? lengthOfBoundary(pass, boundaryID, nodeName) : 0,
    ),
    holder: hook,
    arguments: args,
    boundaryID,
    scope,
    onExit,
    nodeFlag: { hooked: true },
    depth: depth + 1,
  });
}

// A node is shown by its name below the node that it belongs to, without the group's index.
function lengthOfBoundary(pass: Pass, id: string, name: string): number {
  const boundary = pass.state.nodes[id];
  if (!boundary || !name.startsWith(boundary.name)) return 0;
  const rest = name.slice(boundary.name.length);
  return boundary.name.length + (/^(\[\d+\])?\./.exec(rest)?.[0].length ?? 0);
}

// Outputs of the hooked node itself are words of its hooks' arguments only when it gave any.
function argumentsOf(
  pass: Pass,
  hook: Record<string, any>,
  prefix: string,
  outputs: Outputs | undefined,
  values: Values,
) {
  if (!hook.arguments) return {};
  if (!outputs) return replaceTagsIn(hook.arguments, pass.globals);
  const own = Object.fromEntries(
    Object.entries(values.texts).filter(
      ([name]) =>
        name !== `${prefix}.outputs.result` && name !== `${prefix}.exitCode`,
    ),
  );
  // What nobody supplied is an empty text for a hook.
  for (const { name, value } of outputs.parameters ?? [])
    if (value === undefined || value === null)
      own[`${prefix}.outputs.parameters.${name}`] = '';
  return {
    parameters: (hook.arguments.parameters ?? []).map((parameter: any) => ({
      ...parameter,
      value: replaceTagsIn(parameter.value, own),
    })),
    artifacts: (hook.arguments.artifacts ?? []).map((artifact: any) =>
      artifact.from
        ? {
            ...artifact,
            ...values.artifacts[
              artifact.from.replace(/^\{\{\s*|\s*\}\}$/g, '')
            ],
            from: undefined,
            name: artifact.name,
          }
        : artifact,
    ),
  };
}
