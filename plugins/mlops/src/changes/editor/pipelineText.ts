/*
 * The text of a pipeline's file is the one truth of the editor. The form shows what the text says, and writes into it by ranges of
 * its syntax tree, so that comments, order and quotes stay as their author wrote them.
 */
import {
  parseWorkflows,
  setInYaml,
  type ParsedWorkflow,
  type Problem,
} from '@backstage-mlops/argo-engine';
import {
  defaultsFromRun,
  parameterEdits,
  toPipelineParameters,
  type PipelineParameter,
  type Run,
} from '@backstage-mlops/mlops-core';

/** Which pipeline of which file is edited. */
export interface PipelineName {
  file: string;
  name: string;
}

/** What the form can show of a text. */
export interface PipelineText {
  /** Empty where the text cannot be read. */
  parameters: PipelineParameter[];
  /** False while the text is no YAML, or holds no such pipeline. */
  readable: boolean;
  /** Why it cannot be read. */
  problems: Problem[];
}

function findPipeline(text: string, of: PipelineName) {
  const { documents, problems } = parseWorkflows(text, of.file);
  return { document: documents.find(({ name }) => name === of.name), problems };
}

/** Reads a text as far as the form needs it. */
export function readPipelineText(text: string, of: PipelineName): PipelineText {
  const { document, problems } = findPipeline(text, of);
  return {
    parameters: document ? toPipelineParameters(document) : [],
    readable: document !== undefined,
    problems,
  };
}

/**
 * Sets what a parameter is when nobody says otherwise, written as git has it: a number that was cleared and typed anew is a number.
 * Throws with a sentence for a person where the text cannot take it.
 */
export function setParameter(
  text: string,
  of: PipelineName,
  to: { name: string; value: string; original: string },
): string {
  const { document } = findPipeline(text, of);
  if (!document) return text;
  const { name, value } = to;
  const inGit = findPipeline(to.original, of).document ?? document;
  const edits = parameterEdits(document, { [name]: value });
  return setInYaml(
    text,
    edits.map(({ at }) => ({ at, value: asInGit(inGit, name, value) })),
  );
}

function asInGit(
  document: ParsedWorkflow,
  name: string,
  value: string,
): unknown {
  const { arguments: given } = document.manifest.spec ?? {};
  const list: { name?: string; value?: unknown }[] = given?.parameters ?? [];
  const item = list.find(one => one?.name === name);
  // A parameter that is new in the text is written as it was typed.
  if (!item) return value;
  const [edit] = parameterEdits(document, { [name]: value });
  return edit ? edit.value : item.value;
}

/** The text with the parameters of a run as its defaults; the text itself where it cannot take them. */
export function withParametersOf(
  run: Pick<Run, 'parameters'>,
  text: string,
  of: PipelineName,
): string {
  const { document } = findPipeline(text, of);
  if (!document) return text;
  try {
    return setInYaml(text, defaultsFromRun(document, run.parameters));
  } catch {
    // The form says why, as soon as somebody sets a value in it.
    return text;
  }
}

/** The line where a template is written. */
export function templateLine(
  text: string,
  of: PipelineName,
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
