/*
 * The text of a pipeline's file is the one truth of the editor. The form shows what the text says, and writes into it by ranges of
 * its syntax tree, so that comments, order and quotes stay as their author wrote them.
 */
import {
  parseWorkflows,
  setInYaml,
  type FieldPath,
  type ParsedWorkflow,
  type Problem,
} from '@backstage-mlops/argo-engine';
import {
  toPipelineParameters,
  type PipelineParameter,
} from '@backstage-mlops/mlops-core';

/** What the form can show of a text. */
export interface PipelineText {
  /** Empty where the text cannot be read. */
  parameters: PipelineParameter[];
  /** False while the text is no YAML, or holds no such pipeline. */
  readable: boolean;
  /** Why it cannot be read. */
  problems: Problem[];
}

function findPipeline(text: string, of: { file: string; name: string }) {
  const { documents, problems } = parseWorkflows(text, of.file);
  return { document: documents.find(({ name }) => name === of.name), problems };
}

/** Reads a text as far as the form needs it. */
export function readPipelineText(
  text: string,
  of: { file: string; name: string },
): PipelineText {
  const { document, problems } = findPipeline(text, of);
  return {
    parameters: document ? toPipelineParameters(document) : [],
    readable: document !== undefined,
    problems,
  };
}

/**
 * Sets what a parameter is when nobody says otherwise, written as it is in git. Throws with a sentence for a person where the
 * text cannot take it.
 */
export function setParameters(
  text: string,
  of: { file: string; name: string },
  values: Record<string, string>,
  original: string = text,
): string {
  const { document } = findPipeline(text, of);
  if (!document) return text;
  const inGit = findPipeline(original, of).document ?? document;
  return Object.entries(values).reduce((before, [name, value]) => {
    const edit = editOf(
      document,
      name,
      likeBefore(value, writtenIn(inGit, name)),
    );
    return edit ? setInYaml(before, [edit]) : before;
  }, text);
}

function editOf(
  document: ParsedWorkflow,
  name: string,
  value: unknown,
): { at: FieldPath; value: unknown } | undefined {
  const list = parametersOf(document);
  const index = list.findIndex(item => item?.name === name);
  if (index < 0) return undefined;
  const key = keyOf(list[index]);
  return { at: ['spec', 'arguments', 'parameters', index, key], value };
}

function parametersOf(document: ParsedWorkflow): Record<string, unknown>[] {
  const list = document.manifest.spec?.arguments?.parameters;
  return Array.isArray(list) ? list : [];
}

const keyOf = (item: Record<string, unknown>) =>
  item.value === undefined && item.default !== undefined ? 'default' : 'value';

/** What a parameter is as the author wrote it: a text, a number, a word for yes or no. */
function writtenIn(document: ParsedWorkflow, name: string): unknown {
  const item = parametersOf(document).find(one => one?.name === name);
  return item?.[keyOf(item)];
}

// A number that stands without quotes stays one; a text that only looks like a number stays a text.
function likeBefore(value: string, before: unknown): unknown {
  if (typeof before === 'number' && String(Number(value)) === value)
    return Number(value);
  if (typeof before === 'boolean' && /^(true|false)$/.test(value))
    return value === 'true';
  return value;
}

/** The line where a template is written. */
export function templateLine(
  text: string,
  of: { file: string; name: string },
  template: string,
): number | undefined {
  const { document } = findPipeline(text, of);
  const list = document?.manifest.spec?.templates;
  const index = Array.isArray(list)
    ? list.findIndex(item => item?.name === template)
    : -1;
  return index < 0
    ? undefined
    : document!.locate(['spec', 'templates', index]).line;
}
