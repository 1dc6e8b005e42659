/*
 * What edits would do, by two reads of a project and what is known of earlier runs. Pure: the same on the page, while somebody types,
 * and on the server.
 */
import type { ParsedWorkflow, Problem } from '@backstage-mlops/argo-engine';
import type { ReadProject } from '../projects/readProject';
import type { Effect, PipelineEffect } from './Change';
import { danglingReferences } from './danglingReferences';
import { findSecrets } from './findSecrets';
import { lineDiff } from './lineDiff';
import { pipelineEffect, type PipelineFacts } from './pipelineEffect';

/** One file that the edits change; paths are those of the repository. @public */
export interface ChangedFile {
  path: string;
  /** Absent when the file is new, or was not read. */
  before?: string;
  /** Absent when the file is removed. */
  after?: string;
}

/** Another project of the repository, as far as shared files matter to it. @public */
export interface OtherProject {
  name: string;
  owner?: string;
  /** Names of templates in files that its pipelines refer to. */
  uses: string[];
}

/** @see effectOf @public */
export interface EffectInput {
  /** Commit that the edits were made from. */
  base: string;
  /** The project at the base; absent when it is new. */
  before?: ReadProject;
  /** The project with the edits; absent when they remove it. */
  after?: ReadProject;
  files: ChangedFile[];
  /** Problems of the shared folder with the edits. */
  sharedProblems?: Problem[];
  /** By pipeline. */
  facts?: Record<string, PipelineFacts>;
  others?: OtherProject[];
}

/** What the edits would do. Never throws for what stands in files. @public */
export function effectOf(input: EffectInput): Effect {
  const pipelines = pipelinesOf(input);
  const several = pipelines.length > 1;
  const prefix = (of: PipelineEffect, names: string[]) =>
    several ? names.map(name => `${of.pipeline}/${name}`) : names;
  const join = (pick: (of: PipelineEffect) => string[]) =>
    pipelines.flatMap(of => prefix(of, pick(of)));
  const nameOf = (of: PipelineEffect) => (id: string) => nodeName(of, id);
  const estimated = pipelines.find(of => of.estimate);
  return {
    base: input.base,
    files: input.files.map(toDiff),
    graph: {
      added: join(of => of.added.map(nameOf(of))),
      removed: join(of => of.removed.map(nameOf(of))),
      changed: join(of => of.changed.map(({ id }) => nodeName(of, id))),
    },
    parameters: pipelines.flatMap(({ pipeline, parameters }) =>
      parameters.map(parameter => ({ pipeline, ...parameter })),
    ),
    rerun: join(of => of.rerun),
    cached: join(of => of.cached),
    ...(estimated ? { estimate: estimated.estimate } : {}),
    affected: affectedBy(input, pipelines),
    findings: findingsOf(input, pipelines),
    pipelines,
  };
}

function toDiff({ path, before, after }: ChangedFile): Effect['files'][number] {
  const status = before === undefined ? 'added' : 'modified';
  return {
    path,
    status: after === undefined ? 'deleted' : status,
    diff: lineDiff(before, after),
  };
}

function nodeName({ before, after }: PipelineEffect, id: string): string {
  const find = (graph?: PipelineEffect['after']) =>
    graph?.nodes.find(node => node.id === id)?.name;
  return find(after) ?? find(before) ?? id;
}

type Item = ReadProject['pipelines'][number];

function itemsOf(read?: ReadProject): Map<string, Item> {
  const all = [...(read?.pipelines ?? [])];
  return new Map(all.map(item => [item.name, item]));
}

/** Folder of the project in the repository, with the slash. */
function folderOf({ before, after }: EffectInput): string {
  return `${(after ?? before)?.path ?? ''}/`;
}

function pipelinesOf(input: EffectInput): PipelineEffect[] {
  const before = itemsOf(input.before);
  const after = itemsOf(input.after);
  const changedFiles = new Set(input.files.map(file => file.path));
  const shared = changedShared(input);
  const sourceChanged = input.files.some(file => isSource(input, file.path));
  const names = [...new Set([...after.keys(), ...before.keys()])];
  return names.flatMap(name => {
    const old = before.get(name);
    const now = after.get(name);
    const file = (now ?? old)!.file;
    const touched =
      changedFiles.has(file) ||
      (old && changedFiles.has(old.file)) ||
      [old, now].some(
        item => item?.document && usesShared(item.document, shared),
      ) ||
      (sourceChanged && takesGit(now?.document));
    if (!touched) return [];
    return [
      pipelineEffect({
        pipeline: name,
        file,
        before: sideOf(old, input.before),
        after: sideOf(now, input.after),
        sourceChanged,
        facts: input.facts?.[name],
      }),
    ];
  });
}

function sideOf(item: Item | undefined, read: ReadProject | undefined) {
  return item?.document && read
    ? { document: item.document, templates: read.templates }
    : undefined;
}

// What steps run or read: everything in the folder but words for people and the portal's own files.
function isSource(input: EffectInput, path: string): boolean {
  const folder = folderOf(input);
  if (!path.startsWith(folder)) return false;
  const rest = path.slice(folder.length);
  return !/^(?:docs|models|pipelines|test|tests)\/|\.md$|^mlproject\.yaml$|(?:^|\/)(?:LICEN[CS]E|CODEOWNERS|\.gitignore)$/i.test(
    rest,
  );
}

