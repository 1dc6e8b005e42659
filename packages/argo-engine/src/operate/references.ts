/*
 * What later steps can say about earlier ones: `steps.NAME.outputs...` and its like. An output of a step that never ran is
 * known and absent (`null`): a default may stand for it, but never a silent empty text.
 */
import { replaceTags, tagsIn } from '../expressions/tags';
import type { Artifact, NodeStatus, Outputs } from '../types';
import { toText } from '../graph/listParameters';
import { NodeFault, type Template, type Values } from './Pass';

/** Adds what one finished node gives to the words of its siblings. */
export function addNodeValues(
  values: Values,
  prefix: string,
  node: NodeStatus,
  template: Template | undefined,
): void {
  const { texts } = values;
  texts[`${prefix}.id`] = node.id;
  texts[`${prefix}.status`] = node.phase;
  texts[`${prefix}.startedAt`] = node.startedAt;
  if (node.finishedAt) texts[`${prefix}.finishedAt`] = node.finishedAt;
  addOutputs(values, prefix, node.outputs ?? {});
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
  values.texts[`${prefix}.outputs.result`] ??= null;
}

/** Adds what the children of a loop give together: lists in the order of the items, finished ones only. */
export function addLoopValues(
  values: Values,
  prefix: string,
  children: NodeStatus[],
): void {
  const done = children.filter(child => child.phase === 'Succeeded');
  const results = done
    .map(child => child.outputs?.result)
    .filter((result): result is string => result !== undefined);
  if (results.length > 0)
    values.texts[`${prefix}.outputs.result`] = `[${results
      .map(compactJson)
      .join(',')}]`;
  const names = new Set(
    done.flatMap(child =>
      (child.outputs?.parameters ?? []).map(parameter => parameter.name),
    ),
  );
  const valueOf = (child: NodeStatus, name: string) =>
    child.outputs?.parameters?.find(parameter => parameter.name === name)
      ?.value ?? '';
  for (const name of names)
    values.texts[`${prefix}.outputs.parameters.${name}`] = JSON.stringify(
      done.map(child => valueOf(child, name)),
    );
  if (names.size > 0)
    values.texts[`${prefix}.outputs.parameters`] = JSON.stringify(
      done.map(child =>
        Object.fromEntries(
          [...names].map(name => [name, valueOf(child, name)]),
        ),
      ),
    );
}

// Argo embeds each result as JSON, and calls the whole template an error when one is none.
function compactJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    throw new NodeFault(
      text.trim() === ''
        ? 'unexpected end of JSON input'
        : `invalid character '${
            text.trim()[0]
          }' looking for beginning of value`,
    );
  }
}

const pureTag = /^\{\{([^{}]*)\}\}$/;

/** Replaces the tags of a step or task; absent outputs let a consumer's default stand, or are a fault. */
export function resolveMember(
  member: Record<string, any>,
  values: Values,
): Record<string, any> {
  const { arguments: given, withItems, ...rest } = member;
  const resolved = substitute(rest, values) as Record<string, any>;
  return {
    ...resolved,
    ...(withItems !== undefined
      ? { withItems: substitute(withItems, values) }
      : {}),
    arguments: {
      parameters: (given?.parameters ?? []).map((parameter: any) =>
        resolveArgument(parameter, values),
      ),
      artifacts: (given?.artifacts ?? []).map((artifact: any) =>
        resolveArtifact(
          substitute(artifact, { ...values, artifacts: {} }, 'from') as any,
          values,
        ),
      ),
    },
  };
}

function resolveArgument(parameter: any, values: Values) {
  const text = toText(parameter.value);
  const pure = pureTag.exec(text)?.[1].trim();
  if (pure !== undefined && values.texts[pure] === null)
    return { ...parameter, value: undefined, absent: pure };
  return {
    ...parameter,
    value: parameter.value === undefined ? undefined : substitute(text, values),
  };
}

function substitute(value: unknown, values: Values, except?: string): unknown {
  if (typeof value === 'string') {
    const absent = tagsIn(value).find(name => values.texts[name] === null);
    if (absent)
      throw new NodeFault(
        `unable to substitute {{${absent}}}: it is an output of a step that did not run, without a default`,
      );
    return replaceTags(value, values.texts);
  }
  if (Array.isArray(value)) return value.map(item => substitute(item, values));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        key === except ? item : substitute(item, values),
      ]),
    );
  return value;
}

/** Follows `from` of an artifact to where its bytes are; other artifacts stay as they are. */
export function resolveArtifact(artifact: Artifact, values: Values): Artifact {
  if (artifact.from === undefined) return artifact;
  const name =
    pureTag.exec(artifact.from.trim())?.[1].trim() ?? artifact.from.trim();
  const found = values.artifacts[name];
  if (!found) throw new NodeFault(`Unable to resolve: "${name}"`);
  const { from: _from, ...own } = artifact;
  const { name: _name, path: _path, ...location } = found;
  return { ...location, ...own };
}

/** Outputs of a Steps or DAG template, from what its members gave. */
export function templateOutputs(
  template: Template,
  values: Values,
): Outputs | undefined {
  const { parameters, artifacts } = template.outputs ?? {};
  if (!parameters?.length && !artifacts?.length) return undefined;
  const outputs: Outputs = {};
  if (parameters?.length)
    outputs.parameters = parameters.map((parameter: any) =>
      outputParameter(parameter, values),
    );
  if (artifacts?.length)
    outputs.artifacts = artifacts.map((artifact: Artifact) => ({
      ...resolveArtifact(artifact, values),
      name: artifact.name,
    }));
  return outputs;
}

function outputParameter(parameter: any, values: Values) {
  const source = parameter.valueFrom?.parameter;
  const name =
    typeof source === 'string'
      ? pureTag.exec(source.trim())?.[1].trim()
      : undefined;
  const found = name === undefined ? undefined : values.texts[name];
  if (typeof found === 'string') return { name: parameter.name, value: found };
  if (typeof source === 'string' && name === undefined)
    return { name: parameter.name, value: String(substitute(source, values)) };
  const fallback = parameter.valueFrom?.default ?? parameter.value;
  if (fallback !== undefined)
    return { name: parameter.name, value: toText(fallback) };
  throw new NodeFault(
    `failed to resolve outputs.parameters.${parameter.name}: ${
      source ?? 'no source'
    } has no value`,
  );
}
