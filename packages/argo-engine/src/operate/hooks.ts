/*
 * What runs beside and after a node: lifecycle hooks while it runs, an exit hook when it is over. Source: executeTmplLifeCycleHook
 * and runOnExitNode of Argo's hooks.go and exit_handler.go.
 */
import { evaluateBoolean } from '../expressions/expr/evaluate';
import { environmentOf, replaceTagsIn } from '../expressions/tags';
import { toText } from '../graph/listParameters';
import type { NodeStatus, Outputs } from '../types';
import { executeTemplate } from './executeTemplate';
import {
  NodeFault,
  type Call,
  type Pass,
  type TemplateScope,
  type Values,
} from './Pass';
import { resolveHookArguments, told } from './references';
import { isFulfilled } from './Tree';

/** Where hooks are: those of a step or task, or of the whole run. */
export interface HookPlace {
  hooks?: Record<string, any>;
  onExit?: string;
  boundaryID?: string;
  scope?: TemplateScope;
  /** What the hooked node is called in words, as `steps.a`; the run itself has no such name. */
  prefix?: string;
  /** What the hooks can say. They learn what the hooked node gave. */
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
    if (!hook.expression)
      throw new NodeFault(`Expression required for hook ${nodeName}`);
    if (!isTrue(hook.expression, place) && !pass.tree.find(nodeName)) continue;
    const { outputs } = pass.tree.giver(node);
    const args = outputs
      ? argumentsOf(pass, hook, place, outputs)
      : globalArgumentsOf(pass, hook);
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
  const { outputs = {} } = pass.tree.giver(node);
  const args = argumentsOf(pass, hook, place, outputs);
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

const globalArgumentsOf = (pass: Pass, hook: Record<string, any>) =>
  told(() => replaceTagsIn(hook.arguments ?? {}, pass.globals));

// Output parameters of the hooked node itself are words of its hooks; what nobody supplied is an empty text.
function argumentsOf(
  pass: Pass,
  hook: Record<string, any>,
  { prefix, values }: HookPlace,
  { parameters = [], artifacts = [] }: Outputs,
): Call['arguments'] {
  if (!hook.arguments) return {};
  if (prefix === undefined) return globalArgumentsOf(pass, hook);
  for (const { name, value } of parameters)
    values.texts[`${prefix}.outputs.parameters.${name}`] = toText(value);
  for (const artifact of artifacts)
    values.artifacts[`${prefix}.outputs.artifacts.${artifact.name}`] = artifact;
  return resolveHookArguments(hook.arguments, values);
}