function takesGit(document?: ParsedWorkflow): boolean {
  return (
    Boolean(document) && JSON.stringify(document!.manifest).includes('"git":')
  );
}

/** Names of shared template files that the edits change. */
function changedShared(input: EffectInput): Set<string> {
  const folder = folderOf(input);
  const names = new Set<string>();
  for (const { path, before, after } of input.files) {
    if (path.startsWith(folder) && !path.startsWith(`${folder}pipelines/`))
      continue;
    for (const text of [before, after])
      for (const name of manifestNames(text ?? '')) names.add(name);
  }
  return names;
}

// By lines, since a text that somebody is typing is seldom whole YAML.
function manifestNames(text: string): string[] {
  const names: string[] = [];
  let within = false;
  for (const line of text.split('\n')) {
    const begins = line.startsWith('metadata:');
    within = begins || (within && /^[ \t]/.test(line));
    if (!within) continue;
    const [, name] =
      /(?:^|[\s{,])name:[ \t]*["']?([\w.-]+)/.exec(line.slice(0, 1_000)) ?? [];
    if (name === undefined) continue;
    names.push(name);
    within = false;
  }
  return names;
}

function usesShared(document: ParsedWorkflow, names: Set<string>): boolean {
  return (
    names.size > 0 && templatesUsedBy([document]).some(name => names.has(name))
  );
}

/** Names of templates in other files that documents refer to. @public */
export function templatesUsedBy(documents: ParsedWorkflow[]): string[] {
  const names = new Set<string>();
  for (const { manifest } of documents)
    walk(manifest, value => {
      for (const ref of [value.templateRef, value.workflowTemplateRef])
        if (typeof ref?.name === 'string') names.add(ref.name);
    });
  return [...names];
}

function walk(
  value: unknown,
  visit: (record: Record<string, any>) => void,
): void {
  if (Array.isArray(value)) value.forEach(item => walk(item, visit));
  else if (typeof value === 'object' && value !== null) {
    visit(value as Record<string, any>);
    Object.values(value).forEach(item => walk(item, visit));
  }
}

function affectedBy(
  input: EffectInput,
  pipelines: PipelineEffect[],
): Effect['affected'] {
  const { before, after, files, facts } = input;
  const changed = new Set(files.map(file => file.path));
  const fileNames = (kind: 'models' | 'datasets') =>
    [...(before?.[kind] ?? []), ...(after?.[kind] ?? [])]
      .filter(item => changed.has(item.file))
      .map(item => item.name);
  const known = (kind: 'models' | 'datasets') =>
    new Set(
      [...(before?.[kind] ?? []), ...(after?.[kind] ?? [])].map(
        item => item.name,
      ),
    );
  const ofRuns = (kind: 'models' | 'datasets', word: string) =>
    pipelines.flatMap(({ pipeline }) => [
      ...(facts?.[pipeline]?.[kind] ?? []),
      ...namedBy(after ?? before, pipeline, word).filter(name =>
        known(kind).has(name),
      ),
    ]);
  const shared = changedShared(input);
  const others = (input.others ?? []).filter(other =>
    other.uses.some(name => shared.has(name)),
  );
  const unique = (names: (string | undefined)[]) =>
    [...new Set(names.filter((name): name is string => Boolean(name)))].sort();
  return {
    pipelines: unique(pipelines.map(of => of.pipeline)),
    models: unique([...fileNames('models'), ...ofRuns('models', 'model')]),
    datasets: unique([
      ...fileNames('datasets'),
      ...ofRuns('datasets', 'dataset'),
    ]),
    teams: unique([
      before?.project?.spec.owner,
      after?.project?.spec.owner,
      ...others.map(other => other.owner),
    ]),
    projects: unique(others.map(other => other.name)),
  };
}

/** Values of a pipeline's parameter that names a model or dataset. */
function namedBy(
  read: ReadProject | undefined,
  pipeline: string,
  word: string,
): string[] {
  const document = read?.pipelines.find(
    item => item.name === pipeline,
  )?.document;
  const list = document?.manifest.spec?.arguments?.parameters;
  if (!Array.isArray(list)) return [];
  return list
    .filter(item => item?.name === word)
    .map(item => String(item.value ?? item.default ?? ''));
}

function findingsOf(
  input: EffectInput,
  pipelines: PipelineEffect[],
): Problem[] {
  const { after } = input;
  const touched = new Set(pipelines.map(of => of.file));
  const changed = new Set(input.files.map(file => file.path));
  const remarks = [...(after?.pipelines ?? []), ...(after?.schedules ?? [])]
    .filter(item => touched.has(item.file) || changed.has(item.file))
    .flatMap(item => item.problems);
  const secrets = input.files.flatMap(({ path, after: text }) =>
    text === undefined ||
    /(?:^|\/)(?:yarn\.lock|package-lock\.json|pnpm-lock\.yaml)$/.test(path)
      ? []
      : findSecrets(text, path),
  );
  const all = [
    ...(after?.problems ?? []),
    ...remarks,
    ...(input.sharedProblems ?? []),
    ...danglingReferences(input.before, after, input.files),
    ...secrets,
  ];
  const seen = new Set<string>();
  return all.filter(({ file, line, column, code, message }) => {
    const key = `${file}:${line}:${column}:${code}:${message}`;
    return !seen.has(key) && Boolean(seen.add(key));
  });
}
