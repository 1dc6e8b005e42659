/*
 * ProcessArgs: an input's value is the caller's argument, else its own value or default; artifacts take their place of
 * origin from the argument. Then the template's text is replaced: globals first, its inputs after.
 */
import { toText } from '../graph/listParameters';
import { mentionsTags, replaceTagsIn, type Scope } from '../expressions/tags';
import type { Artifact, Inputs } from '../types';
import { podName } from './names';
import {
  NodeFault,
  type Call,
  type Pass,
  type Template,
  type TemplateScope,
} from './Pass';

/** A template ready to run: its text replaced, its inputs known. */
export interface Processed {
  template: Template;
  inputs: Inputs;
  texts: Scope;
  /** File that its own steps and tasks look for templates in. */
  scope?: TemplateScope;
}

/** Gives a called template its inputs. NodeFault when one has no value. */
export function processInputs(
  pass: Pass,
  call: Call,
  raw: Template,
): Processed {
  const isPod = Boolean(raw.container || raw.script);
  const outer: Scope = {
    ...pass.globals,
    ...call.extra,
    'node.name': call.nodeName,
    // An attempt has a pod of its own, which is named when it begins.
    ...(isPod && !raw.retryStrategy && !pass.spec.retryStrategy
      ? { 'pod.name': podName(pass.name, call.nodeName, raw.name ?? '') }
      : {}),
  };
  const declared = replaceTagsIn(raw.inputs ?? {}, outer) as Inputs;
  const inputs: Inputs = {};
  if (declared.parameters?.length)
    inputs.parameters = declared.parameters.map(input =>
      parameterValue(input, call),
    );
  if (declared.artifacts?.length)
    inputs.artifacts = declared.artifacts.flatMap(input =>
      artifactSource(input, call),
    );
  const texts: Scope = { ...outer, ...inputTexts(inputs), ...pathTexts(raw) };
  const { inputs: _inputs, ...rest } = raw;
  const replaced = replaceBody(rest, texts);
  // An input may name another one; a text that took it as it was said is replaced again when its pod is made.
  const known = replaceTagsIn(inputs, texts);
  return {
    template: { ...replaced, inputs: known },
    inputs: known,
    texts: { ...texts, ...inputTexts(known) },
    scope: call.scope,
  };
}

// Steps and tasks learn what is known by now; what their siblings give follows when their turn comes.
function replaceBody(template: Template, texts: Scope): Template {
  const { steps, dag, ...rest } = template;
  if (!steps && !dag) return replaceTagsIn(template, texts);
  const known = withoutTags(texts);
  // Most of a large template has no tags, and is looked at in every pass.
  const inEach = (list: object[]) =>
    list.map(item => (mentionsTags(item) ? replaceTagsIn(item, known) : item));
  return {
    ...replaceTagsIn(rest, known),
    ...(steps ? { steps: inEach(steps) } : {}),
    ...(dag
      ? {
          dag: {
            ...dag,
            target: replaceTagsIn(dag.target, known),
            tasks: inEach(dag.tasks),
          },
        }
      : {}),
  };
}

// A text that looks like a tag is put in its place last of all: it stays the text that it is.
const withoutTags = (texts: Scope): Scope =>
  Object.fromEntries(
    Object.entries(texts).filter(([, text]) => !text?.includes('{{')),
  );

function parameterValue(input: any, call: Call) {
  const given = (call.arguments.parameters ?? []).find(
    parameter => parameter.name === input.name,
  );
  const value = given?.value ?? input.value ?? input.default;
  const kept = {
    ...(input.default !== undefined ? { default: toText(input.default) } : {}),
    ...(input.enum ? { enum: input.enum.map(toText) } : {}),
    ...(input.description ? { description: input.description } : {}),
  };
  if (value !== undefined && value !== null)
    return { name: input.name, value: toText(value), ...kept };
  if (given?.absent)
    throw new NodeFault(
      `inputs.parameters.${input.name}: argument references an absent optional (skipped/omitted node output with no default)`,
    );
  throw new NodeFault(`inputs.parameters.${input.name} was not supplied`);
}

function artifactSource(input: Artifact, call: Call): Artifact[] {
  const given = (call.arguments.artifacts ?? []).find(
    artifact => artifact.name === input.name,
  ) as Artifact | undefined;
  if (given && isPlaced(given)) {
    // Where it is laid and with which rights is said by the template; what it is, by the one who hands it over.
    const {
      path: _path,
      mode: _mode,
      recurseMode: _recurse,
      ...source
    } = given;
    const { path, mode, recurseMode } = input;
    return [
      {
        ...source,
        name: input.name,
        ...(path ? { path } : {}),
        ...(mode === undefined ? {} : { mode }),
        ...(recurseMode === undefined ? {} : { recurseMode }),
      },
    ];
  }
  if (isPlaced(input)) return [input];
  // Nothing is staged for an optional input that nobody supplied.
  if (input.optional || given?.optional) return [];
  throw new NodeFault(`inputs.artifacts.${input.name} was not supplied`);
}

const isPlaced = ({ raw, git, s3 }: Artifact) => Boolean(raw ?? git ?? s3);

/** What `inputs.` stands for in a template's text. */
export function inputTexts(inputs: Inputs): Scope {
  const texts: Scope = {};
  for (const { name, value } of inputs.parameters ?? [])
    texts[`inputs.parameters.${name}`] = toText(value);
  if (inputs.parameters)
    texts['inputs.parameters'] = JSON.stringify(
      inputs.parameters.map(({ name, value }) => ({ name, value })),
    );
  for (const { name, path } of inputs.artifacts ?? [])
    if (path) texts[`inputs.artifacts.${name}.path`] = path;
  return texts;
}

function pathTexts(template: Template): Scope {
  const texts: Scope = {};
  for (const { name, path } of template.outputs?.artifacts ?? [])
    if (path) texts[`outputs.artifacts.${name}.path`] = path;
  for (const { name, valueFrom } of template.outputs?.parameters ?? [])
    if (valueFrom?.path)
      texts[`outputs.parameters.${name}.path`] = valueFrom.path;
  return texts;
}
