/*
 * What later steps can say about earlier ones: `steps.NAME.outputs...` and its like. An output of a step that never ran is
 * known and absent (`null`): a default may stand for it, but never a silent empty text.
 */
import { evaluateExpression } from '../expressions/expr/evaluate';
import { readJson } from '../expressions/goJson';
import {
  environmentOf,
  replaceTagsIn,
  resultText,
  TagFault,
  type Scope,
  type TagOptions,
} from '../expressions/tags';
import type { Artifact, NodeStatus, Outputs } from '../types';
import { toText } from '../graph/listParameters';
import { rfc3339 } from './globals';
import { toGoText } from '../expressions/expr/values';
import { NodeFault, type Pass, type Template, type Values } from './Pass';

/** Adds what one node gives to the words of its siblings; for a node that was tried again its last attempt speaks. */
export function addNodeValues(
  pass: Pass,
  values: Values,
  prefix: string,
  node: NodeStatus,
  template: Template | undefined,
): void {
  const { texts } = values;
  const { id, phase, startedAt, finishedAt, outputs } = pass.tree.giver(node);
  texts[`${prefix}.id`] = id;
  texts[`${prefix}.status`] = phase;
  texts[`${prefix}.startedAt`] = rfc3339(startedAt);
  if (finishedAt) texts[`${prefix}.finishedAt`] = rfc3339(finishedAt);
  addOutputs(values, prefix, outputs ?? {});
  if (node.phase === 'Skipped' || node.phase === 'Omitted')
    addAbsent(values, prefix, template);
}

function addOutputs(values: Values, prefix: string, outputs: Outputs): void {
  const { texts } = values;
  if (outputs.result !== undefined)
    texts[`${prefix}.outputs.result`] = outputs.result;
  if (outputs.exitCode !== undefined)
    texts[`${prefix}.exitCode`] = outputs.exitCode;
  for (const { name, value } of outputs.parameters ?? [])
    if (value !== undefined && value !== null)
      texts[`${prefix}.outputs.parameters.${name}`] = toText(value);
  for (const artifact of outputs.artifacts ?? [])
    values.artifacts[`${prefix}.outputs.artifacts.${artifact.name}`] = artifact;
}

function addAbsent(
  values: Values,
  prefix: string,
  template: Template | undefined,
): void {
  for (const parameter of template?.outputs?.parameters ?? []) {
    const key = `${prefix}.outputs.parameters.${parameter.name}`;
    const fallback = parameter.valueFrom?.default;
    values.texts[key] = fallback === undefined ? null : toText(fallback);
  }
}

/** Adds what the children of a loop give together: lists in the order of the items, of those that succeeded. */
export function addLoopValues(
  values: Values,
  prefix: string,
  children: NodeStatus[],
): void {
  const members = children.filter(
    child => !child.nodeFlag?.hooked && !child.nodeFlag?.retried,
  );
  if (members.length === 0) return;
  const done = members
    .filter(child => child.phase === 'Succeeded' && child.outputs)
    .sort((a, b) => indexOf(a) - indexOf(b));
  const results = done.flatMap(({ outputs }) =>
    outputs?.result === undefined ? [] : [jsonOf(outputs.result)],
  );
  const { texts } = values;
  texts[`${prefix}.outputs.result`] = `[${results.join(',')}]`;
  const lists = new Map<string, string[]>();
  const maps: Record<string, string>[] = [];
  for (const { outputs } of done) {
    if (!outputs?.parameters?.length) continue;
    const map: Record<string, string> = {};
    for (const { name, value } of outputs.parameters) {
      map[name] = toText(value ?? '');
      lists.set(name, [...(lists.get(name) ?? []), map[name]]);
    }
    maps.push(map);
  }
  texts[`${prefix}.outputs.parameters`] = resultText(maps);
  for (const [name, list] of lists)
    texts[`${prefix}.outputs.parameters.${name}`] = jsonList(list);
}

const indexOf = (node: NodeStatus) =>
  Number(/\((\d+):[^]*\)$/.exec(node.name)?.[1] ?? 0);

// Argo embeds each result as JSON, and calls the whole template an error when one is none.
function jsonOf(text: string): string {
  try {
    return readJson(text).raw;
  } catch (error) {
    throw new NodeFault((error as Error).message);
  }
}

// A list of values that are all maps or lists is a list of those, not of their texts.
function jsonList(list: string[]): string {
  const items = list.map(text => {
    try {
      const item = readJson(text);
      return ['list', 'map'].includes(item.kind) ? item.raw : undefined;
    } catch {
      return undefined;
    }
  });
  return items.every(item => item !== undefined)
    ? `[${items.join(',')}]`
    : resultText(list);
}

const pureTag = /^\{\{([^{}=][^{}]*)\}\}$/;
// What an earlier member gives must be there by the time it is named. Artifacts are looked for later.
const isOfMember = (name: string) =>
  /^(?:steps|tasks)(?:\.|$)/.test(name) &&
  !name.includes('.outputs.artifacts.');
const absentOutput: TagOptions = {
  onUnknown: name => {
    if (isOfMember(name))
      throw new NodeFault(`failed to resolve {{${name}}}`, 'unresolved');
  },
  onMissing: names => {
    const name = names.find(isOfMember);
    if (name !== undefined)
      throw new NodeFault(
        `failed to evaluate expression: ${name} is missing`,
        'unresolved',
      );
  },
  onAbsent: tag => {
    throw new NodeFault(
      `unable to substitute ${tag}: output is an absent optional (skipped/omitted node with no default)`,
    );
  },
};

/** Replaces the tags of a member's condition, which is looked at before all else. */
export function resolveWhen<T extends Record<string, any>>(
  member: T,
  { texts }: Values,
): T {
  if (typeof member.when !== 'string' || member.when === '') return member;
  return {
    ...member,
    when: told(() => replaceTagsIn(member.when, texts, absentOutput)),
  };
}

/** A member that will not run: what it says of others stays as it is written. */
export function resolveIdle<T extends Record<string, any>>(
  member: T,
  { texts }: Values,
): T {
  const own = Object.fromEntries(
    Object.entries(texts).filter(([name]) => !/^(?:steps|tasks)\./.test(name)),
  );
  return replaceTagsIn(member, own);
}

/** A fault of an expression in a tag is one of the node whose text it is. */
export function told<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TagFault) throw new NodeFault(error.message);
    throw error;
  }
}

/** Replaces the tags of a step or task; absent outputs let a consumer's default stand, or are a fault. */
export function resolveMember(
  member: Record<string, any>,
  values: Values,
): Record<string, any> {
  const { arguments: given, inline } = member;
  const { texts } = values;
  const replaced = (...fields: string[]) =>
    Object.fromEntries(
      fields
        .filter(field => member[field] !== undefined)
        .map(field => [
          field,
          replaceTagsIn(member[field], texts, absentOutput),
        ]),
    );
  // In Argo's order: the first fault is the one that is told.
  return told(() => ({
    ...member,
    ...replaced('when', 'template'),
    // What an inline template says of itself is replaced when it is called.
    ...(inline ? { inline: replaceTagsIn(inline, texts) } : {}),
    arguments: {
      parameters: (given?.parameters ?? []).map((parameter: any) =>
        resolveArgument(parameter, texts),
      ),
      artifacts: (given?.artifacts ?? []).map((artifact: any) => {
        const { from, fromExpression, ...own } = artifact;
        return {
          ...replaceTagsIn(own, texts, absentOutput),
          ...(from !== undefined ? { from } : {}),
          ...(fromExpression !== undefined ? { fromExpression } : {}),
        };
      }),
    },
    ...replaced('templateRef', 'withItems', 'withParam', 'withSequence'),
  }));
}

/** Follows where the artifacts of a member that runs come from. */
export function resolveArtifacts(
  member: Record<string, any>,
  values: Values,
): Record<string, any> {
  const artifacts = (member.arguments?.artifacts ?? []).flatMap(
    (artifact: Artifact & { fromExpression?: string }) => {
      try {
        return [resolveArtifact(artifact, values)];
      } catch (error) {
        if (artifact.optional && error instanceof NodeFault) return [];
        throw error;
      }
    },
  );
  return { ...member, arguments: { ...member.arguments, artifacts } };
}

/** The arguments of a hook: what is not known stays as it is written, what is absent is not given. */
export function resolveHookArguments(
  given: Record<string, any>,
  values: Values,
): Record<string, any> {
  const { texts } = values;
  const { onAbsent } = absentOutput;
  return told(() => ({
    parameters: (given.parameters ?? []).map(
      (parameter: any) =>
        withoutAbsent(parameter, texts) ??
        replaceTagsIn(parameter, texts, { onAbsent }),
    ),
    artifacts: (given.artifacts ?? []).map((artifact: any) => {
      try {
        return { ...resolveArtifact(artifact, values), name: artifact.name };
      } catch (error) {
        if (!(error instanceof NodeFault)) throw error;
        if (artifact.optional) return artifact;
        throw new NodeFault(`unable to resolve references: ${error.message}`);
      }
    }),
  }));
}

// An argument that is nothing but an output that is known to be absent counts as one that was not given.
function withoutAbsent(parameter: any, texts: Scope) {
  if (typeof parameter.value !== 'string') return undefined;
  const pure = pureTag.exec(parameter.value)?.[1].trim();
  return pure !== undefined && texts[pure] === null
    ? { ...parameter, value: undefined, absent: pure }
    : undefined;
}

function resolveArgument(parameter: any, texts: Scope) {
  if (parameter.valueFrom?.expression !== undefined)
    return {
      name: parameter.name,
      value: expressionValue(parameter.valueFrom.expression, texts),
    };
  if (parameter.value === undefined) return parameter;
  return (
    withoutAbsent(parameter, texts) ?? {
      ...parameter,
      value: replaceTagsIn(toText(parameter.value), texts, absentOutput),
    }
  );
}

/** Follows `from` of an artifact to where its bytes are; other artifacts stay as they are. */
export function resolveArtifact(
  artifact: Artifact & { fromExpression?: string; subPath?: string },
  values: Values,
): Artifact {
  const { from, fromExpression, subPath, ...own } = artifact;
  if (from === undefined && fromExpression === undefined) return artifact;
  const {
    name: _name,
    path: _path,
    optional: _optional,
    ...location
  } = from === undefined
    ? artifactByExpression(fromExpression!, values)
    : artifactByName(from, values);
  const { path: _own, ...rest } = own;
  return {
    ...location,
    ...rest,
    ...(subPath && location.s3
      ? { s3: { ...location.s3, key: `${location.s3.key}/${subPath}` } }
      : {}),
  };
}

function artifactByName(from: string, values: Values): Artifact {
  const name = pureTag.exec(from.trim())?.[1].trim() ?? from.trim();
  const found = values.artifacts[name];
  if (!found) throw new NodeFault(`Unable to resolve: "${name}"`);
  return found;
}

// Artifacts are words of the expression too; what it gives is one of them.
function artifactByExpression(source: string, values: Values): Artifact {
  const marks: Scope = { ...values.texts };
  for (const name of Object.keys(values.artifacts)) marks[name] = `\0${name}`;
  let value: unknown;
  try {
    value = evaluateExpression(source, environmentOf(marks));
  } catch (error) {
    throw new NodeFault((error as Error).message);
  }
  const found =
    typeof value === 'string' && value.startsWith('\0')
      ? values.artifacts[value.slice(1)]
      : undefined;
  if (!found)
    throw new NodeFault(`fromExpression "${source}" gives no artifact`);
  return found;
}

// Of the run itself a template's outputs know no more than its outputs so far, and those of a DAG not even them.
const wordsOfSteps = /^(?:inputs\.parameters|workflow\.outputs|steps\.[^.]+)\./;
const wordsOfDag = /^(?:inputs\.parameters|tasks\.[^.]+)\./;

/** Outputs of a Steps or DAG template, from what its members gave. */
export function templateOutputs(
  template: Template,
  { texts: all, artifacts: known }: Values,
): Outputs | undefined {
  const { parameters, artifacts } = template.outputs ?? {};
  if (!parameters?.length && !artifacts?.length) return undefined;
  const words = template.dag ? wordsOfDag : wordsOfSteps;
  const texts = Object.fromEntries(
    Object.entries(all).filter(([name]) => words.test(name)),
  );
  const values: Values = { texts, artifacts: known };
  const outputs: Outputs = {};
  if (parameters?.length)
    outputs.parameters = parameters.map((parameter: any) =>
      outputParameter(parameter, values),
    );
  if (artifacts?.length)
    outputs.artifacts = artifacts.flatMap((artifact: Artifact) => {
      try {
        return [{ ...resolveArtifact(artifact, values), name: artifact.name }];
      } catch (error) {
        if (artifact.optional && error instanceof NodeFault) return [];
        throw error;
      }
    });
  return outputs;
}

function outputParameter(parameter: any, values: Values) {
  const { name, globalName, valueFrom } = parameter;
  const kept = { name, ...(globalName ? { globalName } : {}) };
  if (!valueFrom)
    return {
      ...kept,
      value: toText(replaceTagsIn(parameter.value ?? '', values.texts)),
    };
  try {
    return { ...kept, value: outputValue(parameter, values.texts) };
  } catch (error) {
    if (valueFrom.default === undefined) throw error;
    return { ...kept, value: toText(valueFrom.default) };
  }
}

function outputValue({ name, valueFrom }: any, texts: Scope): string {
  if (valueFrom.expression !== undefined)
    return expressionValue(valueFrom.expression, texts);
  const source = valueFrom.parameter;
  if (typeof source !== 'string' || source === '') return '';
  const key = source.replace(/^\{\{/, '').replace(/\}\}$/, '').trim();
  // What an expression could be evaluated to stands here by now.
  if (key.startsWith('='))
    throw new NodeFault(`Unable to compile: ${JSON.stringify(key.slice(1))}`);
  const found = Object.hasOwn(texts, key) ? texts[key] : undefined;
  if (typeof found === 'string') return found;
  throw new NodeFault(
    found === null
      ? `output parameter "${name}": "${source}" is an absent optional (skipped/omitted node output with no default)`
      : `Unable to resolve: ${JSON.stringify(key)}`,
  );
}

function expressionValue(source: string, texts: Scope): string {
  let value: unknown;
  try {
    value = evaluateExpression(source, environmentOf(texts));
  } catch (error) {
    throw new NodeFault((error as Error).message);
  }
  if (value === null || value === undefined)
    throw new NodeFault(`failed to evaluate expression "${source}"`);
  return toGoText(value);
}

/** Adds global outputs that came about since the template began. */
export function addGlobals(pass: Pass, values: Values): void {
  for (const [name, text] of Object.entries(pass.globals))
    if (name.startsWith('workflow.outputs.')) values.texts[name] = text;
  for (const artifact of pass.state.outputs?.artifacts ?? [])
    values.artifacts[`workflow.outputs.artifacts.${artifact.name}`] = artifact;
}
